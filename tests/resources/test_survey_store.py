import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from assets.core.errors import SetupError, StorageError
from resources.base.keys.key_store import KeyStore
from resources.stores.surveys.survey_store import SurveyMean, SurveyStore

ONE, TWO = "g-00000001", "g-00000002"
MEANS = [
    SurveyMean(date(2026, 10, 5), ONE, "burnout", 0.62518, 8),
    SurveyMean(date(2026, 10, 5), ONE, "resilience", 0.4, 8),
    SurveyMean(date(2026, 10, 12), ONE, "burnout", 0.5, 9),
    SurveyMean(date(2026, 10, 5), TWO, "burnout", 0.25, 5),
]


@pytest.fixture
def store(tmp_path: Path, keys: KeyStore) -> SurveyStore:
    return SurveyStore(tmp_path / "surveys", keys)


def sealed(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "surveys").iterdir())


def test_means_come_back_in_order(store: SurveyStore, tmp_path: Path) -> None:
    assert store.read() == []
    assert store.add(MEANS[::-1]) == 4
    found = store.read()
    assert sorted(found, key=lambda one: one.key) == sorted(MEANS, key=lambda one: one.key)
    assert [one.group_ref for one in found] == [ONE, ONE, ONE, TWO]
    assert len(sealed(tmp_path)) == 3
    assert not any(b"62518" in path.read_bytes() for path in sealed(tmp_path))
    assert {path.stat().st_mode & 0o777 for path in sealed(tmp_path)} == {0o600}


def test_what_is_known_is_not_stored_again(store: SurveyStore, tmp_path: Path) -> None:
    store.add(MEANS[:2])
    before = sealed(tmp_path)
    assert store.add(MEANS[:2]) == 0
    assert sealed(tmp_path) == before
    assert store.add(MEANS) == 2
    assert len(store.read()) == 4


@pytest.mark.parametrize("change", [{"mean": 0.5}, {"answers": 9}], ids=str)
def test_another_mean_for_the_same_week_stores_nothing(
    store: SurveyStore, tmp_path: Path, keys: KeyStore, change: dict
) -> None:
    store.add(MEANS[:1])
    before = sealed(tmp_path), sorted(keys.folder.iterdir())
    with pytest.raises(SetupError, match=r"^SURVEY_REPEATED$"):
        store.add([MEANS[3], replace(MEANS[0], **change)])
    assert (sealed(tmp_path), sorted(keys.folder.iterdir())) == before


def test_a_group_is_forgotten_with_its_keys(
    store: SurveyStore, tmp_path: Path, keys: KeyStore
) -> None:
    store.add(MEANS[:1])
    store.add(MEANS)
    assert store.forget(ONE) == 3
    assert store.read() == MEANS[3:]
    assert len(sealed(tmp_path)) == len(list(keys.folder.iterdir())) == 1
    assert store.forget(ONE) == 0


def test_what_lost_its_key_is_forgotten_and_keeps_nothing_back(
    store: SurveyStore, tmp_path: Path, keys: KeyStore
) -> None:
    store.add(MEANS[:1])
    for path in keys.folder.iterdir():
        path.unlink()
    store.add(MEANS[3:])
    assert store.read() == MEANS[3:]
    assert store.delete_expired(date(2026, 10, 20), timedelta(days=400)) == 1
    assert len(sealed(tmp_path)) == 1


def test_a_week_goes_when_its_time_is_over(store: SurveyStore, tmp_path: Path) -> None:
    store.add(MEANS)
    lifetime, over = timedelta(days=400), date(2026, 10, 12)
    assert store.delete_expired(over + lifetime, lifetime) == 0
    assert store.delete_expired(over + lifetime + timedelta(days=1), lifetime) == 2
    assert store.read() == [MEANS[2]]
    # A file of an earlier version holds several weeks and names none.
    [path] = sealed(tmp_path)
    path.rename(path.with_name(path.name.replace("-2026-10-12", "")))
    os.utime(path.with_name(path.name.replace("-2026-10-12", "")), (0, 0))
    assert store.delete_expired(date(1971, 2, 4), lifetime) == 0
    assert store.delete_expired(date(1971, 2, 6), lifetime) == 1


def test_a_file_moved_to_another_group_does_not_open(store: SurveyStore, tmp_path: Path) -> None:
    store.add(MEANS[:1])
    [path] = sealed(tmp_path)
    path.rename(path.with_name(path.name.replace(ONE, TWO)))
    with pytest.raises(StorageError, match=r"^SEALED_DATA_DAMAGED$"):
        store.read()
