"""Which groups have left, or asked that something be deleted, and up to when that reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from resources.base.database.connection import Database
from resources.base.database.tables import consent_events, leaving_requests

FOR_GOOD = datetime.max.replace(tzinfo=UTC)
"""While a consent is withdrawn: also what comes later is not to be there."""


@dataclass(frozen=True)
class Departures:
    """Asked anew each time, for it acts at once."""

    database: Database

    def of_exports(self, group_ref: str | None = None) -> Mapping[str, datetime]:
        """By group reference the moment up to which its exports are to go (aware).

        Args:
            group_ref: of this group alone; None of all.
        """
        return self._until("exports", group_ref)

    def of_surveys(self) -> Mapping[str, datetime]:
        """By group reference the moment up to which its surveys are to go (aware)."""
        return self._until("surveys")

    def withdrawn(self) -> frozenset[str]:
        """Groups whose consent is withdrawn now."""
        return frozenset(ref for ref, at in self.of_exports().items() if at == FOR_GOOD)

    def _until(self, kind: str, group_ref: str | None = None) -> dict[str, datetime]:
        of_events = (
            sa.select(consent_events.c.group_ref, consent_events.c.kind, consent_events.c.at)
            .where(consent_events.c.kind != "notice")
            .order_by(consent_events.c.seq)
        )
        of_requests = (
            sa.select(leaving_requests.c.group_ref, sa.func.max(leaving_requests.c.at))
            .where(leaving_requests.c.kind == kind)
            .group_by(leaving_requests.c.group_ref)
        )
        if group_ref is not None:
            of_events = of_events.where(consent_events.c.group_ref == group_ref)
            of_requests = of_requests.where(leaving_requests.c.group_ref == group_ref)
        with self.database.transaction() as connection:
            events = connection.execute(of_events).all()
            requests = connection.execute(of_requests).all()
        until: dict[str, datetime] = {row[0]: row[1] for row in requests}
        last: dict[str, str] = {}
        for ref, event, at in events:
            last[ref] = event
            if event == "withdrawn":
                until[ref] = max(at, until.get(ref, at))
        return until | {ref: FOR_GOOD for ref, event in last.items() if event == "withdrawn"}
