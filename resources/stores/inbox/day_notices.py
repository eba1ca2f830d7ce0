"""Notices: what is worth a look in a group-day, such as drift. They stop nothing, fail no run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from assets.core.errors import CATALOGUE, SetupError
from resources.base.database.connection import Database
from resources.base.database.tables import notices


@dataclass(frozen=True)
class DayNotice:
    """One code on one group-day."""

    region: str
    group_ref: str
    day: date
    code: str
    run_id: str


class DayNotices:
    """Stores notices, each code once for a group-day, and finds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, found: Iterable[DayNotice], now: datetime) -> None:
        """Store what is new.

        Raises:
            SetupError: `CODE_UNKNOWN` for a code that is not in the catalogue.
        """
        rows = [{"at": now, **vars(notice)} for notice in found]
        if any(row["code"] not in CATALOGUE for row in rows):
            raise SetupError("CODE_UNKNOWN")
        if rows:
            with self._database.transaction() as connection:
                connection.execute(insert(notices).on_conflict_do_nothing(), rows)

    def since(self, day: date) -> Mapping[str, list[tuple[date, str]]]:
        """For each group its notices on days from `day` on, oldest first."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(notices.c.group_ref, notices.c.day, notices.c.code)
                .where(notices.c.day >= day)
                .order_by(notices.c.day, notices.c.code)
            ).all()
        found: dict[str, list[tuple[date, str]]] = {}
        for group_ref, on, code in rows:
            found.setdefault(group_ref, []).append((on, code))
        return found
