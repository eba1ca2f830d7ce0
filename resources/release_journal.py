"""The release journal: which draws were made, kept beside the database.

A database that comes back from a backup has forgotten what was drawn and published since, and would
draw it again. The journal is an append-only file in the home; a draw is noted, and on the disk,
before it is made.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assets.governance.errors import StorageError
from resources import side_doors
from resources.release_ledger import DrawKey


@dataclass(frozen=True)
class ReleaseJournal:
    """The file; its lines hold region, day, method and revision, nothing from data."""

    path: Path

    def note(self, key: DrawKey) -> None:
        """Add a draw and wait until it is on the disk.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`.
        """
        failed = False
        try:
            with side_doors.opened():
                descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(f"{_line(key)}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            failed = True
        if failed:
            raise StorageError("DISK_NOT_WRITABLE")

    def knows(self, key: DrawKey) -> bool:
        """Whether the draw was made."""
        return not self.lacking([key])

    def lacking(self, keys: Iterable[DrawKey]) -> list[DrawKey]:
        """Those of these draws that it doesn't know."""
        try:
            known = set(self.path.read_text("utf-8").splitlines())
        except FileNotFoundError:
            known = set()
        return [key for key in keys if _line(key) not in known]


def _line(key: DrawKey) -> str:
    return f"{key.region} {key.day.isoformat()} {key.method_version} {key.revision}"
