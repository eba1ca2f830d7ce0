# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""The inbox: exports sealed with age on receipt, one folder for each group reference.

Only the holder of the identity can open one, and only `open_export` does, in memory. File names
say when a file came and what its digest is, never what it was called.
"""

import hashlib
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, BinaryIO

import pyrage

from assets.core.errors import ExportError, SetupError, StorageError, refuse_as
from resources.stores.consent.consent_register import GROUP_REF
from resources.stores.consent.departures import FOR_GOOD
from resources.stores.inbox.location import InboxLocation

_NAME = re.compile(r"^(\d{8}T\d{12}Z)-([0-9a-f]{64})\.age$")
_STAMP = "%Y%m%dT%H%M%S%fZ"
MAX_EXPORT_BYTES = 2 * 1024**3


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


@dataclass(frozen=True)
class Deletions:
    """What was deleted at once.

    Attributes:
        by_folder: files by folder of the inbox, `""` for files beside the folders.
        failed: files that were due but could not be deleted.
    """

    by_folder: Mapping[str, int]
    failed: int = 0


class Inbox:
    """An inbox on any fsspec location.

    Args:
        url: fsspec URL or path of the folder.
        recipient: public key that new files are sealed to.
        identity: the private key, or None in a process that may only deliver.
        lifetime: how long a file stays, from arrival.
        options: of the file system; see `resources.stores.inbox.options`.
        unversioned_attested: whether somebody vouches that the location keeps nothing of what is
            deleted, for where that can't be found out.
        departures: up to when files of groups that left are not to be read any more.

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
        departures: Callable[[], Mapping[str, datetime]] = dict,
    ) -> None:
        self.lifetime = lifetime
        self._url, self._options = url, options
        self._attested = unversioned_attested
        self._departures = departures
        with refuse_as(SetupError("HOME_CONFIG_INVALID"), pyrage.RecipientError):
            self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        with refuse_as(SetupError("INBOX_IDENTITY_MISSING"), pyrage.IdentityError):
            self._identity = pyrage.x25519.Identity.from_str(identity) if identity else None

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

    def add(self, group_ref: str, export: BinaryIO, now: datetime) -> SealedExport:
        """Seal an export into the group's folder.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`; nothing is left behind.
        """
        sealed = io.BytesIO()
        pyrage.encrypt_io(export, sealed, [self._recipient])
        content = sealed.getvalue()
        digest = hashlib.sha256(content).hexdigest()
        arrived_at = now.astimezone(UTC)
        name = f"{arrived_at.strftime(_STAMP)}-{digest}.age"
        return SealedExport(
            group_ref, arrived_at, digest, self.location.put(group_ref, name, content)
        )

    def list(self, group_ref: str) -> Sequence[SealedExport]:
        """The group's files, oldest first. Reads names only.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        found = []
        for path in self.location.names(group_ref):
            named = _named(path)
            if named:
                found.append(SealedExport(group_ref, *named, path))
        return sorted(found, key=lambda export: (export.arrived_at, export.digest))

    def may_read(self, export: SealedExport, now: datetime) -> bool:
        """Whether a file is still among the group's living ones."""
        return any(one.path == export.path for one in self.living(export.group_ref, now))

    def living(self, group_ref: str, now: datetime) -> Sequence[SealedExport]:
        """The group's files that may be read: within their lifetime, and not left behind."""
        until = self._departures().get(group_ref)
        return [
            one
            for one in self.list(group_ref)
            if not self._is_due(one.path, now) and not self._is_left(one.path, until, now)
        ]

    def strays(self, group_ref: str) -> int:
        """How many files lie under the group's folder that did not come by `add`."""
        return len(self.location.tree(group_ref)) - len(self.list(group_ref))

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
        if self._identity is None:
            raise SetupError("INBOX_IDENTITY_MISSING")

    def open_export(self, export: SealedExport) -> BinaryIO:
        """The export's bytes, unsealed in memory.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING` in a process without the identity.
            ExportError: `EXPORT_GONE`, `EXPORT_SEAL_BROKEN` (cut off, changed, or sealed to
                another home) or `EXPORT_TOO_LARGE`.
        """
        if self._identity is None:
            raise SetupError("INBOX_IDENTITY_MISSING")
        until = self._departures().get(export.group_ref)
        if until is not None and export.arrived_at <= until:
            raise ExportError("EXPORT_GONE")
        with refuse_as(ExportError("EXPORT_GONE"), OSError, StorageError):
            if self.location.size(export.path) > MAX_EXPORT_BYTES:
                raise ExportError("EXPORT_TOO_LARGE")
            sealed = self.location.read(export.path)
        opened = io.BytesIO()
        with refuse_as(ExportError("EXPORT_SEAL_BROKEN"), pyrage.DecryptError, OSError):
            pyrage.decrypt_io(io.BytesIO(sealed), opened, [self._identity])
        opened.seek(0)
        return opened

    def delete_expired(self, now: datetime) -> Deletions:
        """Delete every file past its lifetime, whatever its name and however deep it lies.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE` if the files can't be listed.
        """
        return self._delete(self.location.tree(), lambda path: self._is_due(path, now))

    def delete_left(self, now: datetime, group_ref: str = "") -> Deletions:
        """Delete the files that groups left behind, of one group or of all, strays too.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE` if the files can't be listed.
        """
        departures = self._departures()
        if not departures:
            return Deletions({})

        def left(path: str) -> bool:
            return self._is_left(path, departures.get(self.location.folder_of(path)), now)

        return self._delete(self.location.tree(group_ref), left)

    def purge(self, group_ref: str) -> Deletions:
        """Delete all files under one group's folder now; raises as `delete_expired` does."""
        return self._delete(self.location.tree(group_ref), lambda _: True)

    def delete(self, exports: Sequence[SealedExport]) -> Deletions:
        """Delete these files; raises as `delete_expired` does."""
        return self._delete([one.path for one in exports], lambda _: True)

    def _delete(self, paths: Sequence[str], due: Callable[[str], bool]) -> Deletions:
        deleted: dict[str, int] = {}
        failed = 0
        for path in paths:
            try:
                if not due(path):
                    continue
                self.location.delete(path)
            except FileNotFoundError:
                # A run of another region deletes too.
                continue
            except StorageError:
                failed += 1
                continue
            folder = self.location.folder_of(path)
            deleted[folder] = deleted.get(folder, 0) + 1
        for folder in deleted:
            # A folder made by hand may be called after the group.
            if not GROUP_REF.match(folder):
                self.location.drop_empty_folders(folder)
        return Deletions(deleted, failed)

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

        A file that did not come by `add` arrived when it was last changed; so did one whose name
        says that it has yet to come, for the clock was wrong then or is now.
        """
        named = _named(path)
        arrived = named[0] if named else None
        if arrived is None or arrived > now:
            changed = self.location.modified(path)
            arrived = changed if arrived is None else min(arrived, changed)
        return arrived


def _named(path: str) -> tuple[datetime, str] | None:
    """Arrival and digest that a file's name tells, None if `add` did not name it."""
    match = _NAME.match(path.rsplit("/", 1)[-1])
    if not match:
        return None
    try:
        return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), match[2]
    except ValueError:
        return None
