import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from assets.public.page.scales import SMALLEST_SPAN, day_ticks, value_range, value_ticks

scores = st.lists(st.floats(-3, 3, allow_nan=False), max_size=20)


@given(scores)
def test_value_range_holds_all_and_is_never_too_short(values):
    low, high = value_range(values)
    assert all(low - 1e-6 <= value <= high + 1e-6 for value in values)
    assert high - low >= SMALLEST_SPAN - 1e-6
    ticks = value_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert all(low <= tick <= high for tick in ticks)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_value_range_of_scores_stays_near_zero_to_one(values):
    low, high = value_range(values)
    assert low >= -0.2
    assert high <= 1.2


@given(st.dates(dt.date(2001, 1, 1), dt.date(2099, 1, 1)), st.integers(0, 3000))
def test_day_ticks_are_few_and_inside(first, span):
    last = first + dt.timedelta(days=span)
    days, labels = day_ticks(first, last)
    assert 1 <= len(days) == len(labels) <= 7
    assert all(first <= dt.date.fromisoformat(day) <= last for day in days)
    assert "<br>" in labels[0]
