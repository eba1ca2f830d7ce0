"""Processes that end with the one they serve, whatever way it ends and however far they descend.

The one holds a lock on a file; the others wait for it in a thread. The kernel lets the lock go with
its holder, also when that is killed, so no process number is kept that may be another's by then.
"""

import fcntl
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LIFELINE = "TIDELINE_LIFELINE"
"""Names the file to the processes that are to end."""

_PREFIX = "lifeline-"
_GRACE_SECONDS = 10

_followed: set[tuple[int, str]] = set()


@contextmanager
def lifeline(folder: Path) -> Iterator[dict[str, str]]:
    """Hold the lock; yields the environment of processes that are to end when it is let go.

    Args:
        folder: a folder that only this user writes to.
    """
    _forget_dead(folder)
    descriptor, name = tempfile.mkstemp(prefix=_PREFIX, dir=folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield {LIFELINE: name}
    finally:
        Path(name).unlink(missing_ok=True)
        os.close(descriptor)


def follow_lifeline(last_act: Callable[[], None]) -> None:
    """End this process, first asked and then made to, when the process it serves is gone.

    Args:
        last_act: what must still be done where it has to be killed, which skips all that it would
            do at its end. Called in another thread than the main one, which may be stuck.
    """
    name = os.environ.get(LIFELINE)
    # A forked child has no thread of its parent's.
    if name and (os.getpid(), name) not in _followed:
        _followed.add((os.getpid(), name))
        threading.Thread(target=_end_with, args=(name, last_act), daemon=True).start()


def _end_with(name: str, last_act: Callable[[], None]) -> None:
    # No such file: it was gone before we looked.
    with suppress(OSError):
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    try:
        last_act()
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


def _forget_dead(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
