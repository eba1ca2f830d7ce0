"""One writer for each region-day, and whether it is closed."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date

import sqlalchemy as sa
from psycopg2.errors import LockNotAvailable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from resources.base.database.connection import Database, database_error
from resources.base.database.tables import regional_values

LOCK_TIMEOUT = "15min"
"""How long a step waits for another run of the same region-day before it gives up."""

RegionDay = tuple[str, date]


class RegionDays:
    """Locks region-days and tells which are closed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def writing(self, region_days: Collection[RegionDay]) -> Iterator[None]:
        """Hold the advisory locks of these region-days.

        They are taken in one fixed order, so that two runs never wait for each other.

        Raises:
            StorageError: `REGION_DAY_BUSY` after `LOCK_TIMEOUT`, `POSTGRES_NOT_REACHABLE` also
                where the server goes away while it is waited for.
        """
        with refuse_as(database_error, SQLAlchemyError):
            connection = self._database.engine.connect()
        try:
            with refuse_as(_not_locked, SQLAlchemyError):
                connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
                for region_day in sorted(region_days):
                    connection.execute(
                        sa.text("SELECT pg_advisory_lock(:key)"), {"key": _lock_key(region_day)}
                    )
                connection.commit()
            yield
        finally:
            # Closing the session, not returning it to the pool, is what lets the locks go.
            connection.invalidate()
            connection.close()

    def closed(self, region: str, days: Collection[date]) -> frozenset[date]:
        """Those of `days` that are closed in the region."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(regional_values.c.day)
                .where(regional_values.c.region == region, regional_values.c.day.in_(days))
                .distinct()
            )
            return frozenset(rows.scalars())


def _not_locked(error: BaseException) -> StorageError:
    waited = isinstance(error, DBAPIError) and isinstance(error.orig, LockNotAvailable)
    return StorageError("REGION_DAY_BUSY") if waited else database_error(error)


def _lock_key(region_day: RegionDay) -> int:
    digest = hashlib.sha256(f"{region_day[0]}|{region_day[1].isoformat()}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
