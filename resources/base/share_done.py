"""How much of long work is done: told by the step that does it, shown by whoever watches.

Counts only, and only within the process: a run that Dagster launches has nobody who watches it.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

Tell = Callable[[int, int], None]
"""Takes how many pieces are done, and of how many."""

Piece = TypeVar("Piece")
_watching: list[Tell] = []


@contextmanager
def watched(tell: Tell | None) -> Iterator[None]:
    """Have the work below told to this one, and to nobody else; to nobody if there is none."""
    _watching.append(tell or _nobody)
    try:
        yield
    finally:
        _watching.pop()


def told(pieces: Collection[Piece]) -> Iterator[Piece]:
    """Each piece of work in turn; that it is done is told when the next one is asked for."""
    for done, piece in enumerate(pieces):
        _tell(done, len(pieces))
        yield piece
    _tell(len(pieces), len(pieces))


def _tell(done: int, of: int) -> None:
    if _watching and of:
        _watching[-1](done, of)


def _nobody(done: int, of: int) -> None:
    pass
