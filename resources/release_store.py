"""The release tables: a region-day closes once, and what was published is never drawn again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from assets.aggregation.regional_mean import RegionSum
from resources import ledger
from resources.database import Database
from resources.tables import regional_values, release_reasons, release_sums


@dataclass(frozen=True)
class RegionalValue:
    """One row of `regional_aggregates` (design: 'Contracts')."""

    construct: str
    estimate: float | None
    standard_error: float | None
    value_7d: float | None
    status: str


@dataclass(frozen=True)
class ReleasedValue:
    """A row of `regional_aggregates` as it was stored."""

    region: str
    day: date
    construct: str
    method_version: str
    revision: int
    estimate: float | None
    standard_error: float | None
    value_7d: float | None
    status: str


class ReleaseStore:
    """Closes region-days, and finds what earlier ones were made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def published_sums(
        self, region: str, construct: str, before: date, days: int
    ) -> list[RegionSum]:
        """Totals of the published days among the `days` days before `before`, oldest first."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(release_sums.c.person_days, release_sums.c.sum_milli)
                .where(
                    release_sums.c.region == region,
                    release_sums.c.construct == construct,
                    release_sums.c.day < before,
                    release_sums.c.day >= before - timedelta(days=days),
                )
                .order_by(release_sums.c.day)
            ).all()
        return [RegionSum(*row) for row in rows]

    def close(
        self,
        region: str,
        day: date,
        values: Sequence[RegionalValue],
        *,
        sums: Mapping[str, RegionSum],
        reason: str | None,
        method_version: str,
        now: datetime,
    ) -> None:
        """Close a region-day for good, in one transaction.

        Args:
            region: the region.
            day: the day.
            values: one row for each construct.
            sums: totals by construct; empty if nothing is published.
            reason: restricted code of why nothing is published, else None.
            method_version: how the values were made.
            now: the moment of closing.

        Raises:
            StorageError: `DATABASE_REFUSED` if it is closed already; nothing changes.
        """
        with self._database.transaction() as connection:
            connection.execute(
                regional_values.insert(),
                [
                    {
                        "region": region,
                        "day": day,
                        "method_version": method_version,
                        "revision": 0,
                        "closed_at": now,
                        **vars(value),
                    }
                    for value in values
                ],
            )
            if sums:
                connection.execute(
                    release_sums.insert(),
                    [
                        {"region": region, "day": day, "construct": construct, **vars(one)}
                        for construct, one in sums.items()
                    ],
                )
            if reason:
                connection.execute(
                    release_reasons.insert().values(region=region, day=day, code=reason)
                )
            ledger.record(connection, ledger.Kind.REGION_DAY_CLOSED, 1, now, region=region, day=day)

    def values(self, region: str, days: Collection[date]) -> list[ReleasedValue]:
        """Every released value of these days, in (day, construct) order."""
        columns = [regional_values.c[name] for name in ReleasedValue.__dataclass_fields__]
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(*columns)
                .where(regional_values.c.region == region, regional_values.c.day.in_(days))
                .order_by(regional_values.c.day, regional_values.c.construct)
            ).all()
        return [ReleasedValue(*row) for row in rows]

    def people(self, region: str, days: Collection[date]) -> Mapping[tuple[date, str], int]:
        """Person-days behind each sum that was added up for release, by (day, construct)."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(
                    release_sums.c.day, release_sums.c.construct, release_sums.c.person_days
                ).where(release_sums.c.region == region, release_sums.c.day.in_(days))
            ).all()
        return {(row[0], row[1]): row[2] for row in rows}

    def outcomes(self, region: str) -> Mapping[date, tuple[str, str | None]]:
        """Status and restricted reason of every closed day of the region."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(regional_values.c.day, regional_values.c.status, release_reasons.c.code)
                .distinct()
                .outerjoin(
                    release_reasons,
                    sa.and_(
                        release_reasons.c.region == regional_values.c.region,
                        release_reasons.c.day == regional_values.c.day,
                    ),
                )
                .where(regional_values.c.region == region)
                .order_by(regional_values.c.day)
            ).all()
        return {row[0]: (row[1], row[2]) for row in rows}
