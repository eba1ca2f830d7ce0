# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""The inbox: exports sealed with age on receipt, one folder for each group reference.

Only the holder of the identity can open one, and only `open_export` does, in memory. File names
say when a file came and what its digest is, never what it was called.
"""

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import fsspec
import pyrage

from assets.governance.errors import ExportError, SetupError, StorageError
from resources.files import write_once

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


class Inbox:
    """An inbox on any fsspec location.

    Args:
        url: fsspec URL or path of the folder.
        recipient: public key that new files are sealed to.
        identity: the private key, or None in a process that may only deliver.
        lifetime: how long a file stays, from arrival.

    Raises:
        SetupError: `HOME_CONFIG_INVALID` or `INBOX_IDENTITY_MISSING` if a key is none.
    """

    def __init__(self, url: str, recipient: str, identity: str | None, lifetime: timedelta) -> None:
        self.lifetime = lifetime
        code = None
        try:
            self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError:
            code = "HOME_CONFIG_INVALID"
        try:
            self._identity = pyrage.x25519.Identity.from_str(identity) if identity else None
        except pyrage.IdentityError:
            code = code or "INBOX_IDENTITY_MISSING"
        if code:
            raise SetupError(code)
        self._files, self._root = fsspec.core.url_to_fs(url)

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
        folder = f"{self._root}/{group_ref}"
        path = f"{folder}/{arrived_at.strftime(_STAMP)}-{digest}.age"
        partial = f"{folder}/.{digest}.partial"
        failed = False
        try:
            self._files.makedirs(folder, exist_ok=True)
            self._files.pipe_file(partial, content)
            self._files.mv(partial, path)
        except OSError:
            failed = True
            if self._files.exists(partial):
                self._files.rm_file(partial)
        if failed:
            raise StorageError("INBOX_NOT_WRITABLE")
        return SealedExport(group_ref, arrived_at, digest, path)

    def list(self, group_ref: str) -> Sequence[SealedExport]:
        """The group's files, oldest first. Reads names only."""
        folder = f"{self._root}/{group_ref}"
        self._files.invalidate_cache(folder)
        if not self._files.isdir(folder):
            return []
        found = []
        for path in self._files.ls(folder, detail=False):
            match = _NAME.match(path.rsplit("/", 1)[-1])
            if match:
                found.append(SealedExport(group_ref, self._arrival(path), match[2], path))
        return sorted(found, key=lambda export: (export.arrived_at, export.digest))

    def open_export(self, export: SealedExport) -> BinaryIO:
        """The export's bytes, unsealed in memory.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING` in a process without the identity.
            ExportError: `EXPORT_GONE`, `EXPORT_SEAL_BROKEN` (cut off, changed, or sealed to
                another home) or `EXPORT_TOO_LARGE`.
        """
        if self._identity is None:
            raise SetupError("INBOX_IDENTITY_MISSING")
        try:
            if self._files.size(export.path) > MAX_EXPORT_BYTES:
                raise ExportError("EXPORT_TOO_LARGE")
            sealed = self._files.cat_file(export.path)
        except OSError:
            sealed = None
        if sealed is None:
            raise ExportError("EXPORT_GONE")
        opened = io.BytesIO()
        try:
            pyrage.decrypt_io(io.BytesIO(sealed), opened, [self._identity])
        except (pyrage.DecryptError, OSError):
            opened = None
        if opened is None:
            raise ExportError("EXPORT_SEAL_BROKEN")
        opened.seek(0)
        return opened

    def delete_expired(self, now: datetime) -> dict[str, int]:
        """Delete every file past its lifetime, whatever its name and however deep it lies.

        A file that did not come by `add` arrived when it was last modified.

        Returns:
            Counts by folder of the inbox, `""` for files beside the folders.
        """
        deleted: dict[str, int] = {}
        if not self._files.isdir(self._root):
            return deleted
        self._files.invalidate_cache()
        for path in self._files.find(self._root):
            try:
                if now - self._arrival(path) <= self.lifetime:
                    continue
                self._files.rm_file(path)
            except FileNotFoundError:
                # A run of another region deletes too.
                continue
            folder = path.removeprefix(f"{self._root}/").rpartition("/")[0].split("/")[0]
            deleted[folder] = deleted.get(folder, 0) + 1
        return deleted

    def _arrival(self, path: str) -> datetime:
        match = _NAME.match(path.rsplit("/", 1)[-1])
        if match:
            return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
        modified = self._files.modified(path)
        return modified if modified.tzinfo else modified.replace(tzinfo=UTC)


def make_identity(folder: Path) -> str:
    """Make the inbox's key pair: the identity goes to `folder`, the recipient is returned."""
    identity = pyrage.x25519.Identity.generate()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(folder / "inbox.identity", str(identity).encode("ascii"))
    return str(identity.to_public())
