# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""The inbox: exports sealed with age on receipt, one folder for each group reference.

Only the holder of the identity can open one, and only `open_export` does, in memory. File names
say when a file came and what its digest is, never what it was called.
"""

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, BinaryIO, cast

import pyrage

from assets.core.errors import ExportError, SetupError, StorageError, refuse_as
from resources.base import doors
from resources.stores.consent.consent_terms import GROUP_REF
from resources.stores.consent.departures import FOR_GOOD
from resources.stores.inbox.blocks import (
    BEGINS,
    BLOCK_BYTES,
    FEWEST_BLOCKS,
    UnsealedBlocks,
    read_whole,
    sealed_in_blocks,
)
from resources.stores.inbox.file_names import STAMP, bookmark_named, export_named
from resources.stores.inbox.location import InboxLocation

MAX_EXPORT_BYTES = 2 * 1024**3
LARGEST_BOOKMARK = 256 << 20
"""Bytes of what is kept of a reading; 17 for each text make most of it."""
# After the export: the note, its length, and this. No text and no zip ends so.
_NOTE_SIGN, _NOTE_LENGTH = b"\0tideline note 1\0", 4
_NOTE_END = _NOTE_LENGTH + len(_NOTE_SIGN)


@dataclass(frozen=True)
class SealedExport:
    """A file in the inbox.

    Attributes:
        group_ref: whose folder it lies in.
        arrived_at: when it was received (aware, UTC).
        digest: SHA-256 of the sealed bytes, so that it tells nothing about the text.
        path: where it lies on the inbox's file system.
    """

    group_ref: str
    arrived_at: datetime
    digest: str
    path: str


class Unsealed(io.BytesIO):
    """An export's bytes in memory, and the note that was sealed with them.

    Attributes:
        note: what was told of the export when it was delivered; empty if nothing was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.note = b""

    def take_note(self) -> None:
        """Cut the note off the end, if there is one."""
        size = self.seek(0, io.SEEK_END)
        self.seek(max(size - _NOTE_END, 0))
        end = self.read()
        if len(end) == _NOTE_END and end.endswith(_NOTE_SIGN):
            start = size - _NOTE_END - int.from_bytes(end[:_NOTE_LENGTH], "big")
            if start >= 0:
                self.seek(start)
                self.note = self.read(size - _NOTE_END - start)
                self.truncate(start)
        self.seek(0)


@dataclass(frozen=True)
class Deletions:
    """What was deleted at once.

    Attributes:
        by_folder: files by folder of the inbox, `""` for files beside the folders.
        failed: files that were due but could not be deleted.
        exports: those of the files that are a group's exports.
    """

    by_folder: Mapping[str, int]
    failed: int = 0
    exports: tuple[SealedExport, ...] = field(default=(), compare=False)


Going = Callable[[Sequence[SealedExport]], None]
"""Is told, before anything is deleted, which exports are to go."""


def _untold(_: Sequence[SealedExport]) -> None:
    pass


class Inbox:
    """An inbox on any fsspec location.

    Args:
        url: fsspec URL or path of the folder.
        recipient: public key that new files are sealed to.
        identity: the private key, and earlier ones a line each; None in a process that may only
            deliver.
        lifetime: how long a file stays, from arrival.
        options: of the file system; see `resources.stores.inbox.options`.
        unversioned_attested: whether somebody vouches that the location keeps nothing of what is
            deleted, for where that can't be found out.
        departures: up to when files of groups that left are not to be read any more, of a group
            or, for None, of all.
        require_reading: asked before a file is opened; raises where nothing may be read.

    Raises:
        SetupError: `HOME_CONFIG_INVALID` or `INBOX_IDENTITY_MISSING` if a key is none.
    """

    def __init__(
        self,
        url: str,
        recipient: str,
        identity: str | None,
        lifetime: timedelta,
        *,
        options: Mapping[str, Any] | None = None,
        unversioned_attested: bool = False,
        departures: Callable[[str | None], Mapping[str, datetime]] = lambda _: {},
        require_reading: Callable[[], None] = lambda: None,
    ) -> None:
        self.lifetime = lifetime
        self._url, self._options = url, options
        self._attested = unversioned_attested
        self._departures = departures
        self._require_reading = require_reading
        with refuse_as(SetupError("HOME_CONFIG_INVALID"), pyrage.RecipientError):
            self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        with refuse_as(SetupError("INBOX_IDENTITY_MISSING"), pyrage.IdentityError):
            written = identity.split() if identity else []
            self._identities = [pyrage.x25519.Identity.from_str(one) for one in written]

    @cached_property
    def location(self) -> InboxLocation:
        """Where it lies, looked for when it is first used: who deletes other things needs none.

        Raises:
            SetupError, StorageError: what `InboxLocation` raises.
        """
        return InboxLocation(self._url, self._options)

    def refuse_versioned(self) -> None:
        """Refuse a location in which a deleted file lives on.

        Raises:
            SetupError: `INBOX_VERSIONED`, or `INBOX_VERSIONING_UNKNOWN` where the location gives
                no answer and nobody vouches for it.
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        kept = self.location.keeps_what_is_deleted()
        if kept:
            raise SetupError("INBOX_VERSIONED")
        if kept is None and not self._attested:
            raise SetupError("INBOX_VERSIONING_UNKNOWN")

    def add(
        self, group_ref: str, export: BinaryIO, now: datetime, *, note: bytes = b""
    ) -> SealedExport:
        """Seal an export into the group's folder, and with it a note on who made it.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`; nothing is left behind.
        """
        content = self._sealed(export, note)
        digest = hashlib.sha256(content).hexdigest()
        arrived_at = now.astimezone(UTC)
        name = f"{arrived_at.strftime(STAMP)}-{digest}.age"
        return SealedExport(
            group_ref, arrived_at, digest, self.location.put(group_ref, name, content)
        )

    def _sealed(self, export: BinaryIO, note: bytes) -> bytes:
        first = read_whole(export, FEWEST_BLOCKS * BLOCK_BYTES)
        if len(first) == FEWEST_BLOCKS * BLOCK_BYTES:
            return sealed_in_blocks(first, export, self._recipient, note)
        if note:
            first += note + len(note).to_bytes(_NOTE_LENGTH, "big") + _NOTE_SIGN
        return pyrage.encrypt(first, [self._recipient])

    def list(self, group_ref: str) -> Sequence[SealedExport]:
        """The group's files, oldest first. Reads names only.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        found = []
        for path in self.location.names(group_ref):
            named = export_named(path)
            if named:
                found.append(SealedExport(group_ref, *named, path))
        return sorted(found, key=lambda export: (export.arrived_at, export.digest))

    def exports_under(self, group_ref: str) -> Sequence[SealedExport]:
        """The group's exports however deep they lie, as a deletion finds them; as `list` raises."""
        found = map(self._export_at, self.location.tree(group_ref))
        return [one for one in found if one is not None]

    def may_read(self, export: SealedExport, now: datetime) -> bool:
        """Whether a file is still among the group's living ones."""
        return any(one.path == export.path for one in self.living(export.group_ref, now))

    def living(self, group_ref: str, now: datetime) -> Sequence[SealedExport]:
        """The group's files that may be read: within their lifetime, and not left behind."""
        exports = self.list(group_ref)
        staying = self.staying(group_ref, [one.path for one in exports], now)
        return [one for one in exports if one.path in staying]

    def staying(self, group_ref: str, paths: Sequence[str], now: datetime) -> Sequence[str]:
        """Those of a group's files that are within their lifetime, and not left behind."""
        until = self._departures(group_ref).get(group_ref)
        return [
            path
            for path in paths
            if not self._is_due(path, now) and not self._is_left(path, until, now)
        ]

    def strays(self, group_ref: str) -> int:
        """How many files lie under the group's folder that are not its own."""
        beside = [one for one in self.location.tree(group_ref) if bookmark_named(one) is None]
        return len(beside) - len(self.list(group_ref))

    def size(self, export: SealedExport) -> int | None:
        """Sealed bytes of a file, None if it is gone.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        try:
            return self.location.size(export.path)
        except FileNotFoundError:
            return None

    def require_identity(self) -> None:
        """Refuse to begin in a process that could open nothing.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING`.
        """
        if not self._identities:
            raise SetupError("INBOX_IDENTITY_MISSING")

    def require_within_one(self, exports: Sequence[SealedExport]) -> None:
        """Refuse files that are larger together than one may be; looks at sizes only.

        Raises:
            ExportError: `EXPORT_GONE` or `EXPORT_TOO_LARGE`.
        """
        with refuse_as(ExportError("EXPORT_GONE"), OSError, StorageError):
            whole = sum(self.location.size(one.path) for one in exports)
        if whole > MAX_EXPORT_BYTES:
            raise ExportError("EXPORT_TOO_LARGE")

    def open_export(self, export: SealedExport) -> BinaryIO:
        """The export's bytes, unsealed in memory; `note` of it is the note sealed with them.

        A large one is unsealed as it is read; what is broken only there is told then.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING` in a process without the identity.
            TidelineError: what `require_reading` raises.
            ExportError: `EXPORT_GONE`, `EXPORT_SEAL_BROKEN` (cut off, changed, or sealed to
                another home) or `EXPORT_TOO_LARGE`.
        """
        self.require_identity()
        self._require_reading()
        until = self._departures(export.group_ref).get(export.group_ref)
        if until is not None and export.arrived_at <= until:
            raise ExportError("EXPORT_GONE")
        with refuse_as(ExportError("EXPORT_GONE"), OSError, StorageError):
            size = self.location.size(export.path)
            if size > MAX_EXPORT_BYTES:
                raise ExportError("EXPORT_TOO_LARGE")
            piece = self.location.pieces(export.path)
            in_blocks = piece(0, len(BEGINS)) == BEGINS
            sealed = b"" if in_blocks else piece(0, size)
        if in_blocks:
            return cast("BinaryIO", UnsealedBlocks(piece, size, self._decrypted))
        opened = Unsealed()
        with refuse_as(ExportError("EXPORT_SEAL_BROKEN"), pyrage.DecryptError, OSError):
            pyrage.decrypt_io(io.BytesIO(sealed), opened, self._identities)
        opened.take_note()
        return opened

    def _decrypted(self, sealed: bytes) -> bytes:
        return pyrage.decrypt(sealed, self._identities)

    def put_sealed(self, group_ref: str, name: str, content: bytes) -> str:
        """Seal what is kept of a reading into the group's folder; returns its path.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`; nothing is left behind.
        """
        sealed = pyrage.encrypt(content, [self._recipient])
        with doors.opened():
            return self.location.put(group_ref, name, sealed)

    def unsealed(self, path: str) -> bytes | None:
        """What is kept of a reading; None where it is gone, too large or can't be opened.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING`.
        """
        self.require_identity()
        try:
            if self.location.size(path) > LARGEST_BOOKMARK:
                return None
            return self.opened(self.location.read(path))
        except (OSError, StorageError):
            return None

    def opened(self, sealed: bytes) -> bytes | None:
        """What was sealed to this inbox and lies elsewhere; None where it can't be opened.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING`.
        """
        self.require_identity()
        try:
            return pyrage.decrypt(sealed, self._identities)
        except (pyrage.DecryptError, OSError, ValueError):
            return None

    def drop_bookmarks(self, paths: Sequence[str]) -> None:
        """Delete what is kept of readings; what can't be deleted goes with its lifetime."""
        self._delete(paths, lambda _: True, _untold)

    def delete_expired(self, now: datetime, going: Going = _untold) -> Deletions:
        """Delete every file past its lifetime, whatever its name and however deep it lies.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE` if the files can't be listed.
        """
        return self._delete(self.location.tree(), lambda path: self._is_due(path, now), going)

    def delete_left(self, now: datetime, group_ref: str = "", going: Going = _untold) -> Deletions:
        """Delete the files that groups left behind, of one group or of all, strays too.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE` if the files can't be listed.
        """
        departures = self._departures(None)
        if not departures:
            return Deletions({})

        def left(path: str) -> bool:
            return self._is_left(path, departures.get(self.location.folder_of(path)), now)

        return self._delete(self.location.tree(group_ref), left, going)

    def purge(self, group_ref: str, going: Going = _untold) -> Deletions:
        """Delete all files under one group's folder now; raises as `delete_expired` does."""
        return self._delete(self.location.tree(group_ref), lambda _: True, going)

    def delete(self, exports: Sequence[SealedExport], going: Going = _untold) -> Deletions:
        """Delete these files; raises as `delete_expired` does."""
        return self._delete([one.path for one in exports], lambda _: True, going)

    def _delete(self, paths: Sequence[str], due: Callable[[str], bool], going: Going) -> Deletions:
        to_go: list[str] = []
        failed = 0
        for path in paths:
            try:
                if due(path):
                    to_go.append(path)
            except FileNotFoundError:
                # A run of another region deletes too.
                continue
            except StorageError:
                failed += 1
        if exports := [one for one in map(self._export_at, to_go) if one is not None]:
            going(exports)
        deleted: dict[str, int] = {}
        gone: list[SealedExport] = []
        for path in to_go:
            try:
                self.location.delete(path)
            except FileNotFoundError:
                continue
            except StorageError:
                failed += 1
                continue
            if bookmark_named(path) is not None:
                # No export; it goes with them.
                continue
            folder = self.location.folder_of(path)
            deleted[folder] = deleted.get(folder, 0) + 1
            if (export := self._export_at(path)) is not None:
                gone.append(export)
        for folder in deleted:
            # A folder made by hand may be called after the group.
            if not GROUP_REF.match(folder):
                self.location.drop_empty_folders(folder)
        return Deletions(deleted, failed, tuple(gone))

    def _export_at(self, path: str) -> SealedExport | None:
        """The export that lies there; None where it is another file, or no group's."""
        named, folder = export_named(path), self.location.folder_of(path)
        if named is None or not GROUP_REF.match(folder):
            return None
        return SealedExport(folder, *named, path)

    def _is_due(self, path: str, now: datetime) -> bool:
        """Whether a file is past its lifetime."""
        return now - self._arrival(path, now) > self.lifetime

    def _is_left(self, path: str, until: datetime | None, now: datetime) -> bool:
        """Whether a file's group left it behind."""
        if until is None:
            return False
        # Spares asking when it was changed where the group has withdrawn.
        return until == FOR_GOOD or self._arrival(path, now) <= until

    def _arrival(self, path: str, now: datetime) -> datetime:
        """When a file came.

        A file that is not the inbox's own arrived when it was last changed; so did one whose name
        says that it has yet to come, for the clock was wrong then or is now.
        """
        named = export_named(path) or bookmark_named(path)
        arrived = named[0] if named else None
        if arrived is None or arrived > now:
            changed = self.location.modified(path)
            arrived = changed if arrived is None else min(arrived, changed)
        return arrived
