# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""A backup of a home's long-lived keys, sealed with age, to be kept apart from all others."""

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyrage

from assets.core.errors import SetupError, refuse_as
from resources.base.files import make_folder, write_once
from resources.base.keys.link_keys import Signs, put_back
from resources.base.keys.long_lived_keys import (
    IDENTITY_FILE,
    LongLived,
    load_identity,
    load_keys,
    recipient_of,
)

Cipher = Callable[[bytes], bytes]
"""Seals or unseals."""

_FORM = "tideline long-lived keys 1"


def seal_to(recipients: Sequence[str]) -> Cipher:
    """Seals to public keys of age.

    Raises:
        SetupError: `RECIPIENT_INVALID`.
    """
    with refuse_as(SetupError("RECIPIENT_INVALID"), pyrage.RecipientError):
        known = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    if not known:
        raise SetupError("RECIPIENT_INVALID")
    return lambda content: pyrage.encrypt(content, known)


def seal_with(pass_phrase: str) -> Cipher:
    """Seals under a pass phrase (scrypt)."""
    return lambda content: pyrage.passphrase.encrypt(content, pass_phrase)


def unseal_by(identity: str) -> Cipher:
    """Unseals by an identity of age, as `age-keygen` writes it, comments included."""
    lines = [one.strip() for one in identity.splitlines()]
    written = next((one for one in lines if one.startswith("AGE-SECRET-KEY-")), "")

    def unseal(sealed: bytes) -> bytes:
        return pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(written)])

    return unseal


def unseal_with(pass_phrase: str) -> Cipher:
    """Unseals under a pass phrase."""
    return lambda sealed: pyrage.passphrase.decrypt(sealed, pass_phrase)


def back_up(folder: Path, home_id: str, file: Path, seal: Cipher) -> None:
    """Write a home's keys to a file, sealed.

    Args:
        folder: of the home's secrets; keys that the environment gives are taken from there.
        home_id: the home's.
        file: to be written; one that is there stays.
        seal: `seal_to` or `seal_with`.

    Raises:
        SetupError: `FILE_EXISTS`, `INBOX_IDENTITY_MISSING`, `KEY_ROTATION_UNFINISHED`.
        StorageError: what `load_keys` raises, `WITHDRAWAL_KEY_INVALID`, `DISK_FULL`,
            `DISK_NOT_WRITABLE`.
    """
    if file.exists():
        raise SetupError("FILE_EXISTS")
    identity = load_identity(folder)
    if identity is None:
        raise SetupError("INBOX_IDENTITY_MISSING")
    found = {which.value.file: load_keys(which, folder) for which in LongLived}
    if any(len(one) > 1 for one in found.values()):
        # Which of the two is in use the database alone knows, and it may be about to change.
        raise SetupError("KEY_ROTATION_UNFINISHED")
    keys = {file: key.hex() for file, (key,) in found.items()}
    # Of the portal's keys the one that can't be revoked; another one that invites is made anew.
    lets_withdraw = Signs.WITHDRAWALS.written(folder)
    if lets_withdraw is not None:
        keys[Signs.WITHDRAWALS.value.file] = lets_withdraw
    content = {"form": _FORM, "home_id": home_id, IDENTITY_FILE: identity, **keys}
    write_once(file, seal(json.dumps(content).encode()))


def restore(
    folder: Path,
    home_id: str,
    file: Path,
    unseal: Cipher,
    *,
    require: Callable[[bytes, str], None] = lambda _, __: None,
) -> None:
    """Put the keys of a backup into the folder of secrets.

    Args:
        folder: of the home's secrets.
        home_id: the home's.
        file: that `back_up` wrote.
        unseal: `unseal_by` or `unseal_with`.
        require: asked before anything is written, with the master key and the public key of the
            newest identity; raises where they may not be put back.

    Raises:
        TidelineError: what `require` raises.
        SetupError: `FILE_NOT_FOUND`, `KEY_BACKUP_UNREADABLE`, `KEYS_OF_ANOTHER_HOME`, `KEYS_EXIST`
            where a file is there already: nothing is changed. A key by which admins withdraw is
            no reason: one that is there stays, and links of both are good.
        StorageError: `WITHDRAWAL_KEY_INVALID`, `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    content = _opened(file, unseal)
    if content["home_id"] != home_id:
        raise SetupError("KEYS_OF_ANOTHER_HOME")
    files = {folder / IDENTITY_FILE: content[IDENTITY_FILE].encode("ascii")}
    for which in LongLived:
        key = bytes.fromhex(content[which.value.file])
        files[folder / which.value.file] = base64.b64encode(key)
    if any(path.exists() for path in files):
        raise SetupError("KEYS_EXIST")
    recipient = recipient_of(content[IDENTITY_FILE])
    if recipient is None:
        raise SetupError("KEY_BACKUP_UNREADABLE")
    require(bytes.fromhex(content[LongLived.MASTER.value.file]), recipient)
    make_folder(folder)
    for path, written in files.items():
        write_once(path, written)
    lets_withdraw = content.get(Signs.WITHDRAWALS.value.file)
    if lets_withdraw is not None:
        put_back(Signs.WITHDRAWALS, folder, lets_withdraw)


def _opened(file: Path, unseal: Cipher) -> dict[str, str]:
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError):
        sealed = file.read_bytes()
    unreadable = SetupError("KEY_BACKUP_UNREADABLE")
    with refuse_as(unreadable, pyrage.DecryptError, pyrage.IdentityError, ValueError):
        content = json.loads(unseal(sealed))
    if not isinstance(content, dict) or content.get("form") != _FORM:
        raise SetupError("KEY_BACKUP_UNREADABLE")
    return content
