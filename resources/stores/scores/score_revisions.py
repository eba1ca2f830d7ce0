"""Scores of open region-days by a later model: new rows beside the settled ones, never over them.

What is replaced can't be read again: its key is destroyed as soon as the new rows stand.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from assets.core.errors import PartitionError
from resources.base.database.connection import Database
from resources.base.database.tables import (
    group_scores,
    regional_values,
    rescorings,
    score_revisions,
)
from resources.base.keys.key_store import KeyStore
from resources.stores import ledger
from resources.stores.consent.has_left import has_left
from resources.stores.group_locks import hold_groups
from resources.stores.scores.score_rows import keys_of, lock_scores, newest_scores
from resources.stores.scores.score_store import GroupScore, sealed_score


class ScoreRevisions:
    """Replaces the scores of group-days that have settled and are not yet released."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database = database
        self._keys = keys

    def models(self, region: str, day: date) -> Mapping[str, str]:
        """The model whose scores stand, by group reference; none for a group too small."""
        with self._database.transaction() as connection:
            rows = connection.execute(newest_scores(region, day)).all()
        return {row.group_ref: row.model_version for row in rows}

    def replace(
        self,
        region: str,
        day: date,
        scores: Mapping[str, Sequence[GroupScore]],
        *,
        model_version: str,
        now: datetime,
        heeded: Mapping[str, int] | None = None,
    ) -> int:
        """Put these scores in place of those that stand: all in one transaction, or none.

        The caller holds the region-day's lock. A group-day without scores, or whose scores have
        been deleted at the end of their lifetime, is left out.

        Args:
            region: the region.
            day: the day.
            scores: new rows by group reference.
            model_version: of the model that made them.
            now: the moment.
            heeded: number of the newest member event that was heeded, by group reference. A group
                that has left, or in which a member has spoken since, is left out.

        Returns:
            How many group-days have new scores.

        Raises:
            PartitionError: `REGION_DAY_CLOSED`; nothing changes.
            StorageError: a disk or database code; nothing changes.
        """
        made = {}
        try:
            for group_ref in scores:
                made[group_ref] = self._keys.make()
            with self._database.transaction() as connection:
                _refuse_closed(connection, region, day)
                hold_groups(connection, scores)
                stay = {
                    ref
                    for ref in scores
                    if not has_left(connection, ref, day, now, (heeded or {}).get(ref))
                }
                before = _standing(connection, region, day)
                replaced = sorted(stay & set(before))
                rows = [
                    {
                        "region": region,
                        "day": day,
                        "group_ref": ref,
                        "construct": score.construct,
                        "revision": before[ref][0] + 1,
                        "sealed": sealed_score(
                            made[ref][1], score, region, day, ref, before[ref][0] + 1
                        ),
                        "key_id": made[ref][0],
                        "model_version": model_version,
                        "at": now,
                    }
                    for ref in replaced
                    for score in scores[ref]
                ]
                if rows:
                    connection.execute(score_revisions.insert(), rows)
                    changes = Counter(before[ref][1] for ref in replaced)
                    _record(connection, region, day, changes, model_version, now)
        except BaseException:
            for key_id, _ in made.values():
                self._keys.destroy(key_id)
            raise
        self._destroy_replaced(region, day, [made[ref][0] for ref in made if ref not in replaced])
        return len(replaced)

    def _destroy_replaced(self, region: str, day: date, unused: Sequence[str]) -> None:
        """Destroy keys that open nothing that stands, those that a crash left over too."""
        with self._database.transaction() as connection:
            every = {row.key_id for row in connection.execute(keys_of(region, day))}
            standing = {row.key_id for row in connection.execute(newest_scores(region, day))}
        for key_id in (every - standing) | set(unused):
            self._keys.destroy(key_id)


def _refuse_closed(connection: sa.Connection, region: str, day: date) -> None:
    closed = sa.select(regional_values.c.day).where(
        regional_values.c.region == region, regional_values.c.day == day
    )
    if connection.execute(closed.limit(1)).one_or_none() is not None:
        raise PartitionError("REGION_DAY_CLOSED")


def _standing(connection: sa.Connection, region: str, day: date) -> dict[str, tuple[int, str]]:
    """Revision and model of what stands, by group; held until the transaction ends."""
    # Against the end of their lifetime: else new rows could outlive the ones they stand for.
    lock_scores(connection, sa.and_(group_scores.c.region == region, group_scores.c.day == day))
    rows = connection.execute(newest_scores(region, day)).all()
    return {row.group_ref: (row.revision, row.model_version) for row in rows}


def _record(
    connection: sa.Connection,
    region: str,
    day: date,
    before: Mapping[str, int],
    after: str,
    now: datetime,
) -> None:
    ledger.record(
        connection,
        ledger.Kind.REGION_DAY_RESCORED,
        sum(before.values()),
        now,
        region=region,
        day=day,
    )
    connection.execute(
        rescorings.insert(),
        [
            {
                "at": now,
                "region": region,
                "day": day,
                "model_before": version,
                "model_after": after,
                "group_days": count,
            }
            for version, count in sorted(before.items())
        ],
    )
