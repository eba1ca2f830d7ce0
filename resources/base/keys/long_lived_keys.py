# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""The keys that a home has for life: `init` makes them, everything else only opens them.

`master` wraps the keys of group-days, `member` makes the marks of members, `inbox` is the age
identity that opens exports. Each lies in a file of the folder of secrets, beside the home, or comes
from an environment variable. A key made anew where an older one is missing would open nothing and
recognise nobody, without a word; so a missing one is an error, and so is another home's.
"""

import base64
import binascii
import hmac
import os
import secrets
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pyrage

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base.files import make_folder, write_once

KEY_BYTES = 32


@dataclass(frozen=True)
class _Place:
    file: str
    variable: str
    missing: str
    invalid: str

    def is_given(self, folder: Path) -> bool:
        """Whether there is one, right or wrong."""
        return bool(os.environ.get(self.variable)) or (folder / self.file).exists()


class LongLived(Enum):
    """One of the keys, with where it lies and the codes for when it does not."""

    MASTER = _Place("master.key", "TIDELINE_MASTER_KEY", "MASTER_KEY_MISSING", "MASTER_KEY_INVALID")
    MEMBER = _Place("member.key", "TIDELINE_MEMBER_KEY", "MEMBER_KEY_MISSING", "MEMBER_KEY_INVALID")


IDENTITY_FILE = "inbox.identity"
IDENTITY_VARIABLE = "TIDELINE_INBOX_IDENTITY"
KEY_FILES = (IDENTITY_FILE, *(which.value.file for which in LongLived))


def load_key(which: LongLived, folder: Path, check: str | None = None) -> bytes:
    """The key, 32 bytes.

    Args:
        which: the master or the member key.
        folder: of the home's secrets.
        check: what `check_of` gave when the home was made; None where that is not known.

    Raises:
        StorageError: `MASTER_KEY_MISSING`, `MASTER_KEY_INVALID` (also another home's), and
            likewise `MEMBER_KEY_...`.
    """
    return load_keys(which, folder, check)[0]


def load_keys(which: LongLived, folder: Path, check: str | None = None) -> tuple[bytes, ...]:
    """The key, and after it the others that lie there: two of the master key while it is rotated.

    Args:
        which: the master or the member key.
        folder: of the home's secrets.
        check: of the one that is in use; without it the first that is written is.

    Raises:
        StorageError: as `load_key`.
    """
    place = which.value
    written = os.environ.get(place.variable) or _text(folder / place.file)
    if written is None:
        raise StorageError(place.missing)
    with refuse_as(StorageError(place.invalid), binascii.Error, ValueError):
        keys = [base64.b64decode(one, validate=True) for one in written.split()]
    most = 2 if which is LongLived.MASTER else 1
    if not 1 <= len(keys) <= most or any(len(one) != KEY_BYTES for one in keys):
        raise StorageError(place.invalid)
    in_use = [one for one in keys if check is None or check_of(which, one) == check]
    if not in_use:
        raise StorageError(place.invalid)
    return (in_use[0], *(one for one in keys if one != in_use[0]))


def check_of(which: LongLived, key: bytes) -> str:
    """A digest by which the key is known again, 64 hex digits; it opens nothing."""
    return hmac.digest(key, f"tideline {which.name.lower()} key".encode(), "sha256").hex()


def make_keys(folder: Path) -> None:
    """Make the master and the member key of a new home, but those that the environment gives.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`, or what `load_key` raises for a given one.
    """
    for which in LongLived:
        make_key(which, folder)


def make_key(which: LongLived, folder: Path) -> None:
    """Make one key where there is none; raises as `make_keys` does."""
    if not which.value.is_given(folder):
        make_folder(folder)
        write_once(folder / which.value.file, base64.b64encode(new_key()))
    load_key(which, folder)


def new_key() -> bytes:
    """A key that nobody had before, 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def make_identity(folder: Path) -> str:
    """Make the inbox's key pair where the environment gives none. Returns the public key.

    Raises:
        SetupError: `INBOX_IDENTITY_MISSING` if what the environment gives is none.
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    given = os.environ.get(IDENTITY_VARIABLE)
    if given:
        recipient = recipient_of(given.strip())
        if recipient is None:
            raise SetupError("INBOX_IDENTITY_MISSING")
        return recipient
    identity = pyrage.x25519.Identity.generate()
    make_folder(folder)
    write_once(folder / IDENTITY_FILE, str(identity).encode("ascii"))
    return str(identity.to_public())


def rotate_identity(folder: Path, in_use: str) -> str:
    """Make another key pair for the inbox; earlier ones go on opening what was sealed to them.

    Args:
        folder: of the home's secrets.
        in_use: the public key that files are sealed to now. Where a rotation was cut off before the
            key pair that it made was put to use, that is the one, and no other is made.

    Returns:
        The public key that files are to be sealed to.

    Raises:
        SetupError: `INBOX_IDENTITY_MISSING` without one, `KEY_IN_ENVIRONMENT` where the environment
            gives it, for then it is not the home's to change.
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    before = _own_identities(folder)
    newest, *earlier = (str(recipient_of(one)) for one in before)
    if in_use in earlier:
        return newest
    identity = pyrage.x25519.Identity.generate()
    write_once(folder / IDENTITY_FILE, "\n".join([str(identity), *before]).encode("ascii"))
    return str(identity.to_public())


def drop_earlier_identities(folder: Path, in_use: str) -> int:
    """Keep the newest identity alone. Returns how many went.

    Args:
        folder: of the home's secrets.
        in_use: the public key that files are sealed to now.

    Raises:
        SetupError: `KEY_ROTATION_UNFINISHED` where files are not sealed to the newest yet, and what
            `rotate_identity` raises. Nothing is dropped then.
        StorageError: as `rotate_identity`.
    """
    newest, *before = _own_identities(folder)
    if recipient_of(newest) != in_use:
        raise SetupError("KEY_ROTATION_UNFINISHED")
    if before:
        write_once(folder / IDENTITY_FILE, newest.encode("ascii"))
    return len(before)


def _own_identities(folder: Path) -> list[str]:
    if os.environ.get(IDENTITY_VARIABLE):
        raise SetupError("KEY_IN_ENVIRONMENT")
    written = (_text(folder / IDENTITY_FILE) or "").split()
    if not written or any(recipient_of(one) is None for one in written):
        raise SetupError("INBOX_IDENTITY_MISSING")
    return written


def recipient_of(identity: str) -> str | None:
    """The public key of an identity, the newest of several; None if it is none."""
    try:
        newest = (identity.split() or [""])[0]
        return str(pyrage.x25519.Identity.from_str(newest).to_public())
    except pyrage.IdentityError:
        return None


def load_identity(folder: Path) -> str | None:
    """The inbox's identity as it is written, None without one; the inbox says whether it is one.

    One that was rotated comes first, and those before it after, a line each.
    """
    written = os.environ.get(IDENTITY_VARIABLE) or _text(folder / IDENTITY_FILE)
    return written.strip() if written else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return None
