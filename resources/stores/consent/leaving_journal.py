"""The leaving journal: who left and who objected, kept beside the database.

A database that comes back from a backup has forgotten the withdrawals and objections made since,
and would read people again who said no. The journal is a file in the home: a line is on the disk
before what it tells of is committed. Lines hold references, moments and keyed digests; those of
members are sealed, so that nobody reads in which group somebody objected. Keys of the portal's
invitations that were revoked, and those of the home that were rotated away, stand there, too
(`resources.stores.consent.key_lines`): they are forgotten in the same way.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assets.core.errors import StorageError, refuse_as
from resources.base import doors
from resources.base.database.tables import consent_events, leaving_requests, member_events
from resources.base.files import add_lines, flush
from resources.stores.consent.key_lines import (
    Retirement,
    is_of_key,
    read_retirement,
    read_revocation,
    written_revocation,
)
from resources.stores.consent.sealed_lines import SealedLine, Sealing, digest_of_words

TABLES: Mapping[str, sa.Table] = {
    "withdrawal": consent_events,
    "request": leaving_requests,
    "member": member_events,
}
"""What lines tell of, and where it is kept in the database."""

_BEGUN = '{"what": "begun"}'
"""The first line. A file without it began with somebody leaving after the journal was lost."""

_COLUMNS = {
    "withdrawal": ("group_ref", "at", "mode"),
    "request": ("group_ref", "at", "kind"),
    "member": tuple(one.name for one in member_events.columns if one.name != "seq"),
}


@dataclass(frozen=True)
class JournalLine:
    """One line.

    Attributes:
        what: a key of `TABLES`.
        row: the columns that make the row up.
    """

    what: str
    row: Mapping[str, Any]

    @classmethod
    def of(cls, what: str, row: Mapping[str, Any]) -> "JournalLine":
        """The line of a row, which may have further columns."""
        return cls(what, {name: row[name] for name in _COLUMNS[what]})

    @property
    def group_ref(self) -> str:
        """Whose it is."""
        return self.row["group_ref"]

    @property
    def at(self) -> datetime:
        """When it was recorded (aware)."""
        return self.row["at"]

    @property
    def known_as(self) -> str:
        """By which it is compared: the same row, the same digest, sealed or not."""
        return digest_of_words(self.written())

    def written(self) -> str:
        """As it stands in the file where it is not sealed; the same row gives the same words."""
        return json.dumps({"what": self.what, **self.row}, sort_keys=True, default=_in_words)


def _in_words(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat()


def _as_in_file(line: JournalLine | SealedLine) -> str:
    if isinstance(line, JournalLine):
        return line.written()
    return json.dumps({"what": line.what, "known_as": line.known_as, "sealed": line.sealed})


def _read(written: str) -> JournalLine | SealedLine | None:
    """None for what is no line, such as the start of one that a crash cut off."""
    try:
        found = json.loads(written)
        what = found.pop("what")
        if "sealed" in found:
            return SealedLine(str(found["known_as"]), str(found["sealed"]))
        row = {name: found[name] for name in _COLUMNS[what]}
        row["at"] = datetime.fromisoformat(row["at"])
        if what == "member":
            row["day"] = date.fromisoformat(row["day"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return JournalLine(what, row)


@dataclass(frozen=True)
class LeavingJournal:
    """The file. A home has one from the start (`begin`): without it nobody knows who left.

    Attributes:
        path: of the file.
        sealing: of what members said; without it their lines stand in clear.
    """

    path: Path
    sealing: Sealing | None = field(default=None, compare=False)

    def begin(self) -> None:
        """Begin the journal, unless it has begun: it holds all that there is to know.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`.
        """
        if not self.begun():
            self._add(f"{_BEGUN}\n")

    def note(self, lines: Sequence[JournalLine]) -> None:
        """Add lines and wait until they are on the disk; call it last before the commit.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`; where members said something, `MEMBER_KEY_MISSING`
                or `MEMBER_KEY_INVALID`.
        """
        self._add("".join(f"{_as_in_file(self._sealed(line))}\n" for line in lines))

    def note_revoked(self, keys: Mapping[str, datetime]) -> None:
        """Note keys of invitations that were revoked, and wait until they are on the disk.

        Args:
            keys: public keys in base64, each with the moment (aware).

        Raises:
            StorageError: `DISK_NOT_WRITABLE`.
        """
        if keys:
            self._add("".join(f"{written_revocation(key, at)}\n" for key, at in keys.items()))

    def revoked(self) -> dict[str, datetime]:
        """Keys of invitations that were revoked, each with the moment at which it first was."""
        found = [one for line in self._written() if (one := read_revocation(line)) is not None]
        return dict(reversed(found))

    def note_retired(self, retired: Retirement) -> None:
        """Note a key that is rotated away, and wait until it is on the disk; call it before it is.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`.
        """
        self._add(f"{retired.written()}\n")

    def retirements(self) -> list[Retirement]:
        """Every key that was rotated away, in the order of noting."""
        return [one for line in self._written() if (one := read_retirement(line)) is not None]

    def begun(self) -> bool:
        """Whether there is a journal that began with the home, or was written anew."""
        return _BEGUN in self._written()

    def lines(self) -> list[JournalLine | SealedLine]:
        """Every whole line, in the order of noting."""
        return [line for one in self._written() if (line := _read(one)) is not None]

    def opened(self, line: JournalLine | SealedLine) -> JournalLine:
        """A line as it was before it was sealed.

        Raises:
            StorageError: `MEMBER_KEY_MISSING`, `MEMBER_KEY_INVALID`.
        """
        if isinstance(line, JournalLine):
            return line
        found = None if self.sealing is None else _read(self.sealing.words(line))
        if not isinstance(found, JournalLine):
            raise StorageError("MEMBER_KEY_INVALID")
        return found

    def seal_members(self) -> None:
        """Seal what an earlier version noted in clear.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`, `MEMBER_KEY_MISSING`, `MEMBER_KEY_INVALID`; the
                journal stays as it was.
        """
        if any(self._sealed(line) is not line for line in self.lines()):
            self._rewrite(lambda _: True)

    def _sealed(self, line: JournalLine | SealedLine) -> JournalLine | SealedLine:
        if self.sealing is None or isinstance(line, SealedLine) or line.what != "member":
            return line
        return self.sealing.sealed(line.written())

    def _written(self) -> list[str]:
        try:
            return self.path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def drop(self, due: Callable[[JournalLine | SealedLine], bool]) -> int:
        """Take out the lines that are due, in one step. Returns how many.

        Raises:
            StorageError: `DISK_NOT_WRITABLE`; the journal stays as it was.
        """
        if not any(due(line) for line in self.lines()):
            return 0
        return self._rewrite(lambda line: not due(line))

    def _rewrite(self, stays: Callable[[JournalLine | SealedLine], bool]) -> int:
        """Put a file of those that stay in place of the file. Returns how many went."""
        partial = self.path.with_name(f".{self.path.name}.partial")
        with refuse_as(StorageError("DISK_NOT_WRITABLE"), OSError), self._locked():
            before = self.lines()
            kept = [self._sealed(line) for line in before if stays(line)]
            of_keys = [one for one in self._written() if is_of_key(one)]
            head = "".join(f"{one}\n" for one in ([_BEGUN] if self.begun() else []) + of_keys)
            with doors.opened():
                descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                lines = "".join(f"{_as_in_file(line)}\n" for line in kept)
                file.write(f"{head}{lines}".encode())
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
            flush(self.path.parent)
        return len(before) - len(kept)

    def _add(self, written: str) -> None:
        with refuse_as(StorageError("DISK_NOT_WRITABLE"), OSError), self._locked() as descriptor:
            new = not os.fstat(descriptor).st_size
            add_lines(descriptor, written)
            if new:
                flush(self.path.parent)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, opened to add to; nobody else adds to it or puts another in its place."""
        while True:
            with doors.opened():
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                try:
                    same = os.fstat(descriptor).st_ino == self.path.stat().st_ino
                except FileNotFoundError:
                    same = False
                if same:
                    yield descriptor
                    return
            finally:
                os.close(descriptor)
