import errno
import os
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PartitionError, StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import (
    group_days,
    group_scores,
    ledger,
    regional_values,
    rescorings,
    score_revisions,
)
from resources.base.keys.key_store import KeyStore
from resources.stores.scores.score_revisions import ScoreRevisions
from resources.stores.scores.score_store import GroupScore, ScoreStore

REGION, DAY, GROUP, OTHER = "greater_london", date(2026, 10, 1), "g-00000001", "g-00000002"
NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
OLD = [GroupScore(name, 7, 100 + n, 21) for n, name in enumerate(CONSTRUCTS)]
NEW = [GroupScore(name, 7, 200 + n, 21) for n, name in enumerate(CONSTRUCTS)]
NEWER = [GroupScore(name, 7, 300 + n, 21) for n, name in enumerate(CONSTRUCTS)]
LIFETIME = timedelta(days=35)


@pytest.fixture
def store(database: Database, keys: KeyStore) -> ScoreStore:
    made = ScoreStore(database, keys)
    for group in (GROUP, OTHER):
        made.settle(REGION, DAY, group, OLD, export_digest="d", model_version="seeds-1-0", now=NOW)
    return made


@pytest.fixture
def revisions(database: Database, keys: KeyStore) -> ScoreRevisions:
    return ScoreRevisions(database, keys)


def rows(database: Database, *tables: sa.Table) -> list[list[sa.Row]]:
    with database.transaction() as connection:
        return [list(connection.execute(sa.select(one))) for one in tables]


def close(database: Database, day: date = DAY) -> None:
    with database.transaction() as connection:
        connection.execute(
            regional_values.insert().values(
                region=REGION,
                day=day,
                construct="burnout",
                method_version="m",
                revision=0,
                status="not_published",
                closed_at=NOW,
            )
        )


def test_the_newest_scores_stand_and_the_settled_rows_stay(
    store: ScoreStore, revisions: ScoreRevisions, database: Database
) -> None:
    settled = rows(database, group_days, group_scores)
    assert revisions.models(REGION, DAY) == {GROUP: "seeds-1-0", OTHER: "seeds-1-0"}
    assert revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="a", now=NOW) == 1
    assert store.of_region_day(REGION, DAY) == {GROUP: NEW, OTHER: OLD}
    assert revisions.replace(REGION, DAY, {GROUP: NEWER}, model_version="b", now=NOW) == 1
    assert store.of_region_day(REGION, DAY) == {GROUP: NEWER, OTHER: OLD}
    assert revisions.models(REGION, DAY) == {GROUP: "b", OTHER: "seeds-1-0"}
    assert rows(database, group_days, group_scores) == settled
    assert store.of_region_day("east_of_england", DAY) == {}


def test_what_was_replaced_opens_no_more(
    store: ScoreStore, revisions: ScoreRevisions, database: Database, keys: KeyStore
) -> None:
    before = {row.group_ref: row.key_id for row in rows(database, group_scores)[0]}
    revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="a", now=NOW)
    revisions.replace(REGION, DAY, {GROUP: NEWER}, model_version="b", now=NOW)
    newest = {row.key_id for row in rows(database, score_revisions)[0] if row.revision == 2}
    assert {path.name for path in keys.folder.iterdir()} == {before[OTHER], *newest}
    with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
        keys.open(before[GROUP])


def test_the_ledger_tells_from_which_model_to_which(
    store: ScoreStore, revisions: ScoreRevisions, database: Database
) -> None:
    revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="a", now=NOW)
    revisions.replace(REGION, DAY, {GROUP: NEWER, OTHER: NEWER}, model_version="b", now=NOW)
    entries, changes = rows(database, ledger, rescorings)
    assert [(one.kind, one.region, one.day, one.count) for one in entries] == [
        ("region_day_rescored", REGION, DAY, 1),
        ("region_day_rescored", REGION, DAY, 2),
    ]
    assert [(one.model_before, one.model_after, one.group_days) for one in changes] == [
        ("seeds-1-0", "a", 1),
        ("a", "b", 1),
        ("seeds-1-0", "b", 1),
    ]


def test_a_closed_day_stays(
    store: ScoreStore, revisions: ScoreRevisions, database: Database, keys: KeyStore
) -> None:
    close(database)
    tables = (group_scores, score_revisions, ledger, rescorings)
    before = rows(database, *tables), {path.name for path in keys.folder.iterdir()}
    with pytest.raises(PartitionError, match=r"^REGION_DAY_CLOSED$"):
        revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="a", now=NOW)
    assert (rows(database, *tables), {path.name for path in keys.folder.iterdir()}) == before


def test_only_what_has_settled_with_scores_is_replaced(
    store: ScoreStore, revisions: ScoreRevisions, database: Database, keys: KeyStore
) -> None:
    held = {path.name for path in keys.folder.iterdir()}
    nobody = {"g-00000009": NEW}
    assert revisions.replace(REGION, DAY, nobody, model_version="a", now=NOW) == 0
    assert revisions.replace(REGION, DAY, {}, model_version="a", now=NOW) == 0
    assert rows(database, score_revisions, ledger, rescorings) == [[], [], []]
    assert {path.name for path in keys.folder.iterdir()} == held


@pytest.mark.parametrize("failing", ["disk", "row"])
def test_a_failure_replaces_nothing(
    store: ScoreStore,
    revisions: ScoreRevisions,
    database: Database,
    keys: KeyStore,
    monkeypatch: pytest.MonkeyPatch,
    failing: str,
) -> None:
    held = {path.name for path in keys.folder.iterdir()}
    new = {GROUP: NEW, OTHER: NEW}
    with monkeypatch.context() as patch:
        if failing == "disk":

            def full(_: int) -> None:
                raise OSError(errno.ENOSPC, "full")

            patch.setattr(os, "fsync", full)
        else:
            new[OTHER] = [GroupScore("a construct too long", 3, 0, 5)]
        with pytest.raises(StorageError, match=r"^(DISK_FULL|DATABASE_REFUSED)$"):
            revisions.replace(REGION, DAY, new, model_version="a", now=NOW)
    assert store.of_region_day(REGION, DAY) == {GROUP: OLD, OTHER: OLD}
    assert rows(database, score_revisions, ledger, rescorings) == [[], [], []]
    assert {path.name for path in keys.folder.iterdir()} == held


def test_a_key_that_a_crash_left_goes_with_the_next(
    store: ScoreStore, revisions: ScoreRevisions, keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ScoreRevisions, "_destroy_replaced", lambda *_: None)
        revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="a", now=NOW)
    assert len(list(keys.folder.iterdir())) == 3
    revisions.replace(REGION, DAY, {OTHER: NEW}, model_version="a", now=NOW)
    assert len(list(keys.folder.iterdir())) == 2
    assert store.of_region_day(REGION, DAY) == {GROUP: NEW, OTHER: NEW}


@pytest.mark.parametrize("change", [{"revision": 5}, {"group_ref": OTHER}], ids=str)
def test_a_revision_moved_does_not_open(
    store: ScoreStore, revisions: ScoreRevisions, database: Database, change: dict[str, object]
) -> None:
    revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="a", now=NOW)
    with database.transaction() as connection:
        connection.execute(score_revisions.update().values(**change))
    with pytest.raises(StorageError, match=r"^SEALED_DATA_DAMAGED$|^VECTORS_DESTROYED$"):
        store.of_region_day(REGION, DAY)


def test_rescoring_makes_scores_live_no_longer(
    store: ScoreStore, revisions: ScoreRevisions, database: Database, keys: KeyStore
) -> None:
    later = NOW + timedelta(days=2)
    revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="a", now=later)
    assert store.delete_expired(NOW + LIFETIME, LIFETIME) == 0
    assert store.delete_expired(NOW + LIFETIME + timedelta(seconds=1), LIFETIME) == 2
    assert rows(database, group_scores, score_revisions) == [[], []]
    assert list(keys.folder.iterdir()) == []
    assert revisions.replace(REGION, DAY, {GROUP: NEW}, model_version="b", now=later) == 0
    assert list(keys.folder.iterdir()) == []
    assert store.of_region_day(REGION, DAY) == {}
