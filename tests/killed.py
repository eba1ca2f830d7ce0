"""A process killed between any two statements."""

import sys
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Killed(BaseException):
    """As a signal that nothing can catch."""


@contextmanager
def killed_at(statement: int, code: Collection[str]) -> Iterator[list[int]]:
    """End the block before the statement of this number that runs in some code of ours.

    Args:
        statement: its number, from 1; 0 for none.
        code: parts of the paths of the files that are meant.

    Yields:
        How many statements have run, as its one element.
    """
    passed = [0]

    def local(_: FrameType, event: str, __: Any) -> Any:
        if event == "line":
            passed[0] += 1
            if passed[0] == statement:
                raise Killed
        return local

    def follow(frame: FrameType, event: str, _: Any) -> Any:
        return local if any(one in frame.f_code.co_filename for one in code) else None

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        yield passed
    except Killed as killed:
        sys.settrace(before)
        _let_go(killed)
        raise
    finally:
        sys.settrace(before)


def _let_go(killed: BaseException) -> None:
    """Close what its frames hold at once, as the end of a process does."""
    told: BaseException | None = killed
    while told is not None:
        traceback.clear_frames(told.__traceback__)
        told = told.__context__
