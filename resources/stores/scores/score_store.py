"""Scores of group-days, sealed under a key each; storing them is what settles a group-day."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert

from assets.core.errors import StorageError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import group_days, group_scores, score_revisions
from resources.base.keys.key_store import KeyStore, seal, unseal
from resources.stores import ledger
from resources.stores.consent.consent_register import consent_in
from resources.stores.consent.has_left import has_left
from resources.stores.scores.lost_in_restore import is_lost
from resources.stores.scores.score_rows import (
    delete_revisions,
    lock_scores,
    newest_scores,
    standing_keys,
)


@dataclass(frozen=True)
class GroupScore:
    """One row of `group_scores` (design: 'Contracts').

    Attributes:
        construct: burnout, resilience or resistance.
        person_days: people counted, at least 3.
        sum_milli: sum over person-days of round(1000 * score) - 500.
        messages: messages scored, at least 5.
    """

    construct: str
    person_days: int = field(repr=False)
    sum_milli: int = field(repr=False)
    messages: int = field(repr=False)


class ScoreStore:
    """Settles group-days and opens their scores, keyed by (region, day, group)."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database = database
        self._keys = keys

    def settled(
        self, region: str, days: Collection[date], group_ref: str | None = None
    ) -> Mapping[tuple[date, str], str]:
        """Status of each settled group-day (`scored` or `too_small`), by (day, group).

        Args:
            region: the region.
            days: those that are asked of.
            group_ref: of this group alone; None of all.
        """
        asked = sa.select(group_days.c.day, group_days.c.group_ref, group_days.c.status).where(
            group_days.c.region == region, group_days.c.day.in_(days)
        )
        if group_ref is not None:
            asked = asked.where(group_days.c.group_ref == group_ref)
        with self._database.transaction() as connection:
            rows = connection.execute(asked).all()
        return {(row[0], row[1]): row[2] for row in rows}

    def first_scored(self, region: str) -> Mapping[str, date]:
        """The first day of each group of the region that was scored."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(group_days.c.group_ref, sa.func.min(group_days.c.day))
                .where(group_days.c.region == region, group_days.c.status == "scored")
                .group_by(group_days.c.group_ref)
            ).all()
        return {row[0]: row[1] for row in rows}

    def settle(
        self,
        region: str,
        day: date,
        group_ref: str,
        scores: Collection[GroupScore],
        *,
        export_digest: str,
        model_version: str,
        now: datetime,
        members_seq: int | None = None,
        run_id: str | None = None,
    ) -> bool:
        """Store the scores of a group-day for good; none of them means it was too small.

        Args:
            region: the region.
            day: the day.
            group_ref: the group.
            scores: a row for each construct.
            export_digest: of the export that supplied the day.
            model_version: of the model that made them.
            now: the moment.
            members_seq: the newest member event that was heeded; see `has_left`.
            run_id: Dagster's run that scored it.

        Returns:
            False if the group has left, or a member spoken, since it was read: nothing is stored.

        Raises:
            StorageError: `ALREADY_SETTLED` if it has settled before: nothing changes.
        """
        key_id, cipher = self._keys.make() if scores else ("", None)
        stored = False
        try:
            with self._database.transaction() as connection:
                if not has_left(connection, group_ref, day, now, members_seq):
                    _settle(
                        connection,
                        region=region,
                        day=day,
                        group_ref=group_ref,
                        status="scored" if scores else "too_small",
                        export_digest=export_digest,
                        at=now,
                        run_id=run_id,
                    )
                    if cipher is not None:
                        rows = [
                            {
                                "region": region,
                                "day": day,
                                "group_ref": group_ref,
                                "construct": score.construct,
                                "sealed": sealed_score(cipher, score, region, day, group_ref),
                                "key_id": key_id,
                                "model_version": model_version,
                                "at": now,
                            }
                            for score in scores
                        ]
                        connection.execute(group_scores.insert(), rows)
                    stored = True
        except BaseException:
            if cipher is not None:
                self._keys.destroy(key_id)
            raise
        if cipher is not None and not stored:
            self._keys.destroy(key_id)
        return stored

    def of_region_day(self, region: str, day: date) -> Mapping[str, list[GroupScore]]:
        """Opened scores of a region-day, by group reference; where rescored, the newest.

        A group that withdraws meanwhile is left out.

        Raises:
            StorageError: `VECTORS_DESTROYED` past the scores' lifetime, `SEALED_DATA_DAMAGED`.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(newest_scores(region, day)).all()
        opened: dict[str, list[GroupScore]] = {}
        withdrawn: set[str] = set()
        held: tuple[str, AESGCM] | None = None
        for row in rows:
            if row.group_ref in withdrawn:
                continue
            try:
                # Once a group-day: opening asks the database, too, whether anything may be read.
                if held is None or held[0] != row.key_id:
                    held = row.key_id, self._keys.open(row.key_id)
            except StorageError as error:
                if error.code != "VECTORS_DESTROYED" or not self._withdrew(row.group_ref):
                    raise
                withdrawn.add(row.group_ref)
                opened.pop(row.group_ref, None)
                continue
            name = _name(region, day, row.group_ref, row.construct, row.revision)
            numbers = json.loads(unseal(held[1], row.sealed, name))
            opened.setdefault(row.group_ref, []).append(GroupScore(row.construct, *numbers))
        return opened

    def lost_in_restore(self, region: str, day: date) -> bool:
        """Whether a restore lost what the region-day was to be made of; see `lost_in_restore`."""
        with self._database.transaction() as connection:
            return is_lost(connection, region, day)

    def model_versions(self, region: str, day: date) -> Mapping[str, frozenset[str]]:
        """The models that scored a region-day, by group reference."""
        with self._database.transaction() as connection:
            rows = connection.execute(newest_scores(region, day)).all()
        found: dict[str, frozenset[str]] = {}
        for row in rows:
            found[row.group_ref] = found.get(row.group_ref, frozenset()) | {row.model_version}
        return found

    def delete_expired(self, now: datetime, lifetime: timedelta) -> int:
        """Delete scores older than `lifetime` and destroy their keys. Returns the group-days."""
        with self._database.transaction() as connection:
            lock_scores(connection, group_scores.c.at < now - lifetime)
            deleted = connection.execute(
                group_scores.delete()
                .where(group_scores.c.at < now - lifetime)
                .returning(
                    group_scores.c.region,
                    group_scores.c.day,
                    group_scores.c.group_ref,
                    group_scores.c.key_id,
                )
            ).all()
            # Rescored or not, scores go when the first ones are due.
            gone = {(row.region, row.day, row.group_ref) for row in deleted}
            key_ids = {row.key_id for row in deleted} | delete_revisions(connection, gone)
            if gone:
                ledger.record(connection, ledger.Kind.SCORES_DELETED, len(gone), now)
        for key_id in key_ids:
            self._keys.destroy(key_id)
        return len(gone)

    def forget(self, group_ref: str, now: datetime) -> int:
        """Destroy the keys of a group's scores, then delete them, of closed days too.

        That it had settled stays. Returns how many group-days went, and the ledger says so.
        """
        with self._database.transaction() as connection:
            key_ids = set(
                connection.execute(
                    sa.union(
                        *(
                            sa.select(one.c.key_id).where(one.c.group_ref == group_ref)
                            for one in (group_scores, score_revisions)
                        )
                    )
                ).scalars()
            )
        for key_id in key_ids:
            self._keys.destroy(key_id)

        def delete(connection: sa.Connection) -> int:
            lock_scores(connection, group_scores.c.group_ref == group_ref)
            gone: set[tuple[str, date]] = set()
            for table in (group_scores, score_revisions):
                deleted = table.delete().where(table.c.key_id.in_(key_ids))
                rows = connection.execute(deleted.returning(table.c.region, table.c.day))
                gone |= {(row.region, row.day) for row in rows}
            if gone:
                kind = ledger.Kind.SCORES_DELETED
                ledger.record(connection, kind, len(gone), now, group_ref=group_ref)
            return len(gone)

        return at_once(self._database, delete) if key_ids else 0

    def living_keys(self) -> frozenset[str]:
        """Ids of the keys of all scores that stand."""
        with self._database.transaction() as connection:
            return frozenset(row.key_id for row in connection.execute(standing_keys()))

    def _withdrew(self, group_ref: str) -> bool:
        with self._database.transaction() as connection:
            consent = consent_in(connection, group_ref)
        return consent is not None and not consent.active


def _settle(connection: sa.Connection, **row: object) -> None:
    """Record that a group-day has settled.

    Raises:
        StorageError: `ALREADY_SETTLED`.
    """
    taken = insert(group_days).values(row).on_conflict_do_nothing().returning(group_days.c.day)
    if connection.execute(taken).one_or_none() is None:
        raise StorageError("ALREADY_SETTLED")


def sealed_score(
    cipher: AESGCM, score: GroupScore, region: str, day: date, group_ref: str, revision: int = 0
) -> bytes:
    """A row's numbers, encrypted and bound to the row's place; revision 0 is the first scoring."""
    return seal(
        cipher,
        json.dumps([score.person_days, score.sum_milli, score.messages]).encode(),
        _name(region, day, group_ref, score.construct, revision),
    )


def _name(region: str, day: date, group_ref: str, construct: str, revision: int) -> str:
    place = f"group_scores/{region}/{day.isoformat()}/{group_ref}/{construct}"
    return f"{place}/{revision}" if revision else place
