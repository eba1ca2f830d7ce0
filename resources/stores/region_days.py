"""One writer for each region-day, or for each shard of its groups; and whether it is closed."""

import hashlib
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from psycopg2.errors import LockNotAvailable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from assets.core.shards import WHOLE, Shard
from resources.base.database.connection import Database, database_error
from resources.base.database.tables import regional_values

LOCK_TIMEOUT = "15min"
"""How long a step waits for another run of the same region-day before it gives up."""

_SETTINGS = """
    SELECT set_config('lock_timeout', :lock_timeout, false), (
        SELECT count(set_config(name, wanted, false)) FROM pg_settings JOIN (VALUES
            ('tcp_keepalives_idle', '15'), ('tcp_keepalives_interval', '5'),
            ('tcp_keepalives_count', '3')
        ) AS ours(name, wanted) USING (name)
    )
"""
"""The session of a machine that is gone ends after half a minute, and its locks with it."""

_WAIT_FOR_HELPERS = """
    SELECT pg_advisory_lock(key), pg_advisory_unlock(key)
    FROM unnest(CAST(:keys AS bigint[])) AS key
"""
_HOLD = "SELECT pg_advisory_lock_shared(key) FROM unnest(CAST(:keys AS bigint[])) AS key"
_HELD = """
    SELECT count(DISTINCT (days.classid, days.objid)) FROM pg_locks AS turn
    JOIN pg_locks AS days USING (pid)
    WHERE turn.locktype = 'advisory' AND turn.objsubid = 1 AND turn.granted
        AND (turn.classid::bigint << 32) | turn.objid::bigint = :turn
        AND days.locktype = 'advisory' AND days.objsubid = 1 AND days.granted
        AND days.mode = 'ExclusiveLock'
        AND (days.classid::bigint << 32) | days.objid::bigint = ANY(CAST(:keys AS bigint[]))
"""

RegionDay = tuple[str, date]


@dataclass(frozen=True)
class WritingTurn:
    """What the writer of some region-days shows to those who write for it.

    Attributes:
        key: a lock that its session holds beside the region-days', drawn at random for this turn.
    """

    key: int


class RegionDays:
    """Locks region-days and tells which are closed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def writing(
        self, region_days: Collection[RegionDay], shard: Shard = WHOLE
    ) -> Iterator[WritingTurn]:
        """Hold the advisory locks of these region-days.

        They are taken in one fixed order, so that two runs never wait for each other. Who still
        writes for an earlier holder (`writing_for`), which may have died, is waited for too.

        Who writes the groups of a shard alone holds region-days together with others that do, and
        the slots of its regions for itself: shards that have no group in common write side by
        side, those of another division wait where they have, and so does who writes all groups.

        Args:
            region_days: what is to be written.
            shard: of which groups; those for which a worker may write (`writing_for`) are all.

        Raises:
            StorageError: `REGION_DAY_BUSY` after `LOCK_TIMEOUT`, `POSTGRES_NOT_REACHABLE` also
                where the server goes away while it is waited for.
        """
        with refuse_as(database_error, SQLAlchemyError):
            connection = self._database.engine.connect()
        try:
            with refuse_as(_not_locked, SQLAlchemyError):
                turn = WritingTurn(secrets.randbits(63))
                connection.execute(sa.text(_SETTINGS), {"lock_timeout": LOCK_TIMEOUT})
                connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": turn.key})
                take = "pg_advisory_lock" if shard == WHOLE else "pg_advisory_lock_shared"
                for region_day in sorted(region_days):
                    connection.execute(
                        sa.text(f"SELECT {take}(:key)"), {"key": _lock_key(region_day)}
                    )
                # After the region-days, for all who take slots.
                for key in _slot_keys(region_days, shard):
                    connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": key})
                connection.execute(sa.text(_WAIT_FOR_HELPERS), {"keys": _helpers_keys(region_days)})
                connection.commit()
            yield turn
        finally:
            # Closing the session, not returning it to the pool, is what lets the locks go.
            connection.invalidate()
            connection.close()

    @contextmanager
    def writing_for(
        self, turn: WritingTurn, region: str, days: Collection[date], group_ref: str
    ) -> Iterator[None]:
        """Write one group in another process, for the one that holds these region-days.

        The group is locked, so that of two processes that were given it the second waits for the
        first. The next writer of the region-days waits until this ends, and whoever comes when the
        turn is over writes nothing.

        Args:
            turn: the holder's.
            region: of the region-days.
            days: all that may be written.
            group_ref: the group.

        Raises:
            StorageError: `REGION_DAY_TURN_OVER`, `REGION_DAY_BUSY` after `LOCK_TIMEOUT`,
                `POSTGRES_NOT_REACHABLE`.
        """
        region_days = [(region, day) for day in days]
        with refuse_as(database_error, SQLAlchemyError):
            connection = self._database.engine.connect()
        try:
            with refuse_as(_not_locked, SQLAlchemyError):
                connection.execute(sa.text(_SETTINGS), {"lock_timeout": LOCK_TIMEOUT})
                connection.execute(
                    sa.text("SELECT pg_advisory_lock(:key)"),
                    {"key": _key(f"write for another|{group_ref}")},
                )
                # In this order: whoever passes `_WAIT_FOR_HELPERS` in between is seen by `_HELD`.
                connection.execute(sa.text(_HOLD), {"keys": _helpers_keys(region_days)})
                keys = [_lock_key(one) for one in region_days]
                held = connection.execute(
                    sa.text(_HELD), {"turn": turn.key, "keys": keys}
                ).scalar_one()
                connection.commit()
            if held != len(set(keys)):
                raise StorageError("REGION_DAY_TURN_OVER")
            yield
        finally:
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
    return _key(f"{region_day[0]}|{region_day[1].isoformat()}")


def _helpers_keys(region_days: Collection[RegionDay]) -> list[int]:
    """In the order of the region-days, for all who take several."""
    return [_key(f"write for|{one[0]}|{one[1].isoformat()}") for one in sorted(region_days)]


def _slot_keys(region_days: Collection[RegionDay], shard: Shard) -> list[int]:
    """In one order for all; none for who writes all groups, whom nobody writes beside.

    Not by day, for a server has room for some thousand locks in all.
    """
    if shard == WHOLE:
        return []
    regions = sorted({region for region, _ in region_days})
    return [_key(f"slot|{region}|{slot}") for region in regions for slot in shard.slots]


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
