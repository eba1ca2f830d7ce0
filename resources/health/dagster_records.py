"""What Dagster recorded of its daemon, schedules and sensors, read from its own tables.

Dagster itself takes most of a second to load; a test holds what is read here against it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import refuse_as
from resources.base.database.connection import database_error

_HEARTBEATS = sa.text("SELECT daemon_type, max(timestamp) AS at FROM daemon_heartbeats GROUP BY 1")
_STOPPED = sa.text("SELECT instigator_body AS body FROM instigators WHERE status = 'STOPPED'")
_FAILED = sa.text(
    "SELECT newest.tick_body AS body FROM (SELECT DISTINCT ON (selector_id) status, tick_body"
    " FROM job_ticks WHERE status <> 'STARTED' ORDER BY selector_id, id DESC) AS newest"
    " WHERE newest.status = 'FAILURE'"
)
_LOOKED = sa.text(
    "SELECT tick_body AS body FROM job_ticks WHERE id IN"
    " (SELECT max(id) FROM job_ticks WHERE type = 'SENSOR' GROUP BY selector_id)"
)


@dataclass(frozen=True)
class DagsterRecords:
    """What was found.

    Attributes:
        heartbeats: when each part of the daemon last gave a sign of life (aware).
        stopped: schedules and sensors that were switched off, by name.
        failing: those whose last look failed.
        looked: when each sensor last began to look, by name (aware).
    """

    heartbeats: Mapping[str, datetime]
    stopped: tuple[str, ...]
    failing: tuple[str, ...]
    looked: Mapping[str, datetime] = field(default_factory=dict)


def dagster_records(url: str) -> DagsterRecords:
    """Read them.

    Args:
        url: of Dagster's own storage (`resources.base.database.postgres.dagster_url`).

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_REFUSED`.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    with refuse_as(database_error, SQLAlchemyError), engine.connect() as connection:
        beats = {
            row.daemon_type: row.at.replace(tzinfo=UTC) for row in connection.execute(_HEARTBEATS)
        }
        stopped = [_origin_name(row.body) for row in connection.execute(_STOPPED)]
        failing = [_tick_name(row.body) for row in connection.execute(_FAILED)]
        looks = [_look(row.body) for row in connection.execute(_LOOKED)]
    # Of a sensor that moved to another location the newer counts.
    looked = dict(sorted(filter(None, looks), key=lambda one: one[1]))
    return DagsterRecords(beats, _told(stopped), _told(failing), looked)


def _told(names: list[str | None]) -> tuple[str, ...]:
    return tuple(sorted({one for one in names if one}))


def _origin_name(body: str) -> str | None:
    return _text(json.loads(body).get("origin"), "job_name")


def _tick_name(body: str) -> str | None:
    return _text(json.loads(body), "job_name")


def _look(body: str) -> tuple[str, datetime] | None:
    # The column beside it is in whatever zone the server's session had; this is seconds since 1970.
    tick = json.loads(body)
    name, at = _text(tick, "job_name"), tick.get("timestamp")
    if name is None or not isinstance(at, int | float):
        return None
    return name, datetime.fromtimestamp(at, UTC)


def _text(node: Any, name: str) -> str | None:
    found = node.get(name) if isinstance(node, Mapping) else None
    return found if isinstance(found, str) else None
