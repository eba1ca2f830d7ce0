"""Whether somebody fills the database by the portal, so that it is noticed before it is full."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assets.core.errors import StorageError
from assets.core.london_time import LONDON
from resources.base.database.connection import Database
from resources.base.database.tables import (
    consent_events,
    member_requests,
    portal_consents,
    pulse_answers,
)
from resources.base.database.tables.portal_bounds import MOST_A_DAY

_DAY = timedelta(days=1)


def refuse_flood(database: Database, now: datetime) -> None:
    """Fail if the portal added more than half of what a day may bring, this day or the one before.

    That many come of nobody's objection: below it nothing is told, and above it no number.

    Args:
        database: the home's.
        now: the moment (aware).

    Raises:
        StorageError: `PORTAL_FLOODED`.
    """
    with database.transaction() as connection:
        for table, counted in _counts(now):
            if connection.execute(counted).scalar_one() * 2 > MOST_A_DAY[table]:
                raise StorageError("PORTAL_FLOODED")


def _counts(now: datetime) -> Iterator[tuple[sa.Table, sa.Select[Any]]]:
    count = sa.select(sa.func.count())
    answers, events = portal_consents.c.at, consent_events.c
    yield portal_consents, count.where(answers > now - 2 * _DAY)
    yield consent_events, count.where(events.via == "portal", events.at > now - 2 * _DAY)
    today = now.astimezone(LONDON).date()
    for day in (today, today - _DAY):
        for table in (member_requests, pulse_answers):
            yield table, count.where(table.c.received_on == day)
