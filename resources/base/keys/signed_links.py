"""Links that carry what they allow, signed (Ed25519): whoever checks them needs no record of them.

A link is signed for one purpose and is worth nothing for another. What it carries is readable to
whoever has it, so it carries nothing personal.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LONGEST = 1200
"""Characters; a longer one is refused unread."""

Fields = Mapping[str, str | int | bool]


@dataclass(frozen=True)
class SigningKeys:
    """What signs links.

    Attributes:
        invitations: signs invitations and delivery links.
        withdrawals: signs withdrawal links.
    """

    invitations: Ed25519PrivateKey
    withdrawals: Ed25519PrivateKey


@dataclass(frozen=True)
class VerifyingKeys:
    """By which links are checked, the newest first.

    Attributes:
        invitations: of invitations and delivery links, without those that were revoked.
        withdrawals: of withdrawal links: all that there ever were.
    """

    invitations: tuple[Ed25519PublicKey, ...]
    withdrawals: tuple[Ed25519PublicKey, ...]


def sign(key: Ed25519PrivateKey, purpose: str, fields: Fields) -> str:
    """A link's token: what it carries and the signature, in signs that a URL takes as they are."""
    payload = _payload(fields)
    return f"{payload}.{_packed(key.sign(_message(purpose, payload)))}"


def read(keys: Sequence[Ed25519PublicKey], purpose: str, token: str) -> Fields | None:
    """What a token carries; None if none of the keys signed it for this purpose.

    Args:
        keys: public keys, the newest first.
        purpose: what it has to be signed for.
        token: as it came, of any form and length.
    """
    payload, dot, signature = token.partition(".")
    if not dot or len(token) > LONGEST or not token.isascii():
        return None
    try:
        signed = _unpacked(signature)
        if not any(_is_by(key, signed, _message(purpose, payload)) for key in keys):
            return None
        found = json.loads(_unpacked(payload))
    except (binascii.Error, ValueError):
        return None
    return found if isinstance(found, dict) else None


def signature_of(token: str) -> bytes:
    """The signature of a token that `read` took, 64 bytes."""
    return _unpacked(token.partition(".")[2])


def is_signed(
    keys: Sequence[Ed25519PublicKey], purpose: str, fields: Fields, signature: bytes
) -> bool:
    """Whether one of the keys signed this, where the token itself was not kept."""
    message = _message(purpose, _payload(fields))
    return any(_is_by(key, signature, message) for key in keys)


def public_key(written: str) -> Ed25519PublicKey:
    """The key of 32 bytes that `written` is in base64; a `ValueError` if it is none."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(written, validate=True))


def written_public(key: Ed25519PrivateKey) -> str:
    """Its public key, as `public_key` takes it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _payload(fields: Fields) -> str:
    return _packed(json.dumps(dict(fields), sort_keys=True, separators=(",", ":")).encode())


def _message(purpose: str, payload: str) -> bytes:
    return f"tideline {purpose}\n{payload}".encode()


def _is_by(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _unpacked(written: str) -> bytes:
    # Only the one way of writing it, so that a token has no twins.
    content = base64.b64decode(written + "=" * (-len(written) % 4), b"-_", validate=True)
    if _packed(content) != written:
        raise ValueError
    return content
