"""The release ledger: budget is debited before noise is drawn, and a draw is stored once or lost.

The order is debit, commit, draw, store with the values, commit. A crash in between leaves a debit
without a draw: nobody can know whether anything of it was seen, so that draw is burned, never made
again.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from assets.core.errors import ReleaseError
from assets.released.budget import Debit, Spent, caps_of, spent
from assets.released.method import PULSE_1
from resources.base.database.connection import Database
from resources.base.database.tables import regional_values, release_steps
from resources.stores.consent.consent_register import newest_event
from resources.stores.group_locks import hold_register

CLOCK_TOLERANCE = timedelta(minutes=10)
"""A clock may be put right by this much between two releases."""


@dataclass(frozen=True)
class DrawKey:
    """What may be drawn once."""

    region: str
    day: date
    method_version: str
    revision: int = 0


class Step(StrEnum):
    """What was done for a draw."""

    DEBITED = "debited"
    STORED = "stored"
    BURNED = "burned"


class ReleaseLedger:
    """Debits draws within the caps, and says how far each has come."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def steps(self, key: DrawKey) -> frozenset[Step]:
        """What was done for a draw; empty if nothing was."""
        with self._database.transaction() as connection:
            rows = connection.execute(sa.select(release_steps.c.step).where(*_is(key))).scalars()
            return frozenset(Step(one) for one in rows)

    def debit(
        self, key: DrawKey, micro_rho: int, now: datetime, register_seq: int | None = None
    ) -> bool:
        """Take the budget of a draw, if both caps leave room.

        Args:
            key: of the draw.
            micro_rho: its cost.
            now: the moment.
            register_seq: number of the newest consent event that was heeded; None if none need be.

        Returns:
            Whether it was taken.

        Raises:
            ReleaseError: `CLOCK_SET_BACK` if the ledger has entries from later than now,
                `REGISTER_CHANGED` if a consent was recorded or withdrawn since: nothing is taken.
            StorageError: `DATABASE_REFUSED` if it was taken before: nothing changes.
        """
        with self._database.transaction() as connection:
            # The sum of debits must not change between reading it and adding to it.
            connection.execute(
                sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key(key.region)}
            )
            if register_seq is not None:
                refuse_changed_register(connection, register_seq)
            _refuse_clock_set_back(connection, now)
            had, caps = _spent(connection, key), caps_of(key.method_version)
            if not had.allows(micro_rho, caps):
                return False
            add_step(connection, key, Step.DEBITED, micro_rho, now)
        return True

    def refuse_clock_set_back(self, now: datetime) -> None:
        """Refuse to release anything by a clock that has gone back.

        Raises:
            ReleaseError: `CLOCK_SET_BACK`.
        """
        with self._database.transaction() as connection:
            _refuse_clock_set_back(connection, now)

    def spent(self, region: str, day: date) -> Spent:
        """What the region has spent on releases in the month and the year of a data day."""
        with self._database.transaction() as connection:
            return _spent(connection, DrawKey(region, day, ""))

    def stored(self) -> list[DrawKey]:
        """Every draw that was made and stored."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(*_KEY).where(release_steps.c.step == Step.STORED.value).order_by(*_KEY)
            ).all()
        return [DrawKey(*row) for row in rows]

    def lost(self, region: str, days: Collection[date]) -> list[DrawKey]:
        """Draws of these days that were debited and neither stored nor burned yet."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(*_KEY, sa.func.count())
                .where(release_steps.c.region == region, release_steps.c.day.in_(days))
                .group_by(*_KEY)
                .having(sa.func.count() == 1)
                .order_by(*_KEY)
            ).all()
        return [DrawKey(*row[:4]) for row in rows]


def refuse_changed_register(connection: sa.Connection, register_seq: int) -> None:
    """Go on only if nothing was recorded in the consent register since, and nothing can be.

    Raises:
        ReleaseError: `REGISTER_CHANGED`.
    """
    hold_register(connection)
    if newest_event(connection) != register_seq:
        raise ReleaseError("REGISTER_CHANGED")


def add_step(
    connection: sa.Connection, key: DrawKey, step: Step, micro_rho: int, now: datetime
) -> None:
    """Record a step within the caller's transaction; a second one of its kind is refused."""
    connection.execute(
        release_steps.insert().values(**vars(key), step=step.value, at=now, micro_rho=micro_rho)
    )


_KEY = (
    release_steps.c.region,
    release_steps.c.day,
    release_steps.c.method_version,
    release_steps.c.revision,
)


def _is(key: DrawKey) -> list[sa.ColumnElement[bool]]:
    return [release_steps.c[name] == value for name, value in vars(key).items()]


def _spent(connection: sa.Connection, key: DrawKey) -> Spent:
    """Under the caps that the draw counts under."""
    of_pulse = release_steps.c.method_version == PULSE_1.version
    rows = connection.execute(
        sa.select(release_steps.c.day, release_steps.c.micro_rho).where(
            release_steps.c.region == key.region,
            release_steps.c.step == Step.DEBITED.value,
            release_steps.c.day >= date(key.day.year, 1, 1),
            release_steps.c.day <= date(key.day.year, 12, 31),
            of_pulse if key.method_version == PULSE_1.version else ~of_pulse,
        )
    ).all()
    return spent((Debit(*row) for row in rows), key.day)


def _refuse_clock_set_back(connection: sa.Connection, now: datetime) -> None:
    newest = connection.execute(
        sa.select(
            sa.func.greatest(
                sa.select(sa.func.max(release_steps.c.at)).scalar_subquery(),
                sa.select(sa.func.max(regional_values.c.closed_at)).scalar_subquery(),
            )
        )
    ).scalar()
    if newest is not None and now + CLOCK_TOLERANCE < newest:
        raise ReleaseError("CLOCK_SET_BACK")


def _lock_key(region: str) -> int:
    digest = hashlib.sha256(f"budget|{region}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
