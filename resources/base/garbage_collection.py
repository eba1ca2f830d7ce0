"""How often Python looks for cycles that nobody holds: less often than by itself.

Loading Dagster and pandas makes hundreds of thousands of objects, of which none is ever garbage.
Python looks through them again and again while they are loaded: a fourth of the time that a process
of ours takes to start.
"""

import gc

_NEW_OBJECTS = 20_000
"""More of these than before are looked through; Python itself says 700."""


def look_seldom() -> None:
    """Set it for this process. Cycles wait longer: some tens of megabytes at most."""
    gc.set_threshold(_NEW_OBJECTS)
