"""Doors through which a step may write: closed around text, opened for what tells none of it.

`resources.containment.audit_hook` closes them; who opens one for a moment, and why, is found by
`opened`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Doors(threading.local):
    closed = 0


of_thread = _Doors()
"""How often the doors of this thread were closed and not opened again."""


@contextmanager
def opened() -> Iterator[None]:
    """Around what tells no text: sealed bytes, keys, the inbox's place."""
    before, of_thread.closed = of_thread.closed, 0
    try:
        yield
    finally:
        of_thread.closed = before
