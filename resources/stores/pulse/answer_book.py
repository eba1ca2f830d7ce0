"""The restricted side of sealed answers: opened in memory, and deleted."""

from collections.abc import Callable, Collection, Sequence
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
        """All that lie there, some at a time sealed in memory, for anybody may have sent many.

        Raises:
            SetupError: `INBOX_IDENTITY_MISSING`.
            StorageError: the database does not answer.
        """
        found: list[Opened] = []
        query = sa.select(pulse_answers).order_by(pulse_answers.c.seq).limit(AT_ONCE)
        last = 0
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(query.where(pulse_answers.c.seq > last)).all()
            if not rows:
                return found
            found += [Opened(row.seq, row.received_on, self._open(row.sealed)) for row in rows]
            last = rows[-1].seq

    def delete(self, seqs: Sequence[int]) -> None:
        """Delete answers, some at a time; raises as `at_once`, and what went is gone."""
        for start in range(0, len(seqs), AT_ONCE):
            some = seqs[start : start + AT_ONCE]
            at_once(self._database, partial(delete_in, seqs=some))

    def _open(self, frame: bytes) -> PulseAnswer | None:
        packed = self._unseal(unframed(frame))
        return None if packed is None else unpack(packed)


def delete_in(connection: sa.Connection, seqs: Collection[int]) -> None:
    """Delete answers in the caller's transaction."""
    connection.execute(pulse_answers.delete().where(pulse_answers.c.seq.in_(seqs)))


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
    due = pulse_answers.c.received_on < today - longest
    at_once(database, lambda connection: connection.execute(pulse_answers.delete().where(due)))
