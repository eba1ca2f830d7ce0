"""Presidio, imported without the engines of other libraries, none of which is ever asked.

Importing it loads every engine for which a library is installed: torch and transformers alone take
6 CPU-seconds and 400 MB. Presidio does without each, as extras of its own; here it is told that
they are not installed. Where they aren't, as in whatever runs daily, nothing is hidden.
"""

import sys
from functools import cache
from types import ModuleType

EXTRAS = ("torch", "transformers", "stanza", "flair", "gliner", "langextract", "cupy", "tensorflow")
"""Libraries of engines. spaCy isn't one: Presidio can't be imported without it."""


@cache
def presidio() -> ModuleType:
    """The package `presidio_analyzer`; the first call takes one to two CPU-seconds.

    Libraries that are loaded already stay as they are.
    """
    # None is how Python itself says that a module can't be imported (importlib, "sys.modules").
    hidden = [name for name in EXTRAS if name not in sys.modules]
    modules: dict[str, ModuleType | None] = sys.modules  # pyright: ignore[reportAssignmentType]
    for name in hidden:
        modules[name] = None
    try:
        import presidio_analyzer  # noqa: PLC0415
    finally:
        for name in hidden:
            del modules[name]
    return presidio_analyzer
