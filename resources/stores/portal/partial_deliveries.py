"""Sealed deliveries that come in pieces, until they are whole and go into the inbox.

The process that takes them can open none: it has no identity, and takes nothing that age has not
sealed. A piece that comes again, because its answer was lost, changes nothing.
"""

import fcntl
import hashlib
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assets.core.errors import ExportError, StorageError, refuse_as
from resources.base.files import make_folder
from resources.stores.inbox.file_names import STAMP
from resources.stores.inbox.location import InboxLocation
from resources.stores.portal.delivery_room import LARGEST_DELIVERY, Room, taken

SEALED_OPENING = b"age-encryption.org/v1\n-> X25519 "
"""What every file begins with that is sealed to a public key of the inbox's kind."""

DELETING_EVERY_SECONDS = 3600

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Received:
    """How far a delivery has come.

    Attributes:
        size: bytes that are there.
        taken: whether what was sent now is among them.
    """

    size: int
    taken: bool


class PartialDeliveries:
    """Pieces in a folder of the portal's own.

    Args:
        folder: private to the process; made where there is none.
        inbox: where whole deliveries go.
        kept_for: how long a file stays there at most.
        lifetime: how long an unfinished one stays.
        most_bytes: of one delivery.
        room: what all of them may take together.
    """

    def __init__(
        self,
        folder: Path,
        inbox: InboxLocation,
        kept_for: timedelta,
        lifetime: timedelta = timedelta(hours=24),
        most_bytes: int = LARGEST_DELIVERY,
        room: Room | None = None,
    ) -> None:
        self._folder = folder
        self._room = room or Room()
        self.kept_for = kept_for
        self._inbox = inbox
        self._lifetime = lifetime
        self._most = most_bytes

    def begin(self, group_ref: str, now: datetime) -> str:
        """Begin one for a group; returns its id, which nobody can guess.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`, `DELIVERIES_FULL`.
        """
        self.delete_old(now)
        name = secrets.token_hex(16)
        with refuse_as(StorageError("INBOX_NOT_WRITABLE"), OSError):
            make_folder(self._folder)
            own = self._folder / group_ref
            make_folder(own)
            taken(self._folder, self._room).require_number(own)
            descriptor = os.open(own / f"{name}.part", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            os.close(descriptor)
        return name

    def received(self, group_ref: str, name: str) -> int | None:
        """Bytes that are there of an unfinished delivery; None where there is no such one."""
        path = self._part(group_ref, name)
        if path is not None:
            with suppress(FileNotFoundError):
                return path.stat().st_size
        return None

    def add(self, group_ref: str, name: str, offset: int, piece: bytes) -> Received | None:
        """Take a piece.

        Args:
            group_ref: whose delivery it is.
            name: the delivery's id.
            offset: bytes of the delivery before this piece.
            piece: the bytes.

        Returns:
            None where there is no such delivery.

        Raises:
            ExportError: `EXPORT_TOO_LARGE`, or `EXPORT_NOT_SEALED` for what age did not seal;
                nothing was kept of it.
            StorageError: `INBOX_NOT_WRITABLE`, `DELIVERIES_FULL`, or `DELIVERY_IN_USE` while
                another request works on it.
        """
        path = self._part(group_ref, name)
        if path is None:
            return None
        with refuse_as(StorageError("INBOX_NOT_WRITABLE"), OSError), _locked(path) as descriptor:
            if descriptor is None:
                return None
            size = os.fstat(descriptor).st_size
            if offset != size:
                return Received(size, offset + len(piece) <= size)
            if size + len(piece) > self._most:
                raise ExportError("EXPORT_TOO_LARGE")
            if size == 0 and not piece.startswith(SEALED_OPENING):
                raise ExportError("EXPORT_NOT_SEALED")
            taken(self._folder, self._room).require_bytes(path, len(piece))
            try:
                _write(descriptor, piece)
            except OSError:
                os.ftruncate(descriptor, size)
                raise
            return Received(size + len(piece), True)

    def finish(self, group_ref: str, name: str, digest: str) -> bool | None:
        """Put a whole delivery into the inbox, once however often it is asked for.

        It arrived when its last piece did, so that its name there is the same at every try, also of
        one that was killed.

        Args:
            group_ref: whose it is.
            name: its id.
            digest: SHA-256 of all its bytes, in hex.

        Returns:
            Whether it is in the inbox; False where its bytes are not those, None where there is no
            such delivery.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`, or `DELIVERY_IN_USE` while another request works on
                it; it can be finished again.
        """
        if self._done(group_ref, name, digest):
            return True
        path = self._part(group_ref, name)
        if path is None:
            return None
        with refuse_as(StorageError("INBOX_NOT_WRITABLE"), OSError), _locked(path) as descriptor:
            if descriptor is None:
                return self._done(group_ref, name, digest)
            with os.fdopen(os.dup(descriptor), "rb") as file:
                file.seek(0)
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != digest:
                return False
            stamp = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC).strftime(STAMP)
            self._inbox.put_file(group_ref, f"{stamp}-{digest}.age", path)
            path.with_suffix(f".{digest}.done").touch(0o600)
            path.unlink()
        return True

    def delete_old(self, now: datetime) -> None:
        """Delete what was begun and not finished within its lifetime, and folders without any."""
        before = (now - self._lifetime).timestamp()
        paths: list[Path] = []
        with suppress(OSError):
            # Another request may delete some of them meanwhile.
            paths = [*self._folder.glob("*/*"), *self._folder.glob("*")]
        for path in paths:
            with suppress(OSError):
                if path.stat().st_mtime >= before:
                    continue
                if path.is_dir():
                    path.rmdir()
                else:
                    path.unlink(missing_ok=True)

    def keep_deleting_old(self, now: Callable[[], datetime]) -> None:
        """Do so every hour until the process ends, whether or not anybody delivers."""

        def delete() -> None:
            while True:
                self.delete_old(now())
                time.sleep(DELETING_EVERY_SECONDS)

        threading.Thread(target=delete, daemon=True).start()

    def _part(self, group_ref: str, name: str) -> Path | None:
        if not _ID.fullmatch(name):
            return None
        path = self._folder / group_ref / f"{name}.part"
        return path if path.is_file() else None

    def _done(self, group_ref: str, name: str, digest: str) -> bool:
        own = self._folder / group_ref
        return bool(_ID.fullmatch(name)) and (own / f"{name}.{digest}.done").is_file()


@contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """The file, open and nobody else's; None where another request has finished it meanwhile."""
    descriptor = None
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    if descriptor is None:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            in_use = True
        else:
            in_use = False
        if in_use:
            # Waiting would hold one of a few threads for as long as the inbox takes.
            raise StorageError("DELIVERY_IN_USE")
        yield descriptor if path.exists() else None
    finally:
        os.close(descriptor)


def _write(descriptor: int, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(descriptor, left) :]
