"""A request of a member, and its one form before it is sealed: JSON, filled up to one size."""

from enum import StrEnum
from typing import Annotated

import msgspec

from assets.core.errors import ConsentError, refuse_as

PACKED_BYTES = 8_192
"""Of every request before it is sealed, whatever it asks."""

MOST_CHARACTERS = 1_500
"""Of what a complaint or question says; four bytes each leave room for the rest."""

GROUP_CODE_LETTERS = 16
"""Of a code as `group_code` makes it, without what stands between them."""

_FEWEST_DIGITS = 7

_Name = Annotated[str, msgspec.Meta(max_length=120)]
_Code = Annotated[str, msgspec.Meta(max_length=40)]


class Asks(StrEnum):
    """What a member may ask."""

    OBJECT = "object"
    OPT_IN = "opt_in"
    TAKE_BACK = "take_back"
    COMPLAIN = "complain"
    QUESTION = "question"


SAYINGS = (Asks.OBJECT, Asks.OPT_IN, Asks.TAKE_BACK)
"""What the next reading acts on, without anybody in between."""


class MemberRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request.

    Attributes:
        asks: what.
        receipt: the receipt code that its sender holds.
        group: the code of the group that the notice shows (`group_code`); empty without one.
        name: how the chat shows the sender.
        number: their telephone number.
        earlier: receipt code of the request that is taken back.
        text: of a complaint or a question.
        contact: where an answer may go, beside the receipt's page.
    """

    asks: Asks
    receipt: _Code
    group: _Code = ""
    name: _Name = ""
    number: _Name = ""
    earlier: _Code = ""
    text: Annotated[str, msgspec.Meta(max_length=MOST_CHARACTERS)] = ""
    contact: _Name = ""

    def __repr__(self) -> str:
        """Nothing that somebody wrote."""
        return "MemberRequest(...)"


def says_who(name: str, number: str) -> bool:
    """Whether there may be a name or a whole number in it; whom it means is asked later."""
    return any(not one.isspace() for one in name) or (
        sum(one.isdigit() for one in number) >= _FEWEST_DIGITS
    )


def pack(request: MemberRequest) -> bytes:
    """The request as `PACKED_BYTES` bytes.

    Raises:
        ConsentError: `REQUEST_TOO_LONG`.
    """
    content = msgspec.json.encode(request)
    if len(content) > PACKED_BYTES:
        raise ConsentError("REQUEST_TOO_LONG")
    # Here alone its sender is still there to be told.
    with refuse_as(ConsentError("REQUEST_TOO_LONG"), msgspec.ValidationError):
        msgspec.json.decode(content, type=MemberRequest)
    return content.ljust(PACKED_BYTES)


def unpack(packed: bytes) -> MemberRequest:
    """The request that was packed.

    Raises:
        ConsentError: `REQUEST_NOT_READ` where it is none.
    """
    with refuse_as(
        ConsentError("REQUEST_NOT_READ"), msgspec.MsgspecError, ValueError, RecursionError
    ):
        return msgspec.json.decode(packed, type=MemberRequest)
