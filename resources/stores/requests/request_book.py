"""The restricted side of members' requests: opened in memory, answered under their codes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from assets.core.errors import ConsentError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import member_answers, member_requests
from resources.stores.requests.member_request import MemberRequest, unpack
from resources.stores.requests.receipts import (
    Answer,
    Stands,
    digest_of,
    no_answer,
    open_answer,
    seal_answer,
)
from resources.stores.requests.sealing import unframed

KEPT = timedelta(days=90)
"""From the day on which a request came, whatever it asks."""


@dataclass(frozen=True)
class Opened:
    """A request as it lies in memory.

    Attributes:
        received_on: the day on which it came.
        receipt: digest of its receipt code.
        request: what is asked. Never shown but by `tideline requests show`.
    """

    received_on: date
    receipt: str
    request: MemberRequest = field(repr=False)


class RequestBook:
    """Opens requests and answers them.

    Args:
        database: the home's.
        unseal: opens what was sealed to the inbox; None for what can't be opened.
    """

    def __init__(self, database: Database, unseal: Callable[[bytes], bytes | None]) -> None:
        self._database = database
        self._unseal = unseal
        self._opened: dict[int, Opened | None] = {}

    def opened(self, *, waiting: bool = False) -> Iterator[Opened]:
        """Requests in the order in which they came.

        What is no request, or lies under a receipt that is not its own, is left aside for good.

        Args:
            waiting: only those without an answer.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING`.
            StorageError: the database does not answer.
        """
        answered = sa.exists().where(member_answers.c.receipt == member_requests.c.receipt)
        wanted = sa.select(member_requests.c.seq).order_by(member_requests.c.seq)
        if waiting:
            wanted = wanted.where(~answered)
        with self._database.transaction() as connection:
            numbers = connection.execute(wanted).scalars().all()
        for seq in numbers:
            one = self._open(seq)
            if one is not None:
                yield one

    def of_code(self, code: str) -> Opened | None:
        """The request of a receipt code; None if nobody has it."""
        receipt = digest_of(code)
        return next((one for one in self.opened() if one.receipt == receipt), None)

    def answer_to(self, one: Opened) -> Answer:
        """How a request stands."""
        with self._database.transaction() as connection:
            return _answer_in(connection, one)

    def is_taken_back_in(self, connection: sa.Connection, one: Opened) -> bool:
        """Whether it was taken back, in the caller's transaction."""
        return _answer_in(connection, one).stands is Stands.TAKEN_BACK

    def answer(self, one: Opened, answer: Answer) -> None:
        """Answer a request, anew if it was answered before.

        Raises:
            ConsentError: `REQUEST_TOO_LONG`.
            StorageError: what `at_once` raises.
        """
        at_once(self._database, lambda connection: self.answer_in(connection, one, answer))

    def answer_in(self, connection: sa.Connection, one: Opened, answer: Answer) -> None:
        """As `answer`, in the caller's transaction."""
        sealed = seal_answer(one.request.receipt, answer)
        row = insert(member_answers).values(receipt=one.receipt, answer=sealed)
        anew = row.on_conflict_do_update(index_elements=["receipt"], set_={"answer": sealed})
        connection.execute(anew)

    def begin_in(self, connection: sa.Connection, one: Opened, answer: Answer) -> bool:
        """Answer a request for the first time; False if another run has done so."""
        sealed = seal_answer(one.request.receipt, answer)
        return _begun(connection, one.receipt, sealed)

    def begin(self, one: Opened, answer: Answer) -> None:
        """As `begin_in`, by itself."""
        at_once(self._database, lambda connection: self.begin_in(connection, one, answer))

    def _open(self, seq: int) -> Opened | None:
        if seq in self._opened:
            return self._opened[seq]
        with self._database.transaction() as connection:
            row = connection.execute(
                sa.select(member_requests).where(member_requests.c.seq == seq)
            ).first()
        if row is None:
            return None
        packed = self._unseal(unframed(row.sealed))
        try:
            request = None if packed is None else unpack(packed)
        except ConsentError:
            request = None
        one = None
        if request is not None and digest_of(request.receipt) == row.receipt:
            one = Opened(row.received_on, row.receipt, request)
        else:
            at_once(self._database, lambda connection: _begun(connection, row.receipt, no_answer()))
        self._opened[seq] = one
        return one


def delete_due(database: Database, today: date) -> None:
    """Delete requests past their time, and answers to what is gone. It takes no key.

    How many is neither returned nor recorded: a count would tell that somebody objected.

    Raises:
        StorageError: what `at_once` raises.
    """
    there = sa.exists().where(member_requests.c.receipt == member_answers.c.receipt)

    def delete(connection: sa.Connection) -> None:
        due = member_requests.c.received_on < today - KEPT
        connection.execute(member_requests.delete().where(due))
        connection.execute(member_answers.delete().where(~there))

    at_once(database, delete)


def _answer_in(connection: sa.Connection, one: Opened) -> Answer:
    of = sa.select(member_answers.c.answer).where(member_answers.c.receipt == one.receipt)
    return open_answer(one.request.receipt, connection.execute(of).scalar())


def _begun(connection: sa.Connection, receipt: str, sealed: bytes) -> bool:
    row = insert(member_answers).values(receipt=receipt, answer=sealed)
    return connection.execute(row.on_conflict_do_nothing()).rowcount == 1
