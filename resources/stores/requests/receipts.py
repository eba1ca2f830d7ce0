"""Receipt codes: whoever holds one opens the answer to their request, and nobody else does."""

import base64
import hashlib
import hmac
import os
import re
import secrets
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assets.core.errors import ConsentError, refuse_as
from resources.base.database.tables.requests import ANSWER_BYTES

_CODE_BYTES = 15
_NONCE_BYTES, _TAG_BYTES = 12, 16
_PACKED_BYTES = ANSWER_BYTES - _NONCE_BYTES - _TAG_BYTES
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_NOT_OF_A_CODE = re.compile(r"[^A-Z2-7]")
MOST_CHARACTERS = 900
"""Of an answer in words."""


class Stands(StrEnum):
    """How a request stands."""

    RECEIVED = "received"
    ACTED_ON = "acted_on"
    NOT_MATCHED = "not_matched"
    TAKEN_BACK = "taken_back"
    ANSWERED = "answered"


class Answer(msgspec.Struct, frozen=True):
    """What the receipt's page tells.

    Attributes:
        stands: how the request stands.
        since: the day from which on it has stood so.
        text: of an answer in words.
    """

    stands: Stands
    since: date | None = None
    text: Annotated[str, msgspec.Meta(max_length=MOST_CHARACTERS)] = ""

    def __repr__(self) -> str:
        """Nothing that somebody wrote, nor how it stands."""
        return "Answer(...)"


NOTHING_YET = Answer(Stands.RECEIVED)
"""What is told of a request that waits, and of a code that nobody has."""


def new_code() -> str:
    """A receipt code: 120 random bits as 24 letters and digits, and one by which slips show."""
    drawn = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode("ascii")
    written = drawn + check_letter(drawn)
    return "-".join(written[start : start + 4] for start in range(0, len(written), 4))


def looks_right(typed: str) -> bool:
    """Whether it may be a receipt code, as it was typed; whether anybody has it is not asked.

    One wrong letter is always seen, as are one too many or too few, and two that changed places but
    for A and 7; of other slips one in 32 is not.
    """
    plain = plain_code(typed)
    whole = len(plain) == _CODE_BYTES * 8 // 5 + 1
    return whole and check_letter(plain[:-1]) == plain[-1]


def check_letter(letters: str) -> str:
    """The letter that is added to a code (Luhn's algorithm modulo 32).

    Args:
        letters: of `_ALPHABET`.
    """
    total = 0
    for place, letter in enumerate(reversed(letters)):
        value = _ALPHABET.index(letter) * (2 if place % 2 == 0 else 1)
        total += value // len(_ALPHABET) + value % len(_ALPHABET)
    return _ALPHABET[-total % len(_ALPHABET)]


def plain_code(written: str) -> str:
    """A code as somebody typed it, brought to its one form."""
    return _NOT_OF_A_CODE.sub("", written.upper().replace("0", "O").replace("1", "I"))


def digest_of(code: str) -> str:
    """By which the database knows a code, 64 hex digits.

    The codes are too long to be tried one after another, so that no key is needed.
    """
    return hashlib.sha256(f"tideline receipt\0{plain_code(code)}".encode()).hexdigest()


def seal_answer(code: str, answer: Answer) -> bytes:
    """The answer as `ANSWER_BYTES` bytes, which the code opens.

    Raises:
        ConsentError: `REQUEST_TOO_LONG`.
    """
    content = msgspec.json.encode(answer)
    with refuse_as(ConsentError("REQUEST_TOO_LONG"), msgspec.ValidationError):
        msgspec.json.decode(content, type=Answer)
    if len(content) > _PACKED_BYTES:
        raise ConsentError("REQUEST_TOO_LONG")
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(code).encrypt(nonce, content.ljust(_PACKED_BYTES), None)


def open_answer(code: str, sealed: bytes | None) -> Answer:
    """The answer; `NOTHING_YET` where there is none or the code is another's.

    It does the same work for a code that nobody has.
    """
    sealed = sealed or bytes(ANSWER_BYTES)
    try:
        content = _cipher(code).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        return msgspec.json.decode(content, type=Answer)
    except (InvalidTag, msgspec.MsgspecError, ValueError):
        return NOTHING_YET


def _cipher(code: str) -> AESGCM:
    return AESGCM(hmac.digest(plain_code(code).encode(), b"tideline answer", "sha256"))
