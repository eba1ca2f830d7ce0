from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.consent.chat_privacy import stopped_from
from assets.restricted.consent.notices_to_members import readable_from
from resources.stores.consent.member_notice import MemberNotice

D = date(2026, 10, 1)
WEEK = timedelta(days=7)


def day(number: int) -> date:
    return D + timedelta(days=number)


@pytest.mark.parametrize(
    ("first_seen", "later_notices", "expected"),
    [
        (-400, [], 0),
        (-1, [], 0),
        (0, [], 0),
        (1, [], None),
        (1, [5], 12),
        (5, [5], 12),
        (6, [5], None),
        (6, [5, 20], 27),
        (3, [20, 5], 12),
        (0, [20], 0),
        # A notice before the original one tells of nobody new.
        (-5, [-3], 0),
    ],
)
def test_a_sender_is_read_from_a_notice_they_were_there_for(
    first_seen, later_notices, expected
) -> None:
    notices = [MemberNotice(D, cools_off=False), *(MemberNotice(day(n)) for n in later_notices)]
    found = readable_from(day(first_seen), notices, WEEK)
    assert found == (None if expected is None else day(expected))


def test_without_cooling_off_days_a_notice_counts_at_once() -> None:
    assert readable_from(day(1), [MemberNotice(day(3))], timedelta(0)) == day(3)


@settings(derandomize=True)
@given(st.integers(-30, 60), st.sets(st.integers(1, 60), max_size=4), st.permutations(range(5)))
def test_nobody_is_read_before_a_notice_after_their_coming(seen, later, order) -> None:
    notices = [MemberNotice(D, cools_off=False), *(MemberNotice(day(n)) for n in later)]
    shuffled = [notices[place] for place in order if place < len(notices)]
    found = readable_from(day(seen), shuffled, WEEK)
    assert found == readable_from(day(seen), notices, WEEK)
    told = [n for n in (0, *later) if n >= seen]
    if not told:
        assert found is None
    else:
        assert found == day(0 if 0 in told else min(told) + 7)


AT = datetime(2026, 10, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("turned_on", "expected"),
    [
        ([], None),
        ([AT - HOUR], None),
        ([AT], D),
        ([AT - HOUR, AT + 30 * HOUR, AT + 90 * HOUR], day(1)),
        # Half past eleven in the evening in UTC is the next day in London's summer.
        ([datetime(2026, 10, 1, 23, 30, tzinfo=UTC)], day(1)),
    ],
)
def test_chat_privacy_stops_from_the_day_it_was_turned_on(turned_on, expected) -> None:
    assert stopped_from(turned_on, AT) == expected
