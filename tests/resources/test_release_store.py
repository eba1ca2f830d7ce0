from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from made_evidence import RELEASING

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import StorageError
from assets.released.noise_scales import NoisyTotals
from resources.base.database.connection import Database
from resources.base.database.tables import (
    ledger,
    noisy_draws,
    regional_values,
    release_reasons,
    release_steps,
    retractions,
)
from resources.stores.release.release_ledger import DrawKey
from resources.stores.release.release_store import RegionalValue, ReleaseStore

REGION, DAY, VERSION = "greater_london", date(2026, 10, 1), "gaussian-1"
NOW = datetime(2026, 10, 4, 9, tzinfo=UTC)


@pytest.fixture
def store(database: Database) -> ReleaseStore:
    return ReleaseStore(database)


def close(
    store: ReleaseStore,
    day: date = DAY,
    *,
    estimate: float | None = 0.5,
    drawn: bool = True,
    reason: str | None = None,
    revision: int = 0,
) -> None:
    status = "not_published" if estimate is None else "published"
    totals = NoisyTotals(40 + revision, dict.fromkeys(CONSTRUCTS, day.day), 50_000)
    store.close(
        DrawKey(REGION, day, VERSION, revision),
        [RegionalValue(construct=name, status=status, estimate=estimate) for name in CONSTRUCTS],
        drawn=totals if drawn else None,
        reason=reason,
        now=NOW,
        releasing=RELEASING,
    )


def everything(database: Database) -> list[list[sa.Row]]:
    tables = (regional_values, noisy_draws, release_steps, release_reasons, ledger)
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
            DrawKey(REGION, DAY, VERSION),
            [RegionalValue(construct="burnout", status="maybe")],
            drawn=None,
            reason=None,
            now=NOW,
            releasing=RELEASING,
        )
    assert everything(database) == [[], [], [], [], []]


def test_draws_come_in_day_order_with_what_became_of_them(store: ReleaseStore) -> None:
    last = date(2026, 10, 20)
    for days_before in (8, 7, 6, 3, 1, 0):
        close(store, last - timedelta(days=days_before))
    close(store, date(2026, 10, 18), estimate=None, reason="POOLED_ONLY")
    close(store, date(2026, 10, 16), estimate=None, drawn=False, reason="TOO_FEW_GROUPS")
    found = store.draws(REGION, VERSION, last - timedelta(days=6), last - timedelta(days=1))
    assert [(one.drawn.sums_milli["burnout"], one.published, one.reason) for one in found] == [
        (14, True, None),
        (17, True, None),
        (18, False, "POOLED_ONLY"),
        (19, True, None),
    ]
    assert store.draws("east_of_england", VERSION, DAY, last) == []
    assert store.draws(REGION, "gaussian-2", DAY, last) == []


@pytest.mark.parametrize(("drawn", "count"), [(True, [41]), (False, [])])
def test_the_newest_revision_stands_in_for_the_day(
    store: ReleaseStore, drawn: bool, count: list[int]
) -> None:
    close(store)
    close(store, revision=1, drawn=drawn, estimate=0.4 if drawn else None)
    found = store.draws(REGION, VERSION, DAY, DAY)
    assert [one.drawn.person_days for one in found] == count
    assert store.newest_revision(REGION, DAY) == DrawKey(REGION, DAY, VERSION, 1)
    assert store.newest_revision(REGION, DAY + timedelta(days=1)) is None


@pytest.mark.parametrize(("scope", "stays"), [("all", 0), ("value_7d", 1)])
def test_what_was_retracted_is_pooled_no_more(
    store: ReleaseStore, database: Database, scope: str, stays: int
) -> None:
    close(store)
    with database.transaction() as connection:
        connection.execute(
            retractions.insert().values(
                **vars(DrawKey(REGION, DAY, VERSION)), scope=scope, reason="scoring_error", at=NOW
            )
        )
    assert len(store.draws(REGION, VERSION, DAY, DAY)) == stays
    status = "published" if stays else "retracted"
    assert store.outcomes(REGION) == {DAY: (status, None)}


def test_outcomes_tell_why(store: ReleaseStore) -> None:
    close(store)
    close(store, date(2026, 10, 2), estimate=None, drawn=False, reason="TOO_FEW_GROUPS")
    assert store.outcomes(REGION) == {
        DAY: ("published", None),
        date(2026, 10, 2): ("not_published", "TOO_FEW_GROUPS"),
    }
    assert [(one.day.day, one.closed_at) for one in store.closings(REGION)] == [(1, NOW), (2, NOW)]
