# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""Requests sealed with age, in a frame of one size: age adds a stanza of random length."""

import pyrage

from assets.core.errors import ConsentError, SetupError, refuse_as
from resources.base.database.tables.requests import SEALED_BYTES
from resources.stores.requests.member_request import PACKED_BYTES, MemberRequest, pack

_LENGTH_BYTES = 4
_FIRST_LINE = b"age-encryption.org/v1\n"


def seal(request: MemberRequest, recipient: str) -> bytes:
    """The request sealed and framed, `SEALED_BYTES` bytes.

    Args:
        request: what a member asks.
        recipient: the inbox's public key.

    Raises:
        ConsentError: `REQUEST_TOO_LONG`.
        SetupError: `HOME_CONFIG_INVALID` if the key is none.
    """
    with refuse_as(SetupError("HOME_CONFIG_INVALID"), pyrage.RecipientError):
        to = pyrage.x25519.Recipient.from_str(recipient)
    return framed(pyrage.encrypt(pack(request), [to]))


def framed(sealed: bytes) -> bytes:
    """Sealed bytes, as a browser or `seal` makes them, in their frame.

    Raises:
        ConsentError: `REQUEST_TOO_LONG`.
    """
    if len(sealed) > SEALED_BYTES - _LENGTH_BYTES:
        raise ConsentError("REQUEST_TOO_LONG")
    return (len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed).ljust(SEALED_BYTES, b"\0")


def require_frame(frame: bytes) -> None:
    """Refuse what can't be a sealed request, as far as that shows without opening it.

    Raises:
        ConsentError: `REQUEST_NOT_READ`.
    """
    sealed = unframed(frame)
    filled = frame[_LENGTH_BYTES + len(sealed) :]
    told = int.from_bytes(frame[:_LENGTH_BYTES], "big")
    whole = len(frame) == SEALED_BYTES and len(sealed) == told > PACKED_BYTES
    if not whole or not sealed.startswith(_FIRST_LINE) or any(filled):
        raise ConsentError("REQUEST_NOT_READ")


def unframed(frame: bytes) -> bytes:
    """The sealed bytes of a frame; of what is none, bytes that nothing opens."""
    end = _LENGTH_BYTES + int.from_bytes(frame[:_LENGTH_BYTES], "big")
    return frame[_LENGTH_BYTES:end]
