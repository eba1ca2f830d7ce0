"""Keys of group-days: one file each, wrapped by a master key, destroyed by overwriting.

A key is 256 bits for AES-GCM. The key files lie in the home's `keys/` (0600), never in
PostgreSQL, a log or a backup; the master key is one of the long-lived ones
(`resources.base.keys.long_lived_keys`).
"""

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assets.core.errors import StorageError, refuse_as
from resources.base import doors
from resources.base.files import made_before, write_once

_NONCE_BYTES = 12
KEY_ID = re.compile(r"[0-9a-f]{32}")
"""What a key file is called."""


class KeyStore:
    """Makes, opens and destroys the keys of group-days.

    Args:
        folder: the key files'.
        master_key: gives the master key, 32 bytes; asked for when a key is made or opened, for
            destroying needs none.
        require_reading: asked before a key is made or opened; raises where nothing may be read.
        making: gives the master key that a new key is wrapped by and, until it is left, keeps
            another from taking its place; `master_key` where that never happens.
        masters: gives the master key that is in use, then any that it is taking over from;
            `master_key` alone where there is none.
    """

    def __init__(
        self,
        folder: Path,
        master_key: Callable[[], bytes],
        require_reading: Callable[[], None] = lambda: None,
        *,
        making: Callable[[], AbstractContextManager[bytes]] | None = None,
        masters: Callable[[], Sequence[bytes]] | None = None,
    ) -> None:
        self.folder = folder
        self._require_reading = require_reading
        self._making = making or (lambda: nullcontext(master_key()))
        self._masters = masters or (lambda: (master_key(),))
        self._known: Sequence[bytes] = ()

    def make(self) -> tuple[str, AESGCM]:
        """A new key, on disk before it is used. Returns its id (32 hex digits) and cipher.

        Raises:
            StorageError: what the master key's source raises; `DISK_FULL`, `DISK_NOT_WRITABLE`.
            TidelineError: what `require_reading` raises.
        """
        self._require_reading()
        key_id, key = secrets.token_hex(16), AESGCM.generate_key(256)
        with self._making() as master:
            write_once(self.folder / key_id, wrap(master, key_id, key))
        return key_id, AESGCM(key)

    def open(self, key_id: str) -> AESGCM:
        """The cipher of a living key.

        Raises:
            StorageError: `VECTORS_DESTROYED` if the key is gone, `MASTER_KEY_INVALID` if it
                doesn't unwrap.
            TidelineError: what `require_reading` raises.
        """
        self._require_reading()
        key = self._unwrapped(key_id, self._known) if self._known else None
        if key is None:
            # None was asked for yet, or the master key was rotated since.
            self._known = self._masters()
            key = self._unwrapped(key_id, self._known)
        if key is None:
            raise self._not_unwrapped(key_id)
        return AESGCM(key)

    def _unwrapped(self, key_id: str, masters: Sequence[bytes]) -> bytes | None:
        with refuse_as(StorageError("VECTORS_DESTROYED"), FileNotFoundError):
            wrapped = (self.folder / key_id).read_bytes()
        return unwrap(masters, key_id, wrapped)

    def _not_unwrapped(self, key_id: str) -> StorageError:
        # One that was destroyed while it was read is no sign of another master key.
        return StorageError("MASTER_KEY_INVALID" if self.lives(key_id) else "VECTORS_DESTROYED")

    def lives(self, key_id: str) -> bool:
        """Whether a key is there."""
        return (self.folder / key_id).is_file()

    def destroy_all_but(self, living: Collection[str], before: datetime) -> int:
        """Destroy keys that nothing names, but for new ones, whose rows may yet come.

        Args:
            living: ids of the keys that something names.
            before: keys made after this stay.

        Returns:
            How many were destroyed.
        """
        orphans = [
            path.name
            for path in self.folder.iterdir()
            if KEY_ID.fullmatch(path.name) and path.name not in living and made_before(path, before)
        ]
        for key_id in orphans:
            self.destroy(key_id)
        partials = [one for one in self.folder.glob(".*.partial") if made_before(one, before)]
        for path in partials:
            wipe(path)
        return len(orphans) + len(partials)

    def destroy(self, key_id: str) -> bool:
        """Put aside, overwrite, flush to disk and unlink a key; False if it was gone already."""
        path = self.folder / key_id
        # Put aside first, so that nobody opens what is being overwritten.
        aside = path.with_name(f".{key_id}.partial")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        wipe(aside)
        return True


def wipe(path: Path) -> None:
    """Overwrite a file, flush that to disk, and unlink it; one that is gone stays so."""
    try:
        with doors.opened(), path.open("r+b", buffering=0) as file:
            # Who wraps it anew has it for a moment, and would write over what is written here.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(secrets.token_bytes(path.stat().st_size))
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


def wrap(master: bytes, key_id: str, key: bytes) -> bytes:
    """The content of a key's file, 60 bytes: nonce, then the key under a master key."""
    return seal(AESGCM(master), key, key_id)


def unwrap(masters: Sequence[bytes], key_id: str, wrapped: bytes) -> bytes | None:
    """Undo `wrap` by the first of these master keys that does; None if none does."""
    for master in masters:
        try:
            return unseal(AESGCM(master), wrapped, key_id)
        except StorageError:
            continue
    return None


def seal(cipher: AESGCM, content: bytes, bound_to: str) -> bytes:
    """Encrypt under a fresh nonce, bound to the name of what it is (region, day, group ...)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, bound_to.encode("utf-8"))


def unseal(cipher: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    """Undo `seal`.

    Raises:
        StorageError: `SEALED_DATA_DAMAGED` if a bit or the name differs.
    """
    with refuse_as(StorageError("SEALED_DATA_DAMAGED"), InvalidTag, ValueError):
        return cipher.decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode("utf-8")
        )
