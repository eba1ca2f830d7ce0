# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""One answer to the pulse, and its one form before it is sealed: JSON, filled up to one size."""

from typing import Annotated

import msgspec
import pyrage

from assets.core.errors import ConsentError, SetupError, refuse_as
from assets.core.pulse_instrument import ITEMS
from resources.base.database.tables.pulse import PULSE_BYTES

PACKED_BYTES = 512
"""Of every answer before it is sealed."""

_LENGTH_BYTES = 4
_FIRST_LINE = b"age-encryption.org/v1\n"
_Code = Annotated[str, msgspec.Meta(max_length=40)]
_Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
_Place = Annotated[int, msgspec.Meta(ge=0, le=9)]


class PulseAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer. Nothing in it tells two people apart, or one person twice.

    Attributes:
        group: the code of the group that the notice shows (`group_code`).
        instrument: digest of what was asked.
        chosen: for each item the place of the choice, from 0.
    """

    group: _Code
    instrument: _Digest
    chosen: Annotated[tuple[_Place, ...], msgspec.Meta(min_length=ITEMS, max_length=ITEMS)]

    def __repr__(self) -> str:
        """Nothing that somebody chose."""
        return "PulseAnswer(...)"


def seal(answer: PulseAnswer, recipient: str) -> bytes:
    """The answer sealed and framed, `PULSE_BYTES` bytes.

    Args:
        answer: what was chosen.
        recipient: the inbox's public key.

    Raises:
        ConsentError: `REQUEST_TOO_LONG`.
        SetupError: `HOME_CONFIG_INVALID` if the key is none.
    """
    content = msgspec.json.encode(answer)
    with refuse_as(ConsentError("REQUEST_TOO_LONG"), msgspec.ValidationError):
        msgspec.json.decode(content, type=PulseAnswer)
    with refuse_as(SetupError("HOME_CONFIG_INVALID"), pyrage.RecipientError):
        to = pyrage.x25519.Recipient.from_str(recipient)
    return framed(pyrage.encrypt(content.ljust(PACKED_BYTES), [to]))


def framed(sealed: bytes) -> bytes:
    """Sealed bytes in their frame of one size, for age adds a stanza of random length.

    Raises:
        ConsentError: `REQUEST_TOO_LONG`.
    """
    if len(sealed) > PULSE_BYTES - _LENGTH_BYTES:
        raise ConsentError("REQUEST_TOO_LONG")
    return (len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed).ljust(PULSE_BYTES, b"\0")


def is_frame(frame: bytes) -> bool:
    """Whether it may be a sealed answer, as far as that shows without opening it."""
    sealed = unframed(frame)
    told = int.from_bytes(frame[:_LENGTH_BYTES], "big")
    return (
        len(frame) == PULSE_BYTES
        and len(sealed) == told > PACKED_BYTES
        and sealed.startswith(_FIRST_LINE)
        and not any(frame[_LENGTH_BYTES + told :])
    )


def unframed(frame: bytes) -> bytes:
    """The sealed bytes of a frame; of what is none, bytes that nothing opens."""
    end = _LENGTH_BYTES + int.from_bytes(frame[:_LENGTH_BYTES], "big")
    return frame[_LENGTH_BYTES:end]


def unpack(packed: bytes) -> PulseAnswer | None:
    """The answer that was packed; None where it is none."""
    try:
        return msgspec.json.decode(packed, type=PulseAnswer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
