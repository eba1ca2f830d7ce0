"""What came of the pulse: one row for each region and fortnight, written once for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from resources.base.database.connection import Database
from resources.base.database.tables import pulse_values
from resources.stores.pulse.answer_book import delete_in
from resources.stores.release.release_ledger import (
    DrawKey,
    Step,
    add_step,
    refuse_changed_register,
)


@dataclass(frozen=True)
class PulseValue:
    """What came of a region's fortnight.

    Attributes:
        region: the region.
        fortnight: its first day, a Monday.
        construct: what the scale measures.
        instrument: digest of what was asked.
        mean: noisy mean of the scores of those who answered, from 0 to 1, higher being more of the
            construct; None where nothing came out, for whatever reason.
    """

    region: str
    fortnight: date
    construct: str
    instrument: str
    mean: float | None = field(repr=False)


class PulseValues:
    """Keeps them, in the home's database.

    Args:
        database: the home's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> list[PulseValue]:
        """All, in (region, fortnight) order."""
        columns = [pulse_values.c[name] for name in PulseValue.__dataclass_fields__]
        query = sa.select(*columns).order_by(*columns[:2])
        with self._database.transaction() as connection:
            return [PulseValue(*row) for row in connection.execute(query)]

    def settled(self) -> frozenset[tuple[str, date]]:
        """Regions and fortnights of which nothing more is taken."""
        query = sa.select(pulse_values.c.region, pulse_values.c.fortnight)
        with self._database.transaction() as connection:
            return frozenset((row[0], row[1]) for row in connection.execute(query))

    def settle(
        self,
        value: PulseValue,
        used_up: Sequence[int],
        now: datetime,
        paid: "Paid | None" = None,
    ) -> None:
        """Store what came out, and delete the answers, in one transaction.

        Args:
            value: what came out.
            used_up: rows of the region's answers of the fortnight, read or not.
            now: the moment.
            paid: for what, where noise was drawn or lost.

        Raises:
            ReleaseError: `REGISTER_CHANGED` if a consent was recorded or withdrawn since `paid`'s
                reading: nothing is stored.
            StorageError: `DATABASE_REFUSED` if the fortnight is settled: nothing changes.
        """
        with self._database.transaction() as connection:
            if paid is not None:
                if paid.register_seq is not None:
                    refuse_changed_register(connection, paid.register_seq)
                add_step(connection, paid.key, paid.step, paid.micro_rho, now)
            row = {**vars(value), "at": now, "micro_rho": paid and paid.micro_rho}
            connection.execute(pulse_values.insert().values(row))
            if used_up:
                delete_in(connection, used_up)


@dataclass(frozen=True)
class Paid:
    """A draw that budget was taken for.

    Attributes:
        key: of the draw.
        step: stored, or burned where it was lost.
        micro_rho: its cost.
        register_seq: number of the newest consent event that was heeded; None if none need be.
    """

    key: DrawKey
    step: Step
    micro_rho: int
    register_seq: int | None = None
