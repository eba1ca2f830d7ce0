"""How much is stored of one group, in counts: what a withdrawal would delete."""

from collections.abc import Mapping

import sqlalchemy as sa

from resources.base.database.tables import group_scores, seen_senders, vectors
from resources.stores.leaving.leaving import Gone, Leaving, each_by_itself
from resources.stores.ledger import Kind


def stored_of(leaving: Leaving, group_ref: str) -> Gone:
    """Count what `Leaving.delete_all_of` would delete now; opens nothing, changes nothing.

    What can't be counted, as in an inbox that does not answer, is among the failures.

    Args:
        leaving: of the home.
        group_ref: the group.
    """

    def count(query: sa.Select[int]) -> int:
        with leaving.database.transaction() as connection:
            return connection.execute(query).scalar_one()

    def keys() -> Mapping[Kind, int]:
        living = sa.select(sa.func.count()).select_from(vectors)
        living = living.where(vectors.c.group_ref == group_ref, vectors.c.destroyed.is_(False))
        return {Kind.KEYS_DESTROYED: count(living)}

    def scores() -> Mapping[Kind, int]:
        days = sa.select(group_scores.c.region, group_scores.c.day).distinct()
        days = days.where(group_scores.c.group_ref == group_ref).subquery()
        return {Kind.SCORES_DELETED: count(sa.select(sa.func.count()).select_from(days))}

    def senders() -> Mapping[Kind, int]:
        seen = sa.select(sa.func.count()).select_from(seen_senders)
        return {Kind.SENDERS_DELETED: count(seen.where(seen_senders.c.group_ref == group_ref))}

    return each_by_itself(
        keys,
        scores,
        lambda: {Kind.SURVEYS_DELETED: leaving.surveys.count(group_ref)},
        senders,
        lambda: {Kind.EXPORT_PURGED: len(leaving.inbox.location.tree(group_ref))},
    )
