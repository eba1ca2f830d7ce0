"""How much room deliveries take that are not whole yet, and which of them go for another."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from assets.core.errors import StorageError

LARGEST_DELIVERY = 2 << 30
"""Bytes, as of an export at the door."""


@dataclass(frozen=True)
class Room:
    """What they may take.

    Attributes:
        link_bytes: all of one group's together; its oldest go for a further piece.
        link_number: likewise.
        link_whole: deliveries of one group that may get whole within their lifetime.
        most_bytes: all of all groups together; further pieces wait.
        most_number: likewise.
        spare_bytes: what stays free on the disk.
    """

    link_bytes: int = LARGEST_DELIVERY
    link_number: int = 20
    link_whole: int = 100
    most_bytes: int = 20 << 30
    most_number: int = 2_000
    spare_bytes: int = 1 << 30


@dataclass(frozen=True)
class Part:
    """A delivery that is not whole yet.

    Attributes:
        path: where it lies, in its group's folder.
        size: bytes.
        changed: when, in seconds since 1970.
    """

    path: Path
    size: int
    changed: float


@dataclass(frozen=True)
class Taken:
    """What there is now.

    Attributes:
        folder: of all groups.
        room: what may be taken.
        parts: of all groups.
    """

    folder: Path
    room: Room
    parts: Sequence[Part] = field(repr=False)

    def require_number(self, own: Path) -> None:
        """Make room for one more delivery of a group: its oldest goes, one without bytes first.

        Args:
            own: the group's folder.

        Raises:
            StorageError: `DELIVERIES_FULL`.
        """
        if sum(1 for _ in own.glob("*.done")) >= self.room.link_whole:
            raise StorageError("DELIVERIES_FULL")
        mine = self._of(own)
        going = mine[: max(len(mine) - self.room.link_number + 1, 0)]
        if len(self.parts) - len(going) >= self.room.most_number:
            raise StorageError("DELIVERIES_FULL")
        for one in going:
            one.path.unlink(missing_ok=True)

    def require_bytes(self, path: Path, more: int) -> None:
        """Make room for further bytes of a delivery: other ones of its group go, oldest first.

        Args:
            path: the delivery.
            more: bytes.

        Raises:
            StorageError: `DELIVERIES_FULL`; nothing went.
        """
        mine = self._of(path.parent)
        over = sum(one.size for one in mine) + more - self.room.link_bytes
        going: list[Part] = []
        for one in mine:
            if over > 0 and one.path != path:
                going.append(one)
                over -= one.size
        gone = sum(one.size for one in going)
        total = sum(one.size for one in self.parts) - gone + more
        free = shutil.disk_usage(self.folder).free + gone - more
        if total > self.room.most_bytes or free < self.room.spare_bytes:
            raise StorageError("DELIVERIES_FULL")
        for one in going:
            one.path.unlink(missing_ok=True)

    def _of(self, own: Path) -> Sequence[Part]:
        mine = [one for one in self.parts if one.path.parent == own]
        return sorted(mine, key=lambda one: (one.size > 0, one.changed))


def taken(folder: Path, room: Room) -> Taken:
    """What there is now; pieces that come meanwhile may add one each."""
    return Taken(folder, room, list(_parts(folder)))


def _parts(folder: Path) -> Iterator[Part]:
    for own in folder.iterdir():
        inside: list[os.DirEntry[str]] = []
        # What is looked at may get whole, or too old, meanwhile.
        with suppress(FileNotFoundError, NotADirectoryError):
            inside = list(os.scandir(own))
        for one in inside:
            with suppress(FileNotFoundError):
                if one.name.endswith(".part"):
                    found = one.stat(follow_symlinks=False)
                    yield Part(Path(one.path), found.st_size, found.st_mtime)
