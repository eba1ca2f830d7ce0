from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from assets.aggregation.admission import Membership, membership
from resources.closing import Closing
from resources.consent_span import ConsentSpan

DAY = timedelta(days=1)
MONDAY = date(2026, 10, 5)
CLOSE_AFTER = 3 * DAY
FAR = date(2027, 12, 31)


def moment(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def span(name: str, start: date, until: date = FAR, **given) -> ConsentSpan:
    """A span recorded at noon of its first day; employer `e-x` for group `x` unless given."""
    return ConsentSpan(
        group_ref=name,
        employer_ref=given.get("employer", f"e-{name}"),
        valid_from=start,
        valid_until=until,
        recorded_at=given.get("recorded_at", moment(start)),
        withdrawn_at=given.get("withdrawn_at"),
        runs_out_at=moment(until + DAY, 0),
    )


def five(start: date = MONDAY, **given) -> list[ConsentSpan]:
    return [span(name, start, **given) for name in "abcde"]


def closed_until(last: date, first: date = MONDAY - 30 * DAY) -> list[Closing]:
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return [Closing(day, moment(day + CLOSE_AFTER, 6)) for day in days]


def on(day: date, spans: Iterable[ConsentSpan]) -> Membership:
    """Who counts when `day` closes, every day before having closed three days after it."""
    return membership(spans, closed_until(day - DAY), day, moment(day + CLOSE_AFTER, 6))


def line(spans: Iterable[ConsentSpan], first: date, days: int) -> list[str]:
    return ["".join(sorted(on(first + n * DAY, spans).groups)) for n in range(days)]


def test_nobody_counts_where_nobody_consented() -> None:
    assert on(MONDAY, []) == Membership(MONDAY, frozenset(), frozenset(), None)


@pytest.mark.parametrize("weekday", range(7))
def test_a_region_is_founded_on_the_day_of_its_fifth_group(weekday: int) -> None:
    fifth = MONDAY + weekday * DAY + 7 * DAY
    spans = [*five()[:4], span("e", fifth)]
    # Recorded while the last three days were open, but not valid on them.
    before = on(fifth - DAY, spans)
    assert before.groups == frozenset()
    assert before.waiting == frozenset("abcd")
    founded = on(fifth, spans)
    assert founded.groups == frozenset("abcde")
    assert not founded.waiting
    assert not founded.pooled_only


def test_groups_of_one_employer_count_as_one_when_a_region_is_founded() -> None:
    spans = [*five()[:4], span("e", MONDAY, employer="e-a")]
    assert on(MONDAY + DAY, spans).groups == frozenset()
    assert on(MONDAY + DAY, [*spans, span("f", MONDAY)]).groups == frozenset("abcdef")


@pytest.mark.parametrize(
    ("newcomers", "joins"),
    [
        ({"f": "e-f", "g": "e-g", "h": "e-h"}, True),
        ({"f": "e-f", "g": "e-g", "h": "e-h", "i": "e-h"}, True),
        ({"f": "e-f", "g": "e-g"}, False),
        ({"f": "e-f", "g": "e-g", "h": "e-g"}, False),
        # The employer of a group that is inside already is still one that joins.
        ({"f": "e-a", "g": "e-b", "h": "e-c"}, True),
    ],
)
def test_three_employers_join_on_a_monday(newcomers: dict[str, str], joins: bool) -> None:
    wednesday = MONDAY + 2 * DAY
    spans = five() + [span(name, wednesday, employer=ref) for name, ref in newcomers.items()]
    together = "abcde" + "".join(newcomers)
    assert line(spans, MONDAY, 7) == ["abcde"] * 7
    assert on(MONDAY + 7 * DAY, spans).groups == set(together if joins else "abcde")
    assert on(MONDAY + 6 * DAY, spans).waiting == set(newcomers)
    assert on(MONDAY + 7 * DAY, spans).waiting == (set() if joins else set(newcomers))
    assert not on(MONDAY + 7 * DAY, spans).pooled_only


@pytest.mark.parametrize(
    ("start", "waits"),
    # From its weekday: the last Monday that lies no more than 56 days on.
    [(0, 56), (1, 55), (2, 54), (3, 53), (4, 52), (5, 51), (6, 50)],
)
@pytest.mark.parametrize("names", ["f", "fg"])
def test_one_or_two_join_after_eight_weeks_at_most(start: int, waits: int, names: str) -> None:
    first = MONDAY + 7 * DAY + start * DAY
    spans = five() + [span(name, first) for name in names]
    joins = first + waits * DAY
    assert joins.weekday() == 0
    before = on(joins - DAY, spans)
    assert before.waiting == set(names)
    assert not before.pooled_only
    after = on(joins, spans)
    assert after.groups == set("abcde" + names)
    assert after.changed_on == joins
    assert after.pooled_only


def test_whoever_waits_joins_with_the_one_that_waited_longest() -> None:
    spans = [*five(), span("f", MONDAY + DAY), span("g", MONDAY + 54 * DAY)]
    assert on(MONDAY + 56 * DAY, spans).groups == set("abcdefg")


def test_a_week_of_a_small_change_shows_one_pooled_value_on_its_last_day() -> None:
    gone = moment(MONDAY + 20 * DAY)
    spans = [*five()[:4], *[span(name, MONDAY) for name in "fg"]]
    spans.append(span("e", MONDAY, withdrawn_at=gone))
    first = MONDAY + 18 * DAY  # closes the day after the withdrawal; the 17th day had closed
    days = [on(first + (n - 1) * DAY, spans) for n in range(10)]
    assert [one.pooled_only for one in days] == [False] + [True] * 7 + [False] * 2
    assert [one.shows_pooled_value for one in days] == [False] * 7 + [True] + [False] * 2
    assert [one.groups for one in days] == [set("abcdefg")] + [set("abcdfg")] * 9
    assert {one.changed_on for one in days[1:]} == {first}


def test_a_second_departure_within_the_week_starts_it_anew() -> None:
    spans = [span(name, MONDAY) for name in "abcde"]
    spans.append(span("f", MONDAY, withdrawn_at=moment(MONDAY + 20 * DAY)))
    spans.append(span("g", MONDAY, withdrawn_at=moment(MONDAY + 24 * DAY)))
    days = [on(MONDAY + n * DAY, spans) for n in range(17, 31)]
    assert [one.pooled_only for one in days] == [False] + [True] * 11 + [False] * 2
    assert [one.shows_pooled_value for one in days].index(True) == 11


def test_three_that_join_as_one_leaves_are_a_small_change_all_the_same() -> None:
    spans = [*five()[:4], *[span(name, MONDAY + 15 * DAY) for name in "fgh"]]
    # The 21st day is a Monday, and the first that was open when e withdrew.
    spans.append(span("e", MONDAY, withdrawn_at=moment(MONDAY + 23 * DAY)))
    day = on(MONDAY + 21 * DAY, spans)
    assert day.groups == set("abcdfgh")
    assert day.pooled_only


def test_a_withdrawal_acts_from_the_first_day_still_open() -> None:
    gone = moment(MONDAY + 20 * DAY)
    spans = [*five()[:4], span("e", MONDAY, withdrawn_at=gone), span("f", MONDAY)]
    # That day's three days had not closed: the last closed one is the 17th.
    assert line(spans, MONDAY + 16 * DAY, 4) == ["abcdef", "abcdef", "abcdf", "abcdf"]
    # Asked later, the closed days are what they were.
    later = moment(MONDAY + 90 * DAY)
    closings = closed_until(MONDAY + 80 * DAY)
    for number, groups in ((17, "abcdef"), (18, "abcdf")):
        assert membership(spans, closings, MONDAY + number * DAY, later).groups == set(groups)


@pytest.mark.parametrize("closings", [[], closed_until(MONDAY - DAY)], ids=["none", "earlier"])
def test_a_withdrawal_before_a_day_of_it_closed_leaves_no_trace(closings: list[Closing]) -> None:
    spans = [*five(), span("f", MONDAY, withdrawn_at=moment(MONDAY + DAY))]
    found = membership(spans, closings, MONDAY, moment(MONDAY + 10 * DAY))
    assert found.groups == set("abcde")
    assert found.changed_on is None


def test_a_withdrawal_not_yet_made_is_not_heeded() -> None:
    gone = MONDAY + 40 * DAY
    spans = [*five(), span("f", MONDAY, withdrawn_at=moment(gone))]
    assert on(gone - 10 * DAY, spans).groups == set("abcdef")


def test_an_expiry_acts_like_a_withdrawal_at_its_end() -> None:
    until = MONDAY + 20 * DAY
    spans = [*five(), span("f", MONDAY, until)]
    # Two of its days are open still when it runs out, and are not read.
    assert line(spans, until - 4 * DAY, 4) == ["abcdef", "abcdef", "abcde", "abcde"]
    assert on(until - 2 * DAY, spans).changed_on == until - 2 * DAY


def test_an_expiry_on_a_day_closed_at_once_ends_the_day_after() -> None:
    until = MONDAY + 20 * DAY
    spans = [*five(), span("f", MONDAY, until)]
    closings = [Closing(until, moment(until, 22))]
    assert membership(spans, closings, until, moment(FAR)).groups == set("abcdef")
    assert membership(spans, closings, until + DAY, moment(FAR)).groups == set("abcde")


@pytest.mark.parametrize(
    ("recorded", "valid_from", "unbroken"),
    [
        (-10, -10, True),
        (-3, -3, True),
        (0, -30, True),
        (0, -2, True),
        # The old one's days that are open when it runs out are not of the new one: two are lost.
        (0, 0, False),
        (-10, 1, False),
    ],
)
def test_a_renewal_is_no_break_where_it_covers_the_open_days(
    recorded: int, valid_from: int, unbroken: bool
) -> None:
    until = MONDAY + 20 * DAY
    renewal = span("f", until + valid_from * DAY, recorded_at=moment(until + recorded * DAY))
    spans = [*five(), span("f", MONDAY, until), renewal]
    found = [on(until + n * DAY, spans) for n in range(-9, 20)]
    assert all(one.groups == set("abcdef") for one in found[:7])
    assert all(one.groups == set("abcdef") and not one.changed_on for one in found) == unbroken
    if not unbroken:
        assert on(until + 2 * DAY, spans).waiting == {"f"}


@pytest.mark.parametrize("late", [1, 30])
def test_a_renewal_that_comes_late_waits_as_a_newcomer(late: int) -> None:
    until = MONDAY + 20 * DAY
    again = until + (3 + late) * DAY
    spans = [*five(), span("f", MONDAY, until), span("f", again)]
    assert on(again, spans).groups == set("abcde")
    assert on(again, spans).waiting == {"f"}
    assert on(again + 56 * DAY, spans).groups == set("abcdef")


def test_a_group_that_withdrew_and_consents_again_waits_as_a_newcomer() -> None:
    gone = MONDAY + 20 * DAY
    again = gone + 5 * DAY
    spans = [*five(), span("f", MONDAY, withdrawn_at=moment(gone)), span("f", again)]
    assert on(again, spans).waiting == {"f"}
    assert on(again + 7 * DAY, spans).groups == set("abcde")


def test_a_withdrawal_taken_back_before_the_next_closing_is_no_break() -> None:
    gone = MONDAY + 20 * DAY
    again = span("f", gone - 10 * DAY, recorded_at=moment(gone, 13))
    spans = [*five(), span("f", MONDAY, withdrawn_at=moment(gone)), again]
    found = [on(gone + n * DAY, spans) for n in range(-5, 20)]
    assert all(one.groups == set("abcdef") and one.changed_on is None for one in found)


def test_the_employer_is_that_of_the_day() -> None:
    spans = [*five(), *[span(name, MONDAY + DAY) for name in "fgh"]]
    # Renewed under g's employer before the Monday's batch, so that two wait, not three.
    merged = span("h", MONDAY + DAY, employer="e-g", recorded_at=moment(MONDAY + 3 * DAY))
    assert on(MONDAY + 7 * DAY, spans).groups == set("abcdefgh")
    assert on(MONDAY + 7 * DAY, [*spans, merged]).groups == set("abcde")
    # Renewed after it closed: the batch is what it was.
    after = replace(merged, recorded_at=moment(MONDAY + 20 * DAY))
    assert on(MONDAY + 7 * DAY, [*spans, after]).groups == set("abcdefgh")
    found = membership([*spans, after], closed_until(FAR), MONDAY + 7 * DAY, moment(FAR))
    assert found.groups == set("abcdefgh")


def test_a_consent_recorded_late_does_not_reach_closed_days() -> None:
    late = [replace(one, recorded_at=moment(MONDAY + 40 * DAY)) for one in five()]
    assert line(late, MONDAY + 36 * DAY, 4) == ["", "", "abcde", "abcde"]


def test_a_region_that_all_left_is_founded_anew() -> None:
    gone = moment(MONDAY + 20 * DAY)
    spans = five(withdrawn_at=gone) + [span(name, MONDAY + 25 * DAY) for name in "vwxyz"]
    assert line(spans, MONDAY + 17 * DAY, 2) == ["abcde", ""]
    assert on(MONDAY + 24 * DAY, spans).groups == frozenset()
    founded = on(MONDAY + 25 * DAY, spans)
    assert founded.groups == set("vwxyz")
    assert not founded.pooled_only


def test_what_is_recorded_at_the_very_moment_of_a_closing_is_heeded_by_it() -> None:
    closes = moment(MONDAY + 20 * DAY + CLOSE_AFTER, 6)
    spans = [
        *five(),
        span("f", MONDAY, withdrawn_at=closes),
        *[span(name, MONDAY + 20 * DAY, recorded_at=closes) for name in "xyz"],
    ]
    asked = on(MONDAY + 20 * DAY, spans)
    assert asked.groups == set("abcde")
    assert asked.waiting == set("xyz")
    later = membership(spans, closed_until(FAR), MONDAY + 20 * DAY, moment(FAR))
    assert later == asked


@pytest.mark.parametrize("in_order", [True, False])
def test_of_terms_from_the_same_day_the_newer_hold(in_order: bool) -> None:
    old = [span("h", MONDAY + 4 * DAY, recorded_at=moment(MONDAY))]
    new = [span("h", MONDAY + 4 * DAY, employer="e-g", recorded_at=moment(MONDAY, 13))]
    spans = [*five(), *[span(name, MONDAY + DAY) for name in "fg"]]
    spans += [*old, *new] if in_order else [*new, *old]
    assert on(MONDAY + 7 * DAY, spans).waiting == set("fgh")


def test_a_shorter_span_within_a_longer_one_ends_nothing() -> None:
    spans = [*five(), span("f", MONDAY), span("f", MONDAY + 10 * DAY, MONDAY + 20 * DAY)]
    assert on(MONDAY + 60 * DAY, spans).groups == set("abcdef")


def test_a_withdrawal_after_the_end_changes_nothing() -> None:
    until = MONDAY + 20 * DAY
    ended = [*five(), span("f", MONDAY, until)]
    withdrawn = [*five(), span("f", MONDAY, until, withdrawn_at=moment(until + 9 * DAY))]
    for number in range(-6, 20):
        assert on(until + number * DAY, withdrawn) == on(until + number * DAY, ended)
