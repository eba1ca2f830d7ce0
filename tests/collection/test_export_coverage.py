from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.london_time import LONDON
from resources.stores.inbox import coverage
from resources.stores.inbox.coverage import (
    Candidate,
    covers,
    end_of,
    joined,
    start_of,
    supplier,
)

SPRING, AUTUMN, PLAIN = date(2026, 3, 29), date(2026, 10, 25), date(2026, 10, 1)
SECOND = timedelta(seconds=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "end", "hours"),
    [
        (PLAIN, datetime(2026, 10, 1, 23, tzinfo=UTC), 24),
        (SPRING, datetime(2026, 3, 29, 23, tzinfo=UTC), 23),
        (AUTUMN, datetime(2026, 10, 26, 0, tzinfo=UTC), 25),
        (date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC), 24),
    ],
)
def test_a_day_ends_by_london_s_clock(day: date, end: datetime, hours: int) -> None:
    assert end_of(day) == end
    assert (end_of(day).timestamp() - end_of(day - timedelta(days=1)).timestamp()) / 3600 == hours


@pytest.mark.parametrize("day", [PLAIN, SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("arrived", "last", "covered"),
    [
        (-SECOND, -SECOND, False),
        (-SECOND, None, False),
        (-SECOND, timedelta(0), True),
        (-SECOND, SECOND, True),
        (timedelta(0), -SECOND, True),
        (SECOND, None, True),
        (SECOND, -timedelta(days=30), True),
    ],
)
def test_an_export_covers_what_it_can_be_known_to_hold(
    day: date, arrived: timedelta, last: timedelta | None, covered: bool
) -> None:
    end = end_of(day).astimezone(UTC)
    candidate = Candidate("a", end + arrived, None if last is None else end + last)
    assert covers(candidate, day) is covered


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    # 01:30 GMT on the day that the clocks go back is still that day.
    late = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1)
    assert not covers(Candidate("a", LONG_AGO, late), AUTUMN)
    assert covers(Candidate("a", LONG_AGO, late), AUTUMN - timedelta(days=1))


END = end_of(PLAIN)


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], None),
        ([("a", END - SECOND, END - SECOND)], None),
        ([("a", END, END)], "a"),
        # The latest last entry wins, although the other came later.
        ([("a", END, END + SECOND), ("b", END + SECOND, END)], "a"),
        # Then the later arrival, then the larger digest.
        ([("a", END + SECOND, END), ("b", END, END)], "a"),
        ([("a", END, END), ("b", END, END)], "b"),
        # One that does not cover never wins.
        ([("a", END - SECOND, END - SECOND), ("b", END, LONG_AGO)], "b"),
        # One that begins after the day gives way to an older one.
        ([("a", END, END), ("b", END, END + SECOND, END)], "a"),
        ([("b", END, END + SECOND, END)], "b"),
        # Of two that end alike the one that reaches further back wins, although it came first.
        ([("a", END, END, LONG_AGO), ("b", END + SECOND, END, END - SECOND)], "a"),
        # One without a dated entry is older than any.
        ([("b", END + SECOND, None), ("a", END, LONG_AGO)], "a"),
        ([("b", END + SECOND, None)], "b"),
    ],
)
def test_the_newest_covering_export_supplies(candidates, chosen: str | None) -> None:
    found = supplier([Candidate(*one) for one in candidates], PLAIN)
    assert (found.digest if found else None) == chosen


MOMENTS = st.sampled_from([END + k * timedelta(hours=12) for k in range(-3, 4)])
CANDIDATES = st.lists(
    st.builds(Candidate, st.sampled_from("abcdef"), MOMENTS, st.none() | MOMENTS),
    max_size=6,
    unique_by=lambda one: one.digest,
)


@settings(derandomize=True)
@given(CANDIDATES, st.data())
def test_the_order_of_arrival_does_not_matter(candidates, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(candidates))
    chosen = supplier(candidates, PLAIN)
    assert supplier(shuffled, PLAIN) == chosen
    assert (chosen is None) == (not any(covers(one, PLAIN) for one in candidates))
    # What does not cover changes nothing.
    assert supplier([one for one in candidates if covers(one, PLAIN)], PLAIN) == chosen


def held(first: float, last: float, name: str = "p") -> Candidate:
    """What holds some hours of a day; they may be before or after it."""
    start = end_of(PLAIN) - timedelta(days=1)
    span = start + timedelta(hours=first), start + timedelta(hours=last)
    return Candidate(f"{name}{first}-{last}", END, None, covered=span)


@pytest.mark.parametrize(
    ("parts", "together"),
    [
        ([(0, 10), (10, 24)], True),
        ([(10, 24), (0, 10)], True),
        ([(-3, 10), (4, 20), (12, 30)], True),
        ([(0, 24), (2, 3)], False),
        ([(0, 10), (11, 24)], False),
        ([(0, 10), (10, 23.9)], False),
        ([(0.1, 10), (10, 24)], False),
        ([(-9, 0), (24, 30)], False),
        # Those that end before a gap don't bridge it.
        ([(0, 10), (2, 5), (10.5, 24), (3, 4)], False),
        ([], False),
    ],
)
def test_exports_that_hold_a_day_together_are_one(
    parts: list[tuple[float, float]], together: bool
) -> None:
    files = [held(*one) for one in parts]
    found = [one for one in joined(files) if covers(one, PLAIN)]
    assert len(found) == together
    if found:
        (one,) = found
        assert set(one.parts) == {file.digest for file in files}
        assert one.covered == (
            min(file.covered[0] for file in files),
            max(file.covered[1] for file in files),
        )
        assert supplier([*files, one], PLAIN) == one


def test_one_that_says_nothing_of_what_it_holds_is_never_joined() -> None:
    said = [held(0, 10), Candidate("x", END - SECOND, END - SECOND)]
    assert list(joined(said)) == []
    # Nor is one needed where such an export supplies the day.
    assert list(joined([held(0, 10), held(10, 24), Candidate("x", END, END)])) == []


def test_a_span_of_any_length_is_joined_without_a_walk_over_its_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[date] = []
    monkeypatch.setattr(
        coverage, "start_of", lambda day: (looked_at.append(day), really_start_of(day))[1]
    )
    really_start_of = start_of
    for begins in (datetime.min.replace(tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)):
        long = Candidate("long", END, None, covered=(begins, END - timedelta(hours=4)))
        (one,) = joined([long, held(20, 30)])
        assert covers(one, PLAIN)
        assert one.parts == ("long", "p20-30")
    assert len(looked_at) < 20


@settings(derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(-30, 54), st.integers(1, 30)).map(lambda t: held(t[0], sum(t))),
        max_size=7,
        unique_by=lambda one: one.digest,
    ),
    st.data(),
)
def test_days_held_together(files: list[Candidate], data: st.DataObject) -> None:
    found = list(joined(files))
    assert list(joined(data.draw(st.permutations(files)))) == found
    start = end_of(PLAIN) - timedelta(days=1)
    for day in range(-2, 4):
        hours = {start + timedelta(days=day, hours=hour) for hour in range(24)}
        hold = {h for h in hours if any(one.covered[0] <= h < one.covered[1] for one in files)}
        here = PLAIN + timedelta(days=day)
        alone = any(covers(one, here) for one in files)
        assert (alone or any(covers(one, here) for one in found)) == (hold == hours)
