"""Keys of group-days: one file each, wrapped by a master key, destroyed by overwriting.

A key is 256 bits for AES-GCM. The key files lie in the home's `keys/` (0600), never in
PostgreSQL, a log or a backup; the master key is one of the long-lived ones
(`resources.base.keys.long_lived_keys`).
"""

import os
import re
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assets.core.errors import StorageError, refuse_as
from resources.base import doors
from resources.base.files import made_before, write_once

_NONCE_BYTES = 12
_KEY_ID = re.compile(r"[0-9a-f]{32}")


class KeyStore:
    """Makes, opens and destroys the keys of group-days.

    Args:
        folder: the key files'.
        master_key: gives the master key, 32 bytes; asked for when a key is made or opened, for
            destroying needs none.
        require_reading: asked before a key is made or opened; raises where nothing may be read.
    """

    def __init__(
        self,
        folder: Path,
        master_key: Callable[[], bytes],
        require_reading: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder = folder
        self._master_key = master_key
        self._require_reading = require_reading

    @cached_property
    def _master(self) -> AESGCM:
        return AESGCM(self._master_key())

    def make(self) -> tuple[str, AESGCM]:
        """A new key, on disk before it is used. Returns its id (32 hex digits) and cipher.

        Raises:
            StorageError: what the master key's source raises; `DISK_FULL`, `DISK_NOT_WRITABLE`.
            TidelineError: what `require_reading` raises.
        """
        self._require_reading()
        key_id, key = secrets.token_hex(16), AESGCM.generate_key(256)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        write_once(
            self.folder / key_id, nonce + self._master.encrypt(nonce, key, key_id.encode("ascii"))
        )
        return key_id, AESGCM(key)

    def open(self, key_id: str) -> AESGCM:
        """The cipher of a living key.

        Raises:
            StorageError: `VECTORS_DESTROYED` if the key is gone, `MASTER_KEY_INVALID` if it
                doesn't unwrap.
            TidelineError: what `require_reading` raises.
        """
        self._require_reading()
        with refuse_as(StorageError("VECTORS_DESTROYED"), FileNotFoundError):
            wrapped = (self.folder / key_id).read_bytes()
        master = self._master
        with refuse_as(lambda _: self._not_unwrapped(key_id), InvalidTag, ValueError):
            return AESGCM(
                master.decrypt(
                    wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], key_id.encode("ascii")
                )
            )

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
            if _KEY_ID.fullmatch(path.name)
            and path.name not in living
            and made_before(path, before)
        ]
        for key_id in orphans:
            self.destroy(key_id)
        partials = [one for one in self.folder.glob(".*.partial") if made_before(one, before)]
        for path in partials:
            _wipe(path)
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
        _wipe(aside)
        return True


def _wipe(path: Path) -> None:
    try:
        with doors.opened(), path.open("r+b", buffering=0) as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


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
