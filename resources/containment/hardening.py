"""At the start of every process that may hold text: nobody reads its memory, no crash tells of it.

What a process can't do for itself (hibernation, snapshots of the machine, an administrator) stands
in docs/threat-model.md.
"""

import ctypes
import faulthandler
import logging
import os
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any, Literal, Protocol

from assets.core.errors import SealError
from assets.core.modes import Mode
from resources.containment.sealed_errors import chain
from resources.containment.swap import swap_may_keep_text

STATUS = Path("/proc/self/status")
_PR_SET_DUMPABLE = 4
_SWITCHES = ("PYTHONDEVMODE", "PYTHONINSPECT")


def harden() -> None:
    """Leave no core, let no other process of this user look in, and crash without a word.

    Does what the machine lets it do: all of it on Linux, no harm elsewhere.
    """
    _forbid_core_dumps()
    # It would write to whichever file it was pointed to before.
    faulthandler.cancel_dump_traceback_later()
    faulthandler.disable()
    tracemalloc.stop()
    # What no step catches: in the main thread, in a thread, while an object is taken away.
    sys.excepthook = lambda _kind, error, _frames: tell_without_text(error)
    threading.excepthook = lambda told: tell_without_text(told.exc_value)
    sys.unraisablehook = lambda told: tell_without_text(told.exc_value)
    asyncio_log = logging.getLogger("asyncio")
    asyncio_log.handlers[:] = [logging.NullHandler()]
    asyncio_log.propagate = False


class Reads(Protocol):
    """What reads real messages, or not: a home's configuration, or a connector's."""

    @property
    def mode(self) -> Mode:
        """Of the home."""
        ...

    @property
    def swap(self) -> Literal["encrypted"] | None:
        """What somebody vouches for."""
        ...


def refuse_exposed(config: Reads) -> None:
    """Before real messages are read, refuse where their words could get out of memory.

    Raises:
        SealError: `PROCESS_WATCHED` under a debugger, a tracer or one of Python's development
            switches, `SWAP_ACTIVE` if memory may be swapped to a disk in the clear.
    """
    if config.mode is Mode.SYNTHETIC:
        return
    if is_watched():
        raise SealError("PROCESS_WATCHED")
    if config.swap != "encrypted" and swap_may_keep_text():
        raise SealError("SWAP_ACTIVE")


def is_watched() -> bool:
    """Whether a debugger or tracer is attached, or Python was started to be looked into."""
    return (
        sys.gettrace() is not None
        or bool(sys.flags.inspect or sys.flags.interactive or sys.flags.dev_mode)
        or any(os.environ.get(name) for name in _SWITCHES)
        or bool(sys.modules.keys() & {"debugpy", "pydevd"})
        or _has_tracer()
    )


def tell_without_text(error: BaseException | None) -> None:
    """Print the classes and our own places of an error to standard error, and no more."""
    if error is not None and sys.stderr is not None:
        sys.stderr.write(f"STEP_BROKEN {chain(error)}\n")


def _forbid_core_dumps() -> None:
    try:
        import resource  # noqa: PLC0415  (not on every system)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A core that is piped to a program ignores that limit; a process that is not dumpable has
    # none, and other processes of its user can neither trace it nor read its memory.
    prctl: Any = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _has_tracer() -> bool:
    try:
        lines = STATUS.read_text("ascii", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in lines)
