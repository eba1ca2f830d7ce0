"""The portal's side of members' requests: it puts down sealed bytes, and asks by receipt code."""

import sqlalchemy as sa

from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import member_requests
from resources.stores.requests.member_request import Asks, MemberRequest
from resources.stores.requests.receipts import Answer, digest_of, new_code, open_answer
from resources.stores.requests.sealing import seal

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
