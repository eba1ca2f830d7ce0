"""The journals of a restored home: the backup's own, or newer copies, which are the right ones."""

import os
from dataclasses import dataclass
from pathlib import Path

from assets.core.errors import SetupError, StorageError
from resources.base.files import write_once
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.release.release_journal import ReleaseJournal


@dataclass(frozen=True)
class Journals:
    """Where the two lie.

    Attributes:
        leaving: who left and objected, and which keys were revoked or rotated away.
        release: which draws were made.
    """

    leaving: Path
    release: Path

    @classmethod
    def of(cls, folder: Path) -> "Journals":
        """By the names that they have in a home."""
        return cls(folder / "leaving-journal", folder / "release-journal")

    def require_newer(self, than: "Journals") -> None:
        """Refuse copies that lack what the backup's own hold.

        What members said goes from a journal when it is past its time, so that is not asked for.

        Raises:
            SetupError: `FILE_NOT_FOUND` where there is no leaving journal that can be read.
            StorageError: `JOURNALS_NOT_NEWER`.
        """
        if not os.access(self.leaving, os.R_OK):
            raise SetupError("FILE_NOT_FOUND")
        own, other = LeavingJournal(self.leaving), LeavingJournal(than.leaving)
        known = {line.known_as for line in own.lines()}
        lacking = [
            line for line in other.lines() if line.what != "member" and line.known_as not in known
        ]
        revocations_lack = other.revoked().keys() - own.revoked()
        draws = ReleaseJournal(than.release).draws()
        if (
            (other.begun() and not own.begun())
            or lacking
            or revocations_lack
            or set(other.retirements()) - set(own.retirements())
            or (self.release.is_file() and ReleaseJournal(self.release).lacking(draws))
        ):
            raise StorageError("JOURNALS_NOT_NEWER")

    def copy_to(self, target: "Journals") -> None:
        """Write those that are there; a last line that a crash cut off swallows no other.

        Raises:
            StorageError: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_NOT_WRITABLE`.
        """
        for source, path in ((self.leaving, target.leaving), (self.release, target.release)):
            if source.is_file():
                content = source.read_bytes()
                end = b"" if not content or content.endswith(b"\n") else b"\n"
                write_once(path, content + end)
