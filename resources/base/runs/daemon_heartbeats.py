"""Whether Dagster's daemon is at work, asked of its own table without loading Dagster."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import StorageError, refuse_as

PARTS = frozenset({"SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR", "BACKFILL"})
"""Parts of the daemon that the routine needs; each tells every half minute that it works."""

SILENT_AFTER = timedelta(minutes=5)
"""A part may be in the midst of a long evaluation."""

_NEWEST = sa.text(
    "SELECT daemon_type, max(timestamp) AS newest FROM daemon_heartbeats GROUP BY daemon_type"
)


def silent_parts(dagster_url: str, now: datetime) -> set[str]:
    """Parts of the daemon that have not told for too long.

    Args:
        dagster_url: of Dagster's storage (`resources.base.database.postgres.dagster_url`).
        now: the moment.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`.
    """
    engine = sa.create_engine(dagster_url, poolclass=sa.NullPool, hide_parameters=True)
    refused = StorageError("POSTGRES_NOT_REACHABLE")
    with refuse_as(refused, SQLAlchemyError), engine.connect() as connection:
        since = now - SILENT_AFTER
        told = {
            row.daemon_type
            for row in connection.execute(_NEWEST)
            if row.newest.replace(tzinfo=UTC) >= since
        }
    return set(PARTS - told)
