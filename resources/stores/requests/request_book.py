"""The restricted side of members' requests: opened in memory, answered under their codes.

Anybody may send any number of them, so a run opens so many and no more, and what turns out to be
none is opened once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from assets.core.errors import ConsentError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import ledger as entries
from resources.base.database.tables import member_answers, member_requests, requests_done
from resources.stores import ledger
from resources.stores.requests.member_request import SAYINGS, MemberRequest, unpack
from resources.stores.requests.receipts import (
    NOTHING_YET,
    Answer,
    digest_of,
    open_answer,
    seal_answer,
)
from resources.stores.requests.sealing import unframed

T = TypeVar("T")

KEPT = timedelta(days=90)
"""From the day on which a request came, whatever it asks."""

MOST_OPENED = 5_000
"""Requests that a step opens of those that wait, and of those that were answered: seconds."""

MOST_LOOKED_AT = 50_000
"""Answered requests that a run opens to find those of its groups: ten days of all that the portal's
login can add, some 40 s."""

_AT_A_TIME = 200
"""Rows of one statement, which has seconds."""

_DELETED_AT_A_TIME = 2_000


@dataclass(frozen=True)
class Opened:
    """A request as it lies in memory.

    Attributes:
        seq: its number.
        received_on: the day on which it came.
        receipt: digest of its receipt code.
        request: what is asked. Never shown but by `tideline requests show`.
    """

    seq: int
    received_on: date
    receipt: str
    request: MemberRequest = field(repr=False)


@dataclass(frozen=True)
class AnsweredOfGroup:
    """What a group's members asked and were answered.

    Attributes:
        requests: the newest `MOST_OPENED`, in the order in which they came.
        whole_from: from which day on none of the group's is missed, but for those beyond as many;
            None if none is missed at all.
    """

    requests: list[Opened] = field(repr=False)
    whole_from: date | None


class RequestBook:
    """Opens requests and answers them.

    Args:
        database: the home's.
        unseal: opens what was sealed to the inbox; None for what can't be opened.
        now: the moment.
    """

    def __init__(
        self,
        database: Database,
        unseal: Callable[[bytes], bytes | None],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._unseal = unseal
        self._now = now
        self._opened: dict[int, Opened] = {}
        self._of_no_group: set[int] = set()

    def waiting(self) -> list[Opened]:
        """Requests without an answer, in the order in which they came, at most `MOST_OPENED`.

        Where more wait, half of them are those that have waited longest and half the newest: a
        flood before a request, or one after it, keeps it waiting for a few runs at the most.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING`.
            StorageError: the database does not answer.
        """
        wanted = sa.select(member_requests.c.seq).where(~_answered(), ~_done())
        seq = member_requests.c.seq
        with self._database.transaction() as connection:
            first = connection.execute(wanted.order_by(seq).limit(MOST_OPENED)).scalars().all()
            newest = [
                *connection.execute(wanted.order_by(seq.desc()).limit(MOST_OPENED // 2)).scalars()
            ]
        if len(first) == MOST_OPENED:
            first = [*first[: MOST_OPENED - len(newest)], *newest]
        return list(self._open(sorted(set(first))))

    def answered(self, of_group: Callable[[Opened], bool]) -> AnsweredOfGroup:
        """Those of a group that have an answer and say something of a member; raises as `waiting`.

        Complaints and questions, or what another group is sent, push none of them out: they are
        opened once and only their numbers kept in memory.

        Args:
            of_group: whether a request is of the group.
        """
        columns = (member_requests.c.seq, member_requests.c.received_on)
        wanted = sa.select(*columns).where(_answered(), ~_done()).order_by(columns[0].desc())
        with self._database.transaction() as connection:
            rows = connection.execute(wanted.limit(MOST_LOOKED_AT + 1)).all()
        # Of the day of the last one that was looked at, some may be missed.
        missed = rows[MOST_LOOKED_AT].received_on if len(rows) > MOST_LOOKED_AT else None
        found: list[Opened] = []
        numbers = [row.seq for row in rows[:MOST_LOOKED_AT] if row.seq not in self._of_no_group]
        for one in self._open(numbers):
            if one.request.asks not in SAYINGS:
                self._of_no_group.add(one.seq)
                del self._opened[one.seq]
            elif of_group(one):
                found.append(one)
                if len(found) == MOST_OPENED:
                    break
        whole_from = None if missed is None else missed + timedelta(days=1)
        return AnsweredOfGroup(sorted(found, key=lambda one: one.seq), whole_from)

    def opened(self) -> Iterator[Opened]:
        """All requests in the order in which they came, however many: for commands.

        Raises as `waiting`.
        """
        wanted = sa.select(member_requests.c.seq).where(~_done())
        with self._database.transaction() as connection:
            numbers = connection.execute(wanted.order_by(member_requests.c.seq)).scalars().all()
        yield from self._open(numbers)

    def of_codes(self, codes: Sequence[str]) -> Mapping[str, Opened]:
        """The requests of receipt codes, by the digests of these; raises as `waiting`."""
        found: dict[str, Opened] = {}
        for some in _chunks([digest_of(one) for one in codes]):
            wanted = (
                sa.select(sa.func.min(member_requests.c.seq))
                .where(member_requests.c.receipt.in_(some), ~_done())
                # Only a portal that was taken over puts several down under one receipt.
                .group_by(member_requests.c.receipt)
            )
            with self._database.transaction() as connection:
                numbers = connection.execute(wanted).scalars().all()
            found.update({one.receipt: one for one in self._open(numbers)})
        return found

    def answers_to(self, several: Sequence[Opened]) -> Mapping[str, Answer]:
        """How requests stand, by the digests of their receipts; `NOTHING_YET` without an answer."""
        found = {one.receipt: NOTHING_YET for one in several}
        with self._database.transaction() as connection:
            found.update(self.answers_in(connection, several))
        return found

    def answers_in(
        self, connection: sa.Connection, several: Sequence[Opened]
    ) -> Mapping[str, Answer]:
        """As `answers_to`, in the caller's transaction, and only of those that have an answer."""
        codes = {one.receipt: one.request.receipt for one in several}
        found: dict[str, Answer] = {}
        for some in _chunks([*codes]):
            query = sa.select(member_answers).where(member_answers.c.receipt.in_(some))
            for row in connection.execute(query).all():
                found[row.receipt] = open_answer(codes[row.receipt], row.answer)
        return found

    def answer_to(self, one: Opened) -> Answer:
        """How a request stands."""
        return self.answers_to([one])[one.receipt]

    def answer(self, one: Opened, answer: Answer) -> None:
        """Answer a request, anew if it was answered before.

        Raises:
            ConsentError: `REQUEST_TOO_LONG`.
            StorageError: what `at_once` raises.
        """
        self.answer_all([(one, answer)])

    def answer_all(self, answers: Sequence[tuple[Opened, Answer]]) -> None:
        """As `answer`, for several."""
        for some in _chunks(answers):
            at_once(self._database, lambda connection, some=some: self.answer_in(connection, some))

    def answer_in(
        self, connection: sa.Connection, answers: Sequence[tuple[Opened, Answer]]
    ) -> None:
        """As `answer_all`, in the caller's transaction."""
        row = insert(member_answers)
        anew = row.on_conflict_do_update(
            index_elements=["receipt"], set_={"answer": row.excluded.answer}
        )
        # One under the same receipt as another would be changed twice by one statement.
        rows = {one.receipt: _row(one, answer) for one, answer in answers}
        if rows:
            connection.execute(anew.values([*rows.values()]))

    def begin_in(self, connection: sa.Connection, answers: Sequence[tuple[Opened, Answer]]) -> None:
        """Answer requests for the first time; what another run has answered stays as it is."""
        rows = {one.receipt: _row(one, answer) for one, answer in reversed(answers)}
        if rows:
            begun = insert(member_answers).values([*rows.values()])
            connection.execute(begun.on_conflict_do_nothing())

    def begin(self, answers: Sequence[tuple[Opened, Answer]]) -> None:
        """As `begin_in`, by itself."""
        for some in _chunks(answers):
            at_once(self._database, lambda connection, some=some: self.begin_in(connection, some))

    def set_aside(self, several: Sequence[Opened]) -> None:
        """Let no run open these again."""
        for some in _chunks(several):
            self._set_aside([one.seq for one in some])

    def _open(self, numbers: Sequence[int]) -> Iterator[Opened]:
        """Open what was not opened before; what is none is set aside and counted."""
        for some in _chunks(numbers):
            new = [seq for seq in some if seq not in self._opened]
            with self._database.transaction() as connection:
                rows = connection.execute(
                    sa.select(member_requests).where(member_requests.c.seq.in_(new))
                ).all()
            found = {row.seq: self._read(row) for row in rows}
            none = [seq for seq, one in found.items() if one is None]
            self._set_aside(none, dropped=True)
            self._opened.update({seq: one for seq, one in found.items() if one is not None})
            yield from (self._opened[seq] for seq in some if seq in self._opened)

    def _read(self, row: sa.Row) -> Opened | None:
        packed = self._unseal(unframed(row.sealed))
        if packed is None:
            return None
        try:
            request = unpack(packed)
        except ConsentError:
            return None
        # Under another receipt it would be answered by, or take the place of, somebody else's.
        if digest_of(request.receipt) != row.receipt:
            return None
        return Opened(row.seq, row.received_on, row.receipt, request)

    def _set_aside(self, numbers: Sequence[int], *, dropped: bool = False) -> None:
        rows = [{"seq": seq} for seq in numbers]
        if not rows:
            return

        def record(connection: sa.Connection) -> None:
            new = insert(requests_done).values(rows).on_conflict_do_nothing()
            count = connection.execute(new).rowcount
            if dropped and count:
                kind = ledger.Kind.REQUESTS_DROPPED
                ledger.record(connection, kind, count, self._now())

        at_once(self._database, record)


def delete_due(database: Database, today: date) -> None:
    """Delete requests past their time, and what belongs to those that are gone. It takes no key.

    How many is neither returned nor recorded: a count would tell that somebody objected.

    Raises:
        StorageError: what `at_once` raises.
    """
    due = (
        sa.select(member_requests.c.seq)
        .where(member_requests.c.received_on < today - KEPT)
        .limit(_DELETED_AT_A_TIME)
    )
    there = sa.exists().where(member_requests.c.receipt == member_answers.c.receipt)
    alone = sa.select(member_answers.c.receipt).where(~there).limit(_DELETED_AT_A_TIME)
    kept = sa.exists().where(member_requests.c.seq == requests_done.c.seq)
    gone = sa.select(requests_done.c.seq).where(~kept).limit(_DELETED_AT_A_TIME)
    for table, column, wanted in (
        (member_requests, member_requests.c.seq, due),
        (member_answers, member_answers.c.receipt, alone),
        (requests_done, requests_done.c.seq, gone),
    ):
        statement = table.delete().where(column.in_(wanted))
        while at_once(
            database, lambda connection, some=statement: connection.execute(some).rowcount
        ):
            pass


def dropped(database: Database) -> int:
    """How many requests could not be opened or read, ever."""
    counts = sa.select(sa.func.coalesce(sa.func.sum(entries.c.count), 0)).where(
        entries.c.kind == ledger.Kind.REQUESTS_DROPPED.value
    )
    with database.transaction() as connection:
        return int(connection.execute(counts).scalar_one())


def _answered() -> sa.Exists:
    return sa.exists().where(member_answers.c.receipt == member_requests.c.receipt)


def _done() -> sa.Exists:
    return sa.exists().where(requests_done.c.seq == member_requests.c.seq)


def _row(one: Opened, answer: Answer) -> dict[str, object]:
    return {"receipt": one.receipt, "answer": seal_answer(one.request.receipt, answer)}


def _chunks(several: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(several), _AT_A_TIME):
        yield several[start : start + _AT_A_TIME]
