"""Lines of the leaving journal that the member key alone opens: what members said, and where.

Whoever may look into the home's folder would else read of whom they know only the group's reference
that somebody in it objected, and when. What compares journal and database needs no key: it goes by
a digest of the row.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assets.core.errors import StorageError, refuse_as

_NONCE_BYTES = 12
_STEP_BYTES = 4_096
"""Lines are filled up to a multiple of it, for a longer name has more digests."""


@dataclass(frozen=True)
class SealedLine:
    """One line that is not opened.

    Attributes:
        known_as: digest of the row's words, as `JournalLine.known_as` has it.
        sealed: nonce and ciphertext, in base64.
    """

    known_as: str
    sealed: str = field(repr=False)

    @property
    def what(self) -> str:
        """As that of the line inside."""
        return "member"


def digest_of_words(written: str) -> str:
    """By which a line is known, sealed or not; keyed digests in it keep it from being guessed."""
    return hashlib.sha256(written.encode()).hexdigest()


class Sealing:
    """Seals and opens the words of lines.

    Args:
        member_key: gives the member key; asked for when a line is sealed or opened.
    """

    def __init__(self, member_key: Callable[[], bytes]) -> None:
        self._member_key = member_key

    def sealed(self, written: str) -> SealedLine:
        """A line's words, sealed.

        Raises:
            StorageError: `MEMBER_KEY_MISSING`, `MEMBER_KEY_INVALID`.
        """
        content = written.encode()
        nonce = os.urandom(_NONCE_BYTES)
        filled = content.ljust(-(-len(content) // _STEP_BYTES) * _STEP_BYTES)
        ciphertext = self._cipher.encrypt(nonce, filled, None)
        return SealedLine(digest_of_words(written), base64.b64encode(nonce + ciphertext).decode())

    def words(self, line: SealedLine) -> str:
        """The words of a line.

        Raises:
            StorageError: `MEMBER_KEY_MISSING`; `MEMBER_KEY_INVALID`, also if another sealed it.
        """
        cipher = self._cipher
        with refuse_as(StorageError("MEMBER_KEY_INVALID"), InvalidTag, ValueError):
            content = base64.b64decode(line.sealed)
            filled = cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], None)
            return filled.decode().rstrip(" ")

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.digest(self._member_key(), b"tideline leaving journal", "sha256"))
