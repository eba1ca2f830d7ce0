"""Which rows of scores stand: those of the newest scoring of each group-day."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from resources.base.database.tables import group_scores, score_revisions

_COLUMNS = ("group_ref", "construct", "sealed", "key_id", "model_version")


def newest_scores(region: str, day: date) -> sa.Select:
    """Selects a region-day's rows that stand, by group and construct.

    Columns group_ref, construct, sealed, key_id, model_version, revision (0 for the first scoring).
    """
    every = sa.union_all(
        _rows(group_scores, region, day, sa.literal(0)),
        _rows(score_revisions, region, day, score_revisions.c.revision),
    ).subquery()
    return (
        sa.select(every)
        .ext(distinct_on(every.c.group_ref, every.c.construct))
        .order_by(every.c.group_ref, every.c.construct, every.c.revision.desc())
    )


def standing_keys() -> sa.Select:
    """Selects region, day, group_ref and key_id of every row that stands, of all region-days."""
    place = ("region", "day", "group_ref", "construct")
    every = sa.union_all(
        *(
            sa.select(
                *(table.c[name] for name in place), table.c.key_id, revision.label("revision")
            )
            for table, revision in (
                (group_scores, sa.literal(0)),
                (score_revisions, score_revisions.c.revision),
            )
        )
    ).subquery()
    keys = [every.c[name] for name in place]
    named = (every.c.region, every.c.day, every.c.group_ref, every.c.key_id)
    newest = sa.select(*named).ext(distinct_on(*keys))
    return newest.order_by(*keys, every.c.revision.desc())


def keys_of(region: str, day: date) -> sa.CompoundSelect:
    """Selects group_ref and key_id of all rows of a region-day, replaced ones too."""
    return sa.union(
        *(
            sa.select(one.c.group_ref, one.c.key_id).where(one.c.region == region, one.c.day == day)
            for one in (group_scores, score_revisions)
        )
    )


def lock_scores(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Hold first scores until the transaction ends: in one order, so that nobody waits in a ring.

    Whoever replaces or deletes scores holds the first ones before.
    """
    connection.execute(
        sa.select(group_scores.c.region)
        .where(which)
        .order_by(*group_scores.primary_key)
        .with_for_update()
    ).all()


def delete_revisions(
    connection: sa.Connection, group_days: Collection[tuple[str, date, str]]
) -> set[str]:
    """Delete the revisions of these (region, day, group). Returns the ids of their keys."""
    if not group_days:
        return set()
    columns = (score_revisions.c.region, score_revisions.c.day, score_revisions.c.group_ref)
    return set(
        connection.execute(
            score_revisions.delete()
            .where(sa.tuple_(*columns).in_(list(group_days)))
            .returning(score_revisions.c.key_id)
        ).scalars()
    )


def _rows(table: sa.Table, region: str, day: date, revision: sa.ColumnElement[int]) -> sa.Select:
    return sa.select(*(table.c[name] for name in _COLUMNS), revision.label("revision")).where(
        table.c.region == region, table.c.day == day
    )
