"""The machine: its clock, its disks and its swap."""

import ctypes
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resources.containment.swap import BLOCK_DEVICES, SWAPS, swap_may_keep_text

_CLOCK_STATE_ERROR = 5
"""What `adjtimex` returns while nothing keeps the clock right (TIME_ERROR, adjtimex(2))."""


def clock_is_kept() -> bool | None:
    """Whether the kernel's clock is kept right by something; None where that can't be asked.

    It reads and sets nothing (`modes` 0), which takes no rights.
    """
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
    if adjtimex is None:
        return None
    # struct timex is 208 bytes on 64-bit Linux and smaller elsewhere; its first field is `modes`.
    state = adjtimex(ctypes.create_string_buffer(512))
    return None if state < 0 else state != _CLOCK_STATE_ERROR


@dataclass(frozen=True)
class Machine:
    """Where its state is read; tests read it elsewhere.

    Attributes:
        swaps: Linux's list of active swap.
        devices: Linux's block devices.
        room_of: a file system's room, by a path on it.
        clock_is_kept: as the function.
    """

    swaps: Path = SWAPS
    devices: Path = BLOCK_DEVICES
    room_of: Callable[[Path], os.statvfs_result] = os.statvfs
    clock_is_kept: Callable[[], bool | None] = field(default=clock_is_kept)

    def swap_may_keep_text(self) -> bool:
        """See `resources.containment.swap`."""
        return swap_may_keep_text(self.swaps, self.devices)


@dataclass(frozen=True)
class Room:
    """What is left on a file system for this user.

    Attributes:
        free_bytes: bytes.
        free_files: files and folders; None where the file system does not count them.
        is_writable: whether this user may write there.
    """

    free_bytes: int
    free_files: int | None
    is_writable: bool


def rooms(machine: Machine, places: Mapping[str, Path]) -> dict[str, Room]:
    """What is left, by the name of each place that is there.

    Raises:
        PermissionError: this user may not look.
    """
    found = {}
    for name, path in places.items():
        if path.exists():
            told = machine.room_of(path)
            found[name] = Room(
                free_bytes=told.f_bavail * told.f_frsize,
                free_files=told.f_favail if told.f_files else None,
                is_writable=os.access(path, os.W_OK),
            )
    return found
