from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.aggregation.regional_mean import RegionSum
from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import StorageError
from resources.database import Database
from resources.release_store import RegionalValue, ReleaseStore
from resources.tables import ledger, regional_values, release_reasons, release_sums

REGION, DAY = "greater_london", date(2026, 10, 1)
NOW = datetime(2026, 10, 4, 9, tzinfo=UTC)


@pytest.fixture
def store(database: Database) -> ReleaseStore:
    return ReleaseStore(database)


def close(store: ReleaseStore, day: date = DAY, *, estimate: float | None = 0.5) -> None:
    status = "not_published" if estimate is None else "published"
    store.close(
        REGION,
        day,
        [RegionalValue(name, estimate, 0.05, None, status) for name in CONSTRUCTS],
        sums={} if estimate is None else dict.fromkeys(CONSTRUCTS, RegionSum(40, day.day)),
        reason="TOO_FEW_GROUPS" if estimate is None else None,
        method_version="thresholds-1",
        now=NOW,
    )


def everything(database: Database) -> list[list[sa.Row]]:
    tables = (regional_values, release_sums, release_reasons, ledger)
    with database.transaction() as connection:
        return [list(connection.execute(sa.select(one))) for one in tables]


@pytest.mark.parametrize("first", [0.5, None])
@pytest.mark.parametrize("second", [0.6, None])
def test_a_region_day_closes_once(
    store: ReleaseStore, database: Database, first: float | None, second: float | None
) -> None:
    close(store, estimate=first)
    before = everything(database)
    assert len(before[0]) == 3
    with pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"):
        close(store, estimate=second)
    assert everything(database) == before


def test_a_refused_part_closes_nothing(store: ReleaseStore, database: Database) -> None:
    with pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"):
        store.close(
            REGION,
            DAY,
            [RegionalValue("burnout", 0.5, 0.05, None, "maybe")],
            sums={},
            reason=None,
            method_version="thresholds-1",
            now=NOW,
        )
    assert everything(database) == [[], [], [], []]


def test_the_seven_days_before_are_found_oldest_first(store: ReleaseStore) -> None:
    for days_before in (8, 7, 6, 3, 1, 0):
        close(store, date(2026, 10, 20) - timedelta(days=days_before))
    close(store, date(2026, 10, 18), estimate=None)
    found = store.published_sums(REGION, "burnout", date(2026, 10, 20), 6)
    assert [one.sum_milli for one in found] == [14, 17, 19]
    assert store.published_sums("east_of_england", "burnout", date(2026, 10, 20), 6) == []


def test_outcomes_tell_why(store: ReleaseStore) -> None:
    close(store)
    close(store, date(2026, 10, 2), estimate=None)
    assert store.outcomes(REGION) == {
        DAY: ("published", None),
        date(2026, 10, 2): ("not_published", "TOO_FEW_GROUPS"),
    }
