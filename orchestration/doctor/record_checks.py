"""One check for each item that tells of the home's own work: facts in, findings out."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from assets.core.modes import Mode, may_publish
from assets.core.study_entries import Action
from orchestration.doctor.finding import Finding, Item, Severity
from resources.base.home import HomeConfig
from resources.health.connectors import ConnectorState
from resources.health.home_records import Lying, ReleaseRecords
from resources.stores.study import standing

LATE_MORNINGS = timedelta(days=2)
"""One morning may fail; two in a row somebody should look into."""
STUCK_AFTER = timedelta(hours=36)
"""Two mornings, whatever the hour it came at."""
TO_PUBLISH = timedelta(hours=26)
"""From a closing to its release: the sensor asks within a minute, and again every hour."""
TO_DELETE = timedelta(hours=3)
"""The hourly job, missed twice."""


def check_backups(
    newest: datetime | None, now: datetime, config: HomeConfig, *, has_groups: bool
) -> Iterator[Finding]:
    """A backup was written within the days that home.yaml says.

    Args:
        newest: when (aware); None if never.
        now: the moment (aware).
        config: of the home.
        has_groups: whether any group consented, so that there is something to lose.
    """
    made_up = config.mode is Mode.SYNTHETIC
    severity = Severity.WARNING if made_up else Severity.FAULT
    if newest is None:
        if has_groups:
            yield Finding(Item.BACKUPS, severity, "BACKUP_OVERDUE", {"written": "never"})
    elif now - newest > timedelta(days=config.backup_within_days):
        facts = {"days": (now - newest).days, "within_days": config.backup_within_days}
        yield Finding(Item.BACKUPS, severity, "BACKUP_OVERDUE", facts)


def check_release(
    records: ReleaseRecords, config: HomeConfig, today: date, now: datetime
) -> Iterator[Finding]:
    """What was due is closed, and what is closed is published."""
    if not may_publish(config.mode):
        return
    due_until = today - timedelta(days=config.close_after_days) - LATE_MORNINGS
    for region, one in records.regions.items():
        if one.consented_from is None:
            continue
        first = max(config.first_day, one.consented_from)
        if one.closed_until is not None:
            first = max(first, one.closed_until + timedelta(days=1))
        if first <= due_until:
            days = (due_until - first).days + 1
            facts = {"region": region, "days": days, "since": first.isoformat()}
            yield Finding(Item.RELEASE, Severity.FAULT, "RELEASE_OVERDUE", facts)
    closed, published = records.closed_at, records.published_at
    if (
        closed is not None
        and (published is None or published < closed)
        and now - closed > TO_PUBLISH
    ):
        facts = {"closed_not_published_hours": int((now - closed) / timedelta(hours=1))}
        yield Finding(Item.RELEASE, Severity.FAULT, "RELEASE_OVERDUE", facts)


def check_register(found: Iterable[standing.Finding], due: Mapping[str, date]) -> Iterator[Finding]:
    """Nothing of the study register stops collecting or publishing, or soon will.

    Args:
        found: what does not stand.
        due: entries to be reviewed within 14 days, and by when.
    """
    for one in found:
        if one.stops & {Action.COLLECT, Action.PUBLISH}:
            facts = {"entry": one.entry, "stops": " and ".join(sorted(one.stops))}
            yield Finding(Item.REGISTER, Severity.FAULT, one.code, facts)
    for entry, last in sorted(due.items(), key=lambda each: each[1]):
        facts = {"entry": entry, "by": last.isoformat()}
        yield Finding(Item.REGISTER, Severity.WARNING, "STUDY_REVIEW_DUE", facts)


def check_inbox(lying: Iterable[Lying], lifetime: timedelta, now: datetime) -> Iterator[Finding]:
    """Nothing waits for two mornings, and nothing is past its lifetime."""
    kept_too_long = 0
    stuck: dict[str, list[datetime]] = {}
    for one in lying:
        age = now - one.arrived_at
        if age > lifetime + TO_DELETE:
            kept_too_long += 1
        elif one.is_waited_for and one.group_ref is not None and age > STUCK_AFTER:
            stuck.setdefault(one.group_ref, []).append(one.arrived_at)
    for group_ref, arrivals in sorted(stuck.items()):
        hours = int((now - min(arrivals)) / timedelta(hours=1))
        facts = {"group": group_ref, "files": len(arrivals), "hours": hours}
        yield Finding(Item.INBOX, Severity.FAULT, "EXPORT_STUCK", facts)
    if kept_too_long:
        facts = {"files": kept_too_long}
        yield Finding(Item.INBOX, Severity.FAULT, "LIFETIME_NOT_ENFORCED", facts)


def check_connectors(states: Iterable[ConnectorState]) -> Iterator[Finding]:
    """None is silent or refused as a whole (a fault), and no group of one is (a warning)."""
    for one in states:
        facts = {"platform": one.platform}
        if one.group_ref:
            facts |= {"group": one.group_ref}
        severity = Severity.WARNING if one.group_ref else Severity.FAULT
        yield Finding(Item.CONNECTORS, severity, one.code, facts)
