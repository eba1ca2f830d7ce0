"""The restricted side of sealed answers: opened in memory, and deleted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

import sqlalchemy as sa

from assets.core.fortnights import DAYS
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import pulse_answers
from resources.stores.pulse.pulse_answer import PulseAnswer, unframed, unpack

AT_ONCE = 1_000
"""Answers of one statement, which has seconds."""

MOST_OPENED = 100_000
"""Answers that a step opens: five days of all that the portal's login can add."""

_DELETED_AT_A_TIME = 2_000
LEFT_LYING = timedelta(days=14)
"""How long after it could have been combined an answer lies at most, where nothing combines."""


@dataclass(frozen=True)
class Opened:
    """An answer as it lies in memory.

    Attributes:
        seq: its row.
        received_on: the day on which it came.
        answer: what was chosen; None for what can't be opened or is none.
    """

    seq: int
    received_on: date
    answer: PulseAnswer | None = field(repr=False)


class AnswerBook:
    """Opens answers and deletes them.

    Args:
        database: the home's.
        unseal: opens what was sealed to the inbox; None for what can't be opened.
    """

    def __init__(self, database: Database, unseal: Callable[[bytes], bytes | None]) -> None:
        self._database = database
        self._unseal = unseal

    def opened(self) -> list[Opened]:
        """Those that lie there, at most `MOST_OPENED`, in the order in which they came.

        Some at a time are sealed in memory, for anybody may have sent many. Where more lie there,
        half of them are those that came first and half the newest, so that a flood before an answer
        or one after it does not leave it out.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING`.
            StorageError: the database does not answer.
        """
        found: list[Opened] = []
        numbers = self._numbers()
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            query = sa.select(pulse_answers).where(pulse_answers.c.seq.in_(some))
            with self._database.transaction() as connection:
                rows = connection.execute(query.order_by(pulse_answers.c.seq)).all()
            found += [Opened(row.seq, row.received_on, self._open(row.sealed)) for row in rows]
        return found

    def _numbers(self) -> Sequence[int]:
        seq = pulse_answers.c.seq
        with self._database.transaction() as connection:
            first = connection.execute(sa.select(seq).order_by(seq).limit(MOST_OPENED)).scalars()
            numbers = [*first]
            if len(numbers) < MOST_OPENED:
                return numbers
            last = sa.select(seq).order_by(seq.desc()).limit(MOST_OPENED // 2)
            newest = [*connection.execute(last).scalars()]
        return sorted({*numbers[: MOST_OPENED - len(newest)], *newest})

    def delete(self, seqs: Sequence[int]) -> None:
        """Delete answers, some at a time; raises as `at_once`, and what went is gone."""
        for start in range(0, len(seqs), AT_ONCE):
            some = seqs[start : start + AT_ONCE]
            at_once(self._database, partial(delete_in, seqs=some))

    def _open(self, frame: bytes) -> PulseAnswer | None:
        packed = self._unseal(unframed(frame))
        return None if packed is None else unpack(packed)


def delete_in(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Delete answers in the caller's transaction, some by each statement."""
    for start in range(0, len(seqs), AT_ONCE):
        some = seqs[start : start + AT_ONCE]
        connection.execute(pulse_answers.delete().where(pulse_answers.c.seq.in_(some)))


def delete_due(database: Database, today: date, close_after_days: int) -> None:
    """Delete answers that nobody has combined in time. It takes no key.

    How many is neither returned nor recorded: a count would tell how many answered.

    Args:
        database: the home's.
        today: the day.
        close_after_days: after which a fortnight is combined.

    Raises:
        StorageError: what `at_once` raises.
    """
    longest = timedelta(days=DAYS + close_after_days) + LEFT_LYING
    due = (
        sa.select(pulse_answers.c.seq)
        .where(pulse_answers.c.received_on < today - longest)
        .limit(_DELETED_AT_A_TIME)
    )
    statement = pulse_answers.delete().where(pulse_answers.c.seq.in_(due))
    while at_once(database, lambda connection: connection.execute(statement).rowcount):
        pass
