"""The two keys that sign the portal's links: one invites and lets deliver, one lets withdraw.

Unlike the keys of `long_lived_keys` they open nothing, and one made anew signs new links. Those of
the key before are checked by its public key, which the portal's settings keep. The key that invites
can be revoked. The key that lets withdraw can't: a link that it signed is good for ever.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base.files import make_folder, write_once
from resources.base.keys.signed_links import SigningKeys, written_public

KEY_BYTES = 32


@dataclass(frozen=True)
class _Place:
    file: str
    variable: str
    invalid: str


class Signs(Enum):
    """One of the keys, with where it lies and the code for one that is none."""

    INVITATIONS = _Place("invitation.key", "TIDELINE_INVITATION_KEY", "INVITATION_KEY_INVALID")
    WITHDRAWALS = _Place("withdrawal.key", "TIDELINE_WITHDRAWAL_KEY", "WITHDRAWAL_KEY_INVALID")

    def is_in_environment(self) -> bool:
        """Whether the key is given there, so that it is not the home's to change."""
        return bool(os.environ.get(self.value.variable))

    def written(self, folder: Path) -> str | None:
        """The key as it is given or lies in the folder; None without one."""
        given = os.environ.get(self.value.variable)
        path = folder / self.value.file
        if given or not path.exists():
            return given or None
        with refuse_as(StorageError(self.value.invalid), OSError, ValueError):
            return path.read_text("ascii")


def signing_keys(folder: Path, revoked: Collection[str] = ()) -> SigningKeys:
    """Both keys, each made where there is none.

    Args:
        folder: of the home's secrets.
        revoked: public keys as `written_public` gives them; a key of theirs is replaced.

    Raises:
        SetupError: `KEY_REVOKED` where the environment gives one that was revoked.
        StorageError: `INVITATION_KEY_INVALID`, `WITHDRAWAL_KEY_INVALID`, `DISK_FULL`,
            `DISK_NOT_WRITABLE`.
    """
    invites = _made(Signs.INVITATIONS, folder)
    if written_public(invites) in revoked:
        if Signs.INVITATIONS.is_in_environment():
            raise SetupError("KEY_REVOKED")
        _make(Signs.INVITATIONS, folder)
        invites = _made(Signs.INVITATIONS, folder)
    return SigningKeys(invites, _made(Signs.WITHDRAWALS, folder))


def put_back(which: Signs, folder: Path, written: str) -> None:
    """Put a key of a backup into its place; one that is there stays.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`, or the code of a key that is none.
    """
    _key_of(which, written)
    if which.written(folder) is None:
        make_folder(folder)
        write_once(folder / which.value.file, written.strip().encode("ascii"))


def _made(which: Signs, folder: Path) -> Ed25519PrivateKey:
    written = which.written(folder)
    if written is None:
        _make(which, folder)
        written = which.written(folder) or ""
    return _key_of(which, written)


def _make(which: Signs, folder: Path) -> None:
    make_folder(folder)
    write_once(folder / which.value.file, base64.b64encode(secrets.token_bytes(KEY_BYTES)))


def _key_of(which: Signs, written: str) -> Ed25519PrivateKey:
    with refuse_as(StorageError(which.value.invalid), binascii.Error, ValueError):
        return Ed25519PrivateKey.from_private_bytes(
            base64.b64decode(written.strip(), validate=True)
        )
