"""What `tideline status` and `tideline remind` tell of connectors; nothing where there is none."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table

from assets.core.errors import CATALOGUE
from orchestration.cli.console import table
from orchestration.cli.session import Session
from resources.base.notifier import Notification
from resources.stores.connect.faults import GroupOfConnector, groups_of_connectors


def connectors_table(session: Session) -> Table | None:
    """Each group that is collected by itself: last pull, lag, refusals; None without connectors."""
    found = list(groups_of_connectors(session.ways_out.connectors, session.clock.now()))
    if not found:
        return None
    rows = table(
        *("group", "connector", "last pull", "supplied until", "lag (h)", "refused"),
        *("times", "came late", "next step"),
        title="Collected by itself",
    )
    for one in found:
        rows.add_row(
            one.group_ref or "all",
            one.platform,
            _moment(one.health.pulled_at),
            _moment(one.health.supplied_until),
            "" if one.lag is None else f"{one.lag.total_seconds() / 3600:.0f}",
            one.code or "",
            str(one.health.refusals or ""),
            f"{one.health.late} or more" if one.health.late else "",
            CATALOGUE[one.code].next_step if one.code else "Nothing to do.",
        )
    return rows


def connector_notifications(session: Session) -> Sequence[Notification]:
    """One for each code, with the groups that it is about."""
    by_code: dict[str, list[GroupOfConnector]] = {}
    for one in groups_of_connectors(session.ways_out.connectors, session.clock.now()):
        if one.code is not None:
            by_code.setdefault(one.code, []).append(one)
    return [
        Notification(
            code,
            [
                {
                    "connector": one.platform,
                    "group": one.group_ref or "all",
                    "hours_behind": round((one.lag.total_seconds() if one.lag else 0) / 3600),
                    "refusals": one.health.refusals,
                    "late_at_least": one.health.late,
                }
                for one in found
            ],
        )
        for code, found in sorted(by_code.items())
    ]


def _moment(at: datetime | None) -> str:
    return "none" if at is None else f"{at:%Y-%m-%d %H:%M}"
