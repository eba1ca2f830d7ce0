"""Approvals: signatures that people made with their own SSH keys over the scope of the register.

An approval is one file, the scope as it was signed and below it the signature that `ssh-keygen -Y
sign -n tideline-study` makes (SSHSIG). It covers each entry whose digest stands in that scope, so a
change of an entry leaves that entry without approval.
"""

import hashlib
import io
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from assets.core.errors import StudyError
from assets.core.study_entries import ENTRIES, REGISTER
from resources.base.files import make_folder, write_once
from resources.base.home import Home
from resources.stores.study.register import Register

NAMESPACE = "tideline-study"
KEY_KIND = "ssh-ed25519"
PEOPLE_NEEDED = 2
FOLDER = "study-approvals"
SUFFIX = ".approval"
BEGIN = "-----BEGIN SSH SIGNATURE-----"
_HASHES = (b"sha256", b"sha512")


def folder_of(home: Home) -> Path:
    """Where a home's approvals lie."""
    return home.root / FOLDER


def keys_of(register: Register) -> dict[str, str]:
    """Public keys of those who may approve, by short name; of a broken entry none."""
    roles = register.entries.get("roles")
    people = roles.get("people") if isinstance(roles, dict) else None
    found: dict[str, str] = {}
    for name, person in (people if isinstance(people, dict) else {}).items():
        key = person.get("ssh_key") if isinstance(person, dict) else None
        plain = plain_key(key) if isinstance(key, str) else None
        if isinstance(name, str) and plain is not None:
            found[name] = plain
    return found


def plain_key(line: str) -> str | None:
    """A public key as OpenSSH writes it; None for what is none of the kind that approves.

    Two spellings of one key, such as with a sign that base64 skips, are one key.
    """
    from sshsig import PublicKey  # noqa: PLC0415  (only where approvals are looked at)

    try:
        key = PublicKey.from_openssh_str(line)
        return " ".join(key.openssh_str().split()[:2]) if key.algo_name == KEY_KIND else None
    except (ValueError, NotImplementedError):
        return None


def is_signed(scope: str, signature: str, key: str) -> bool:
    """Whether a signature is that of a key over a scope.

    Args:
        scope: what was signed.
        signature: in the armour of `ssh-keygen -Y sign`.
        key: the public key, as OpenSSH writes it.
    """
    from sshsig import PublicKey, verify  # noqa: PLC0415  (as in `plain_key`)
    from sshsig.sshsig import SshsigSignature  # noqa: PLC0415

    try:
        if SshsigSignature.from_armored(signature).hash_algo not in _HASHES:
            return False
        verify(scope, signature, [PublicKey.from_openssh_str(key)], NAMESPACE)
    except Exception:  # noqa: BLE001  (it asserts, and what does not verify is no approval)
        return False
    return True


def approved_entries(home: Home, register: Register) -> frozenset[str]:
    """Names of the entries that two people have approved as they stand."""
    now, head = register.digests, _head(register.scope(home))
    keys_by_entry: dict[str, set[str]] = defaultdict(set)
    for name, key in keys_of(register).items():
        scope = _signed_scope(home, name, key)
        if scope is None or _head(scope) != head:
            continue
        for entry, digest in _entries(scope).items():
            if now.get(entry) == digest:
                keys_by_entry[entry].add(key)
    return frozenset(one for one, keys in keys_by_entry.items() if len(keys) >= PEOPLE_NEEDED)


def who_approved(home: Home, register: Register) -> dict[str, bool]:
    """By who may approve, whether their approval covers all of the register as it stands."""
    scope = register.scope(home)
    return {
        name: _signed_scope(home, name, key) == scope for name, key in keys_of(register).items()
    }


def record_approval(home: Home, register: Register, name: str, signature: str) -> None:
    """Keep somebody's approval of the register as it stands, and a copy of what they approved.

    Raises:
        StudyError: `APPROVER_UNKNOWN`, `APPROVAL_NOT_SIGNED`.
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    key = keys_of(register).get(name)
    if key is None:
        raise StudyError("APPROVER_UNKNOWN", entry="roles")
    scope = register.scope(home)
    begins = signature.find(BEGIN)
    if begins < 0 or not is_signed(scope, signature[begins:], key):
        raise StudyError("APPROVAL_NOT_SIGNED", REGISTER)
    content = f"{scope}{signature[begins:].strip()}\n".encode()
    kept = folder_of(home) / register.digest(home)[:16]
    make_folder(folder_of(home))
    make_folder(kept)
    write_once(kept / "study.yaml", (home.root / "study.yaml").read_bytes())
    write_once(kept / f"{name}{SUFFIX}", content)
    write_once(folder_of(home) / f"{name}{SUFFIX}", content)


def sign_with_key(private_key: object, scope: str) -> str:
    """Sign a scope with an Ed25519 key in memory, as `ssh-keygen -Y sign` does.

    Args:
        private_key: an `Ed25519PrivateKey`.
        scope: what to sign.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )
    from sshsig.binary_io import SshWriter  # noqa: PLC0415
    from sshsig.sshsig import SshsigWrapper, ssh_enarmor_sshsig  # noqa: PLC0415

    assert isinstance(private_key, Ed25519PrivateKey)  # noqa: S101
    namespace, hash_name = NAMESPACE.encode(), b"sha512"
    signed = SshsigWrapper(
        namespace=namespace, hash_algo=hash_name, hash=hashlib.sha512(scope.encode()).digest()
    ).to_bytes()

    def strings(*parts: bytes) -> bytes:
        out = SshWriter(io.BytesIO())
        for one in parts:
            out.write_string(one)
        return out.output_fh.getvalue()

    kind = KEY_KIND.encode()
    public = strings(kind, private_key.public_key().public_bytes_raw())
    made = strings(kind, private_key.sign(signed))
    blob = b"SSHSIG" + (1).to_bytes(4) + strings(public, namespace, b"", hash_name, made)
    return ssh_enarmor_sshsig(blob)


def _signed_scope(home: Home, name: str, key: str) -> str | None:
    """What somebody approved last; None without it, or where the signature is not theirs."""
    try:
        content = (folder_of(home) / f"{name}{SUFFIX}").read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    scope, found, rest = content.partition(BEGIN)
    return scope if found and is_signed(scope, found + rest, key) else None


def _head(scope: str) -> list[str]:
    """The lines on the home, which stand before those on entries."""
    return [line for line in scope.splitlines() if line.partition(" ")[0] not in ENTRIES]


def _entries(scope: str) -> Mapping[str, str]:
    pairs = (line.partition(" ") for line in scope.splitlines())
    return {name: digest for name, _, digest in pairs if name in ENTRIES}
