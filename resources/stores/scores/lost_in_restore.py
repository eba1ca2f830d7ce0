"""Region-days that can't be drawn any more, because a restore lost what they were to be made of.

No backup holds scores or the keys that open them. A group-day that had settled is never read again,
so a region-day that had one lacks it for good: it closes with a code of its own, and is never drawn
from the groups that are left.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from resources.base.database.tables import (
    group_days,
    group_scores,
    ledger,
    score_revisions,
    vectors,
)
from resources.stores import ledger as entries
from resources.stores.scores.score_rows import standing_keys

NOT_BACKED_UP = (group_scores, score_revisions, vectors)
"""Tables whose rows tell of what is sealed under keys of the home, and are worth nothing without.

Without a row of `vectors` a group-day that had not settled is read again where its export is still
there.
"""

LOST = "LOST_IN_RESTORE"
"""Restricted reason of a region-day that closes without having been drawn, for that."""


def mark_lost_scores(connection: sa.Connection, now: datetime, lifetime: timedelta) -> int:
    """Record in the ledger, by region-day, the scored group-days whose scores are not there.

    Those past the scores' lifetime were deleted, not lost. Again, it records nothing.

    Args:
        connection: of a database whose `NOT_BACKED_UP` came back empty.
        now: the moment.
        lifetime: of scores.

    Returns:
        How many region-days.
    """
    marked = sa.exists().where(
        ledger.c.kind == entries.Kind.LOST_IN_RESTORE.value,
        ledger.c.region == group_days.c.region,
        ledger.c.day == group_days.c.day,
    )
    stored = sa.exists().where(
        group_scores.c.region == group_days.c.region,
        group_scores.c.day == group_days.c.day,
        group_scores.c.group_ref == group_days.c.group_ref,
    )
    rows = connection.execute(
        sa.select(group_days.c.region, group_days.c.day, sa.func.count())
        .where(group_days.c.status == "scored", group_days.c.at >= now - lifetime, ~marked, ~stored)
        .group_by(group_days.c.region, group_days.c.day)
        .order_by(group_days.c.region, group_days.c.day)
    ).all()
    return _record(connection, {(region, day): count for region, day, count in rows}, now)


def mark_without_keys(
    connection: sa.Connection, now: datetime, lives: Callable[[str], bool]
) -> int:
    """The same for a database that came back with rows of `NOT_BACKED_UP`, without their keys.

    What nothing opens any more is deleted.

    Args:
        connection: of the database.
        now: the moment.
        lives: whether the key of an id is there (`KeyStore.lives`).

    Returns:
        How many region-days.
    """
    rows = connection.execute(standing_keys()).all()
    lost = {(row.region, row.day, row.group_ref) for row in rows if not lives(row.key_id)}
    for table in (group_scores, score_revisions):
        place = sa.tuple_(table.c.region, table.c.day, table.c.group_ref)
        connection.execute(table.delete().where(place.in_(list(lost))))
    unread = sa.select(vectors.c.key_id).where(vectors.c.destroyed.is_(False))
    gone = [one for one in connection.execute(unread).scalars() if not lives(one)]
    connection.execute(vectors.delete().where(vectors.c.key_id.in_(gone)))
    return _record(connection, Counter((region, day) for region, day, _ in lost), now)


def _record(
    connection: sa.Connection, counts: Mapping[tuple[str, date], int], now: datetime
) -> int:
    kind = entries.Kind.LOST_IN_RESTORE
    for (region, day), count in sorted(counts.items()):
        entries.record(connection, kind, count, now, region=region, day=day)
    return len(counts)


def mark_draws_unknown(
    connection: sa.Connection, now: datetime, regions: Sequence[str], last: date
) -> None:
    """Record that what was drawn since the backup is not known, of days up to `last`.

    Any of them that is open may have been drawn, so that none is drawn again.
    """
    kind = entries.Kind.DRAWS_UNKNOWN
    for region in regions:
        entries.record(connection, kind, 0, now, region=region, day=last)


def is_lost(connection: sa.Connection, region: str, day: date) -> bool:
    """Whether an open region-day must not be drawn, or a closed one not be drawn again."""
    scores = sa.and_(
        ledger.c.kind == entries.Kind.LOST_IN_RESTORE.value,
        ledger.c.region == region,
        ledger.c.day == day,
    )
    draws = sa.and_(
        ledger.c.kind == entries.Kind.DRAWS_UNKNOWN.value,
        ledger.c.region == region,
        ledger.c.day >= day,
    )
    return bool(connection.execute(sa.select(sa.exists().where(scores | draws))).scalar())
