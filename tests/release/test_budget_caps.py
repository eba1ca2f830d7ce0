from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.released.budget import MONTH_CAP, YEAR_CAP, Debit, Spent, spent

DRAW = 50_000
DAY = timedelta(days=1)


def days_of(first: date, last: date) -> list[date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


def test_the_caps_are_a_full_draw_a_day_of_the_longest_month_and_year() -> None:
    assert (MONTH_CAP, YEAR_CAP) == (31 * DRAW, 366 * DRAW)


@pytest.mark.parametrize("year", [2026, 2028], ids=["common", "leap"])
def test_every_day_of_a_year_can_be_drawn_once(year: int) -> None:
    debits: list[Debit] = []
    for day in days_of(date(year, 1, 1), date(year, 12, 31)):
        assert spent(debits, day).allows(DRAW)
        debits.append(Debit(day, DRAW))
    # What is left over is of the year, and of the months that are short.
    left = YEAR_CAP - sum(one.micro_rho for one in debits)
    assert left == (DRAW if year == 2026 else 0)
    assert not spent(debits, date(year, 1, 5)).allows(10)
    assert spent(debits, date(year, 2, 5)).allows(DRAW) == (year == 2026)


def test_a_month_that_is_spent_refuses_and_the_next_does_not() -> None:
    debits = [Debit(day, DRAW) for day in days_of(date(2026, 10, 1), date(2026, 10, 31))]
    assert spent(debits, date(2026, 10, 9)) == Spent(MONTH_CAP, MONTH_CAP)
    assert not spent(debits, date(2026, 10, 9)).allows(1)
    assert spent(debits, date(2026, 11, 1)) == Spent(0, MONTH_CAP)
    assert spent(debits, date(2026, 11, 1)).allows(DRAW)
    # The same month of another year is another month.
    assert spent(debits, date(2027, 10, 9)) == Spent(0, 0)


def test_the_last_micro_rho_may_be_spent_and_no_more() -> None:
    debits = [Debit(date(2026, 2, 1), MONTH_CAP - 7)]
    assert spent(debits, date(2026, 2, 28)).allows(7)
    assert not spent(debits, date(2026, 2, 28)).allows(8)


def test_the_year_binds_where_months_would_not() -> None:
    debits = [Debit(date(2026, month, 1), MONTH_CAP) for month in range(1, 12)]
    found = spent(debits, date(2026, 12, 1))
    assert found.in_month == 0
    assert found.allows(YEAR_CAP - 11 * MONTH_CAP)
    assert not found.allows(YEAR_CAP - 11 * MONTH_CAP + 1)


# A debit names no method and no revision: whatever draws, it is from the same budget.
REQUESTS = st.lists(
    st.tuples(
        st.dates(date(2026, 11, 1), date(2028, 3, 31)), st.sampled_from([10, DRAW, 400_000, 10**6])
    ),
    max_size=120,
)


@settings(derandomize=True)
@given(REQUESTS)
def test_whatever_is_asked_for_no_cap_is_passed(requests: list[tuple[date, int]]) -> None:
    granted: list[Debit] = []
    for day, micro_rho in requests:
        if spent(granted, day).allows(micro_rho):
            granted.append(Debit(day, micro_rho))
    months: dict[tuple[int, int], int] = {}
    years: dict[int, int] = {}
    for one in granted:
        month = (one.day.year, one.day.month)
        months[month] = months.get(month, 0) + one.micro_rho
        years[one.day.year] = years.get(one.day.year, 0) + one.micro_rho
    assert max(months.values(), default=0) <= MONTH_CAP
    assert max(years.values(), default=0) <= YEAR_CAP
    refused = len(requests) - len(granted)
    assert not refused or sum(micro_rho for _, micro_rho in requests) > MONTH_CAP
