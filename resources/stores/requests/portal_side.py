"""The portal's side of members' requests: it puts down sealed bytes, and asks by receipt code."""

import base64
import re

import sqlalchemy as sa

from assets.core.errors import ConsentError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import member_requests
from resources.base.database.tables.requests import SEALED_BYTES
from resources.stores.requests.member_request import Asks, MemberRequest
from resources.stores.requests.receipts import Answer, digest_of, new_code, open_answer
from resources.stores.requests.sealing import require_frame, seal

_RECEIPT = re.compile(r"[0-9a-f]{64}")
_WRITTEN = re.compile(rf"[A-Za-z0-9_-]{{{-(-SEALED_BYTES * 4 // 3)}}}")
_ANSWER = sa.text("SELECT restricted.answer_to(:receipt)")


class MembersDoor:
    """Takes requests and tells how they stand. It has no key but the inbox's public one.

    Args:
        database: in the portal's role.
        recipient: the inbox's public key.
    """

    def __init__(self, database: Database, recipient: str) -> None:
        self._database = database
        self._recipient = recipient

    def put(self, asks: Asks, **said: str) -> str:
        """Seal a request and put it down. Returns the receipt code, which is shown once.

        Args:
            asks: what.
            said: fields of `MemberRequest`.

        Raises:
            ConsentError: `REQUEST_TOO_LONG`.
            StorageError: what `at_once` raises; nothing was recorded.
        """
        code = new_code()
        sealed = seal(MemberRequest(asks=asks, receipt=code, **said), self._recipient)
        self.put_sealed(digest_of(code), sealed)
        return code

    def put_sealed(self, receipt: str, sealed: bytes) -> None:
        """Put down a request that was sealed and framed before; raises as `put`."""
        # The day is the database's to say.
        row = {"receipt": receipt, "sealed": sealed}
        at_once(
            self._database,
            lambda connection: connection.execute(member_requests.insert().inline().values(row)),
        )

    def put_from_browser(self, receipt: str, written: str) -> None:
        """Put down what a browser has sealed, after a look at its form and length alone.

        Args:
            receipt: digest of the code that the browser made and showed, 64 hex digits.
            written: the frame in base64url, without what fills it up.

        Raises:
            ConsentError: `REQUEST_NOT_READ` where it can't be a sealed request.
            StorageError: as `put`.
        """
        if _RECEIPT.fullmatch(receipt) is None or _WRITTEN.fullmatch(written) is None:
            raise ConsentError("REQUEST_NOT_READ")
        frame = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        require_frame(frame)
        self.put_sealed(receipt, frame)

    def answer(self, code: str) -> Answer:
        """How the request of a receipt code stands; of a code that nobody has, as of a new one.

        Raises:
            StorageError: what `at_once` raises.
        """
        found = at_once(
            self._database,
            lambda connection: connection.execute(
                _ANSWER, {"receipt": digest_of(code)}
            ).scalar_one(),
        )
        return open_answer(code, found)
