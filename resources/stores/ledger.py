"""The ledger: an append-only list of what was destroyed, closed, rescored, deleted: counts."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa

from resources.base.database.tables import ledger


class Kind(StrEnum):
    """What an entry says was done."""

    EXPORT_DELETED = "export_deleted"
    EXPORT_PURGED = "export_purged"
    EXPORT_SPENT = "export_spent"
    SURVEYS_DELETED = "surveys_deleted"
    SENDERS_DELETED = "senders_deleted"
    REQUESTS_DROPPED = "requests_dropped"
    """Of members, that could not be opened or read: nobody's, so that a count tells nothing."""
    MEMBER_EVENTS_DELETED = "member_events_deleted"
    ORPHANS_DELETED = "orphans_deleted"
    BACKUPS_DELETED = "backups_deleted"
    BACKUP_WRITTEN = "backup_written"
    MASTER_KEY_ROTATED = "master_key_rotated"
    MASTER_KEY_PUT_BACK = "master_key_put_back"
    """After a restore, in place of another one that the database knew."""
    INBOX_KEY_PUT_BACK = "inbox_key_put_back"
    """Likewise, in place of another one that home.yaml named."""
    KEYS_DESTROYED = "keys_destroyed"
    SCORES_DELETED = "scores_deleted"
    SCRUB_RECORDS_DELETED = "scrub_records_deleted"
    REGION_DAY_CLOSED = "region_day_closed"
    REGION_DAY_REVISED = "region_day_revised"
    REGION_DAY_RETRACTED = "region_day_retracted"
    DRAW_BURNED = "draw_burned"
    SHADOW_DRAWN = "shadow_drawn"
    REGION_DAY_RESCORED = "region_day_rescored"
    LOST_IN_RESTORE = "lost_in_restore"
    """Group-days of a region-day whose scores no backup holds (see `lost_in_restore`)."""
    DRAWS_UNKNOWN = "draws_unknown"
    """Up to the entry's day it is not known what was drawn: a restore without newer journals."""


def record(
    connection: sa.Connection,
    kind: Kind,
    count: int,
    now: datetime,
    *,
    region: str | None = None,
    day: date | None = None,
    group_ref: str | None = None,
) -> None:
    """Append an entry within the caller's transaction."""
    connection.execute(
        ledger.insert().values(
            at=now, kind=kind.value, region=region, day=day, group_ref=group_ref, count=count
        )
    )
