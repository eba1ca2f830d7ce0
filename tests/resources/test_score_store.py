import errno
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import group_days, group_scores, ledger
from resources.base.keys.key_store import KeyStore
from resources.stores.scores.score_store import GroupScore, ScoreStore

REGION, DAY, GROUP = "greater_london", date(2026, 10, 1), "g-00000001"
NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
SCORES = [GroupScore(name, 7, 1234 - 500 * n, 21) for n, name in enumerate(CONSTRUCTS)]


@pytest.fixture
def store(database: Database, keys: KeyStore) -> ScoreStore:
    return ScoreStore(database, keys)


def settle(store: ScoreStore, scores: list[GroupScore], **at: object) -> None:
    place = {"region": REGION, "day": DAY, "group_ref": GROUP, "now": NOW, **at}
    store.settle(**place, scores=scores, export_digest="d", model_version="seeds-1-0")


def everything(database: Database) -> list[list[sa.Row]]:
    with database.transaction() as connection:
        return [list(connection.execute(sa.select(one))) for one in (group_days, group_scores)]


def test_scores_come_back_as_they_were(store: ScoreStore) -> None:
    settle(store, SCORES)
    assert store.of_region_day(REGION, DAY) == {GROUP: SCORES}
    assert store.of_region_day("east_of_england", DAY) == {}
    assert store.settled(REGION, [DAY]) == {(DAY, GROUP): "scored"}
    assert store.settled(REGION, []) == {}


def test_numbers_are_neither_in_the_database_nor_in_a_repr(
    store: ScoreStore, database: Database
) -> None:
    settle(store, [GroupScore("burnout", 7777, 123456, 8888)])
    stored = b"".join(row.sealed for row in everything(database)[1])
    assert not any(number in stored for number in (b"7777", b"123456", b"8888"))
    assert "7777" not in repr(store.of_region_day(REGION, DAY))


def test_too_small_a_group_day_settles_without_scores_or_key(
    store: ScoreStore, keys: KeyStore
) -> None:
    settle(store, [])
    assert store.settled(REGION, [DAY]) == {(DAY, GROUP): "too_small"}
    assert store.of_region_day(REGION, DAY) == {}
    assert list(keys.folder.iterdir()) == []


@pytest.mark.parametrize("first", [SCORES, []], ids=["scored", "too small"])
@pytest.mark.parametrize("second", [SCORES[::-1], []], ids=["scored", "too small"])
def test_a_group_day_settles_once(
    store: ScoreStore,
    database: Database,
    keys: KeyStore,
    first: list[GroupScore],
    second: list[GroupScore],
) -> None:
    settle(store, first)
    before = everything(database), {path.name for path in keys.folder.iterdir()}
    with pytest.raises(StorageError, match=r"^ALREADY_SETTLED$"):
        settle(store, second, now=NOW + timedelta(days=1))
    assert (everything(database), {path.name for path in keys.folder.iterdir()}) == before


@pytest.mark.parametrize(
    "change",
    [
        {"region": "east_of_england"},
        {"day": date(2026, 10, 2)},
        {"group_ref": "g-00000002"},
        {"construct": "coping"},
    ],
    ids=str,
)
def test_a_row_moved_to_another_group_day_does_not_open(
    store: ScoreStore, database: Database, change: dict[str, object]
) -> None:
    settle(store, SCORES[:1])
    with database.transaction() as connection:
        connection.execute(group_scores.update().values(**change))
    with pytest.raises(StorageError, match=r"^SEALED_DATA_DAMAGED$"):
        store.of_region_day(str(change.get("region", REGION)), change.get("day", DAY))


def test_a_changed_row_does_not_open(store: ScoreStore, database: Database) -> None:
    settle(store, SCORES)
    with database.transaction() as connection:
        connection.execute(group_scores.update().values(sealed=b"x" * 40))
    with pytest.raises(StorageError, match=r"^SEALED_DATA_DAMAGED$"):
        store.of_region_day(REGION, DAY)


def test_a_full_disk_settles_nothing(
    store: ScoreStore, database: Database, keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match=r"^DISK_FULL$"):
            settle(store, SCORES)
    assert everything(database) == [[], []]
    assert list(keys.folder.iterdir()) == []
    settle(store, SCORES)


def test_a_refused_row_leaves_no_key(store: ScoreStore, database: Database, keys: KeyStore) -> None:
    with pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"):
        settle(store, [SCORES[0], GroupScore("a construct too long", 3, 0, 5)])
    assert everything(database) == [[], []]
    assert list(keys.folder.iterdir()) == []


def test_scores_go_at_the_end_of_their_lifetime(
    store: ScoreStore, database: Database, keys: KeyStore, tmp_path: Path
) -> None:
    lifetime = timedelta(days=35)
    settle(store, SCORES)
    settle(store, SCORES, group_ref="g-00000002", now=NOW + timedelta(seconds=1))
    assert store.delete_expired(NOW + lifetime, lifetime) == 0
    assert store.delete_expired(NOW + lifetime + timedelta(seconds=1), lifetime) == 1
    assert list(store.of_region_day(REGION, DAY)) == ["g-00000002"]
    assert len(list(keys.folder.iterdir())) == 1
    # That it settled stays known, so it is not read again.
    assert set(store.settled(REGION, [DAY])) == {(DAY, GROUP), (DAY, "g-00000002")}
    with database.transaction() as connection:
        entries = connection.execute(sa.select(ledger.c.kind, ledger.c.count)).all()
    assert entries == [("scores_deleted", 1)]
