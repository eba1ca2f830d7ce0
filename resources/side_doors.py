"""While a step that may hold text runs, its thread writes, starts and calls nothing but ours.

A library may spill to a temporary file or to shared memory, hand what it works on to another
program, whose arguments every user of the machine can read, or report home. Python tells an audit
hook of each such act; here that thread is refused. The hook does not see what compiled code does by
itself, nor threads that a library starts.
"""

import mmap
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from resources.doors import of_thread

_PROGRAMS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "pty.spawn"}
)
_TEMPORARY = frozenset({"sqlite3.connect"})
_NETWORK = frozenset({"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg"})
_REFUSED = _PROGRAMS | _TEMPORARY | _NETWORK
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_NO_FILE = -1
_SHARED = (mmap.ACCESS_DEFAULT, mmap.ACCESS_WRITE)
_OF_NO_KEEPING = (os.devnull, ":memory:")


_hooked = threading.Event()
_hooking = threading.Lock()


@contextmanager
def closed() -> Iterator[None]:
    """Refuse this thread files opened for writing, shared memory, programs and the network.

    What is refused raises `PermissionError` there, which libraries that can do without take.
    """
    with _hooking:
        if not _hooked.is_set():
            # Found by writing a file, once in a process; behind closed doors there would be none,
            # and libraries that only ask where it is would fail.
            tempfile.gettempdir()
            sys.addaudithook(_refuse)
            _hooked.set()
    of_thread.closed += 1
    try:
        yield
    finally:
        of_thread.closed -= 1


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if not of_thread.closed:
        return
    first = args[0] if args else None
    if event == "open":
        # A number is a descriptor that was opened before, and was told of then.
        refused = not isinstance(first, int) and bool(args[2] & _WRITING)
    elif event == "mmap.__new__":
        refused = first != _NO_FILE and args[2] in _SHARED
    else:
        refused = event in _REFUSED
    if refused and first not in _OF_NO_KEEPING:
        raise PermissionError
