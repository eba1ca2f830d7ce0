import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import ledger, regional_values
from resources.base.keys.key_store import KeyStore
from resources.stores.vectors.group_day_vectors import GroupDayVectors, vectors_in
from resources.stores.vectors.vector_store import StoredVectors, VectorStore

REGION, DAY, GROUP = "greater_london", date(2026, 10, 1), "g-00000001"
NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)


@pytest.fixture
def store(database: Database, tmp_path: Path, keys: KeyStore) -> VectorStore:
    return VectorStore(database, tmp_path / "vectors", keys)


def content(seed: int = 0, rows: int = 6) -> GroupDayVectors:
    draw = np.random.default_rng(seed)
    return GroupDayVectors(
        draw.normal(size=(rows, 384)).astype(np.float32), np.arange(rows, dtype=np.int32) % 3
    )


def put(store: VectorStore, made: GroupDayVectors, digest: str = "d1", **at: object) -> None:
    place = {"region": REGION, "day": DAY, "group_ref": GROUP, **at}
    store.put(
        **place,
        content=made,
        export_digest=digest,
        vocabulary_digest="v",
        encoder_digest="e",
        now=NOW,
    )


def opened_of(store: VectorStore, stored: StoredVectors) -> GroupDayVectors:
    return vectors_in(store.content(stored))


def found(store: VectorStore) -> list[StoredVectors]:
    return store.find(REGION, [DAY])


def on_disk(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def destroyed_in_ledger(database: Database) -> list[int]:
    with database.transaction() as connection:
        return list(
            connection.execute(
                sa.select(ledger.c.count).where(ledger.c.kind == "keys_destroyed")
            ).scalars()
        )


@pytest.mark.parametrize("rows", [6, 1, 0])
def test_vectors_come_back_as_they_were(store: VectorStore, rows: int) -> None:
    made = content(rows=rows)
    put(store, made)
    opened = opened_of(store, found(store)[0])
    np.testing.assert_array_equal(opened.embeddings, made.embeddings)
    np.testing.assert_array_equal(opened.people, made.people)
    assert opened.embeddings.dtype == np.float32


def test_nothing_shows_of_vectors_in_a_repr() -> None:
    assert repr(content()) == "GroupDayVectors()"


def test_only_ciphertext_lies_on_disk(store: VectorStore, tmp_path: Path) -> None:
    put(store, content())
    (path,) = (tmp_path / "vectors").rglob("*.sealed")
    assert b"PAR1" not in path.read_bytes()
    assert b"person" not in path.read_bytes()


def test_destruction_is_for_ever_and_recorded_once(
    store: VectorStore, database: Database, keys: KeyStore, tmp_path: Path
) -> None:
    put(store, content())
    put(store, content(), group_ref="g-00000002")
    held = found(store)
    assert store.destroy(REGION, DAY, NOW) == 2
    assert store.destroy(REGION, DAY, NOW) == 0
    assert on_disk(keys.folder) == on_disk(tmp_path / "vectors") == set()
    assert destroyed_in_ledger(database) == [2]
    for stored in (*held, *found(store)):
        with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
            opened_of(store, stored)


def test_a_withdrawn_group_s_keys_go_and_no_other_s(store: VectorStore) -> None:
    put(store, content())
    put(store, content(), day=date(2026, 10, 2))
    put(store, content(1), group_ref="g-00000002")
    assert store.destroy_group(GROUP, NOW) == 2
    assert [one.destroyed for one in found(store)] == [True, False]
    opened_of(store, found(store)[1])


def test_newer_vectors_destroy_the_older_key(store: VectorStore, keys: KeyStore) -> None:
    put(store, content(), "d1")
    old = found(store)[0]
    put(store, content(1), "d2")
    (new,) = found(store)
    assert (new.export_digest, on_disk(keys.folder)) == ("d2", {new.key_id})
    np.testing.assert_array_equal(opened_of(store, new).embeddings, content(1).embeddings)
    with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
        opened_of(store, old)


def test_vectors_after_destruction_live_again(store: VectorStore) -> None:
    put(store, content())
    store.destroy(REGION, DAY, NOW)
    put(store, content(2), "d2")
    np.testing.assert_array_equal(opened_of(store, found(store)[0]).people, content(2).people)


@pytest.mark.parametrize(
    "where",
    [{"region": "east_of_england"}, {"day": date(2026, 10, 2)}, {"group_ref": "g-00000002"}],
    ids=str,
)
def test_vectors_moved_to_another_group_day_do_not_open(
    store: VectorStore, tmp_path: Path, where: dict[str, object]
) -> None:
    put(store, content())
    stored = found(store)[0]
    moved = StoredVectors(**{**vars(stored), **where})
    source, target = (store._path(x.region, x.day, x.group_ref, x.key_id) for x in (stored, moved))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    with pytest.raises(StorageError, match=r"^SEALED_DATA_DAMAGED$"):
        opened_of(store, moved)


def test_changed_vectors_do_not_open(store: VectorStore, tmp_path: Path) -> None:
    put(store, content())
    (path,) = (tmp_path / "vectors").rglob("*.sealed")
    sealed = bytearray(path.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    path.write_bytes(sealed)
    with pytest.raises(StorageError, match=r"^SEALED_DATA_DAMAGED$"):
        opened_of(store, found(store)[0])


def test_a_missing_file_is_told_from_a_destroyed_key(store: VectorStore, tmp_path: Path) -> None:
    put(store, content())
    for path in (tmp_path / "vectors").rglob("*.sealed"):
        path.unlink()
    with pytest.raises(StorageError, match=r"^VECTORS_MISSING$"):
        opened_of(store, found(store)[0])


@pytest.mark.parametrize("failing", [1, 2], ids=["key", "vectors"])
@pytest.mark.parametrize("before", [False, True], ids=["first", "replacing"])
def test_a_full_disk_leaves_nothing_half_stored(
    store: VectorStore,
    keys: KeyStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failing: int,
    before: bool,
) -> None:
    if before:
        put(store, content())
    held, files = found(store), on_disk(tmp_path)
    real, calls = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(errno.ENOSPC, "full")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"^DISK_FULL$"):
        put(store, content(1), "d2")
    assert (found(store), on_disk(tmp_path)) == (held, files)
    for stored in held:
        opened_of(store, stored)


def test_a_refused_row_leaves_nothing(store: VectorStore, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"):
        put(store, content(), digest="x" * 65)
    assert found(store) == []
    assert on_disk(tmp_path) == set()


@pytest.mark.parametrize("mend", ["put", "destroy"])
@pytest.mark.parametrize("before", [False, True], ids=["first", "replacing"])
def test_a_crash_between_file_and_row_is_mended(
    store: VectorStore,
    keys: KeyStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: bool,
    mend: str,
) -> None:
    if before:
        put(store, content())
    held = found(store)
    _crash_before_the_row(store, monkeypatch)
    assert found(store) == held
    assert len(on_disk(keys.folder)) == len(held) + 1
    for stored in held:
        opened_of(store, stored)
    if mend == "put":
        put(store, content(2), "d2")
        assert on_disk(keys.folder) == {found(store)[0].key_id}
        opened_of(store, found(store)[0])
    else:
        store.destroy(REGION, DAY, NOW)
        assert on_disk(keys.folder) == on_disk(tmp_path / "vectors") == set()


def _crash_before_the_row(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process leaves: its clean-up never ran."""
    transaction, calls = store._database.transaction, 0

    @contextmanager
    def killed() -> Iterator[sa.Connection]:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise KeyboardInterrupt
        with transaction() as connection:
            yield connection

    with monkeypatch.context() as patch:
        patch.setattr(store._database, "transaction", killed)
        patch.setattr(KeyStore, "destroy", lambda *_: True)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            put(store, content(1), "d9")


def test_one_group_s_leftovers_go_without_touching_another_s(
    store: VectorStore, keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, content(), group_ref="g-00000002")
    _crash_before_the_row(store, monkeypatch)
    store.destroy(REGION, DAY, NOW, GROUP)
    (stored,) = found(store)
    assert on_disk(keys.folder) == {stored.key_id}
    opened_of(store, stored)


def test_a_day_that_never_closes_keeps_nobody_s_vectors(
    store: VectorStore, database: Database, keys: KeyStore
) -> None:
    put(store, content())
    lifetime = timedelta(days=35)
    assert store.destroy_expired(NOW + lifetime, lifetime) == 0
    assert store.destroy_expired(NOW + lifetime + timedelta(seconds=1), lifetime) == 1
    assert [one.destroyed for one in found(store)] == [True]
    assert destroyed_in_ledger(database) == [1]
    assert store.destroy_expired(NOW + timedelta(days=99), lifetime) == 0


def test_keys_that_outlived_the_closing_of_their_day_go(
    store: VectorStore, database: Database, keys: KeyStore
) -> None:
    put(store, content())
    put(store, content(), day=DAY + timedelta(days=1))
    put(store, content(), region="east_of_england")
    assert store.destroy_closed(NOW) == 0
    row = {"region": REGION, "day": DAY, "method_version": "m", "status": "not_published"}
    with database.transaction() as connection:
        connection.execute(
            regional_values.insert(),
            [
                {**row, "construct": one, "revision": revision, "closed_at": NOW}
                for one in ("burnout", "resilience")
                for revision in (0, 1)
            ],
        )
    assert store.destroy_closed(NOW) == 1
    assert [one.destroyed for one in found(store)] == [True]
    assert len(list(keys.folder.iterdir())) == 2
    assert store.destroy_closed(NOW) == 0
    assert destroyed_in_ledger(database) == [1]


def test_keys_that_two_destroy_at_once_are_counted_once(
    store: VectorStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, content())
    real = store._erase

    def with_another(stored: StoredVectors) -> None:
        monkeypatch.setattr(VectorStore, "_erase", lambda _, one: real(one))
        assert store.destroy(REGION, DAY, NOW) == 1
        real(stored)

    monkeypatch.setattr(VectorStore, "_erase", lambda _, one: with_another(one))
    assert store.destroy(REGION, DAY, NOW) == 0
    assert destroyed_in_ledger(database) == [1]
