from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from assets.core.errors import ReleaseError, StorageError
from assets.released.budget import MONTH_CAP, YEAR_CAP
from resources.base.database.connection import Database
from resources.stores.release.release_ledger import (
    CLOCK_TOLERANCE,
    DrawKey,
    ReleaseLedger,
    Step,
    add_step,
)

REGION, DAY = "greater_london", date(2026, 10, 1)
NOW = datetime(2026, 10, 4, 9, tzinfo=UTC)


@pytest.fixture
def ledger(database: Database) -> ReleaseLedger:
    return ReleaseLedger(database)


def key(day: date = DAY, revision: int = 0, version: str = "gaussian-1", region: str = REGION):
    return DrawKey(region, day, version, revision)


def test_a_draw_is_debited_once(ledger: ReleaseLedger) -> None:
    assert ledger.steps(key()) == set()
    assert ledger.debit(key(), 50_000, NOW)
    with pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"):
        ledger.debit(key(), 50_000, NOW)
    assert ledger.steps(key()) == {Step.DEBITED}
    assert ledger.spent(REGION, DAY).in_month == 50_000


@pytest.mark.parametrize(
    ("day", "version", "revision", "region", "room"),
    [
        (date(2026, 10, 31), "gaussian-1", 0, REGION, False),
        (date(2026, 10, 31), "gaussian-2", 0, REGION, False),
        (DAY, "gaussian-1", 1, REGION, False),
        (date(2026, 11, 1), "gaussian-1", 0, REGION, True),
        (date(2025, 10, 31), "gaussian-1", 0, REGION, True),
        (date(2026, 10, 31), "gaussian-1", 0, "east_of_england", True),
    ],
)
def test_a_month_s_cap_holds_over_methods_and_revisions(
    ledger: ReleaseLedger, day: date, version: str, revision: int, region: str, room: bool
) -> None:
    assert ledger.debit(key(), MONTH_CAP, NOW)
    assert ledger.debit(key(day, revision, version, region), 1, NOW) is room


def test_a_year_s_cap_holds_over_its_months(ledger: ReleaseLedger) -> None:
    for month in range(1, 12):
        assert ledger.debit(key(date(2026, month, 1)), MONTH_CAP, NOW)
    left = YEAR_CAP - 11 * MONTH_CAP
    assert 0 < left < MONTH_CAP
    december = date(2026, 12, 31)
    assert not ledger.debit(key(december), left + 1, NOW)
    assert ledger.debit(key(december), left, NOW)
    assert not ledger.debit(key(december, 1), 1, NOW)


def test_debits_at_once_do_not_pass_the_cap(ledger: ReleaseLedger) -> None:
    def debit(number: int) -> bool:
        return ledger.debit(key(revision=number), MONTH_CAP // 4, NOW)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(debit, range(12))) == 4
    assert ledger.spent(REGION, DAY).in_month == MONTH_CAP


@pytest.mark.parametrize(
    ("back", "refused"),
    [
        (timedelta(0), False),
        (CLOCK_TOLERANCE, False),
        (CLOCK_TOLERANCE + timedelta(seconds=1), True),
        (timedelta(days=400), True),
        (-timedelta(days=400), False),
    ],
)
def test_a_clock_set_back_is_refused(ledger: ReleaseLedger, back: timedelta, refused: bool) -> None:
    assert ledger.debit(key(), 50_000, NOW)
    other = key(region="east_of_england")
    if refused:
        for attempt in (
            lambda: ledger.debit(other, 50_000, NOW - back),
            lambda: ledger.refuse_clock_set_back(NOW - back),
        ):
            with pytest.raises(ReleaseError, match=r"^CLOCK_SET_BACK$"):
                attempt()
        assert ledger.steps(other) == set()
    else:
        ledger.refuse_clock_set_back(NOW - back)
        assert ledger.debit(other, 50_000, NOW - back)


def test_draws_that_were_lost_are_found(ledger: ReleaseLedger, database: Database) -> None:
    days = [DAY + timedelta(days=number) for number in range(3)]
    for day in days:
        assert ledger.debit(key(day), 50_000, NOW)
    with database.transaction() as connection:
        add_step(connection, key(days[0]), Step.STORED, 50_000, NOW)
        add_step(connection, key(days[1]), Step.BURNED, 50_000, NOW)
    assert ledger.lost(REGION, days) == [key(days[2])]
