"""The release journal: which draws were made, kept beside the database.

A database that comes back from a backup has forgotten what was drawn and published since, and would
draw it again. The journal is an append-only file in the home; a draw is noted, and on the disk,
before it is made.
"""

import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.core.errors import StorageError, refuse_as
from resources.base import doors
from resources.base.files import add_lines, flush
from resources.stores.release.release_ledger import DrawKey


@dataclass(frozen=True)
class ReleaseJournal:
    """The file; its lines hold region, day, method and revision, nothing from data."""

    path: Path

    def note(self, key: DrawKey) -> None:
        """Add a draw and wait until it is on the disk.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`.
        """
        with refuse_as(StorageError("DISK_NOT_WRITABLE"), OSError):
            with doors.opened():
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                # Another region may be drawn at this moment.
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                new = not os.fstat(descriptor).st_size
                add_lines(descriptor, f"{_line(key)}\n")
                if new:
                    flush(self.path.parent)
            finally:
                os.close(descriptor)

    def knows(self, key: DrawKey) -> bool:
        """Whether the draw was made."""
        return not self.lacking([key])

    def lacking(self, keys: Iterable[DrawKey]) -> list[DrawKey]:
        """Those of these draws that it doesn't know."""
        known = set(self._written())
        return [key for key in keys if _line(key) not in known]

    def draws(self) -> list[DrawKey]:
        """Every draw that it knows, in the order of noting, each once."""
        found = (_read(one) for one in self._written())
        return list(dict.fromkeys(key for key in found if key is not None))

    def _written(self) -> list[str]:
        try:
            return self.path.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []


def _line(key: DrawKey) -> str:
    return f"{key.region} {key.day.isoformat()} {key.method_version} {key.revision}"


def _read(written: str) -> DrawKey | None:
    """None for what is no line, such as the start of one that a crash cut off."""
    try:
        region, day, method_version, revision = written.split(" ")
        key = DrawKey(region, date.fromisoformat(day), method_version, int(revision))
    except ValueError:
        return None
    return key if _line(key) == written else None
