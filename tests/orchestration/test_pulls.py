"""Pulls of two days, in both orders: each supplies its own day, a deletion acts on the other."""

from datetime import UTC, date, datetime, timedelta

import pytest

from assets.core.canonical_export import Header, Record, line_of

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 1)
START = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) - timedelta(hours=1)
"""Midnight in London, in summer time."""
WORDS = "the shift was long again and I am so tired of being short of staff tonight"


def pull(day: int, *lines: bytes) -> bytes:
    header = Header(
        canonical_export=1,
        platform="teams",
        covers_from=(START + timedelta(days=day)).isoformat(),
        covers_until=(START + timedelta(days=day + 1)).isoformat(),
    )
    return line_of(header) + b"".join(lines)


def said(day: int, who: int, number: int, **more: object) -> bytes:
    at = START + timedelta(days=day, hours=9, minutes=10 * who + number)
    text = f"{WORDS} number {('one', 'two')[number]} {'a' * who}"
    told = {"id": f"{day}-{who}-{number}", "at": at.isoformat(), "sender": f"u{who}"}
    return line_of(Record(**{**told, "name": f"Person {who}", "text": text, **more}))


BEFORE = pull(-8, *(said(-8, who, 0) for who in range(6)))
"""So that everybody was there when the members were told."""
FIRST = pull(0, *(said(0, who, number) for who in range(6) for number in range(2)))
TAKES_BACK = [said(0, 5, number, kind="deleted", text="") for number in range(2)]
SECOND = pull(1, *TAKES_BACK, *(said(1, who, number) for who in range(6) for number in range(2)))


def test_deletions_that_a_later_pull_tells_of_act_until_the_day_settles(house) -> None:
    groups = [house.grant(platform="teams", valid_from=DAY) for _ in range(3)]
    at = house.clock.now()
    for group in groups:
        house.deliver(group, BEFORE, at - timedelta(hours=3))
    house.deliver(groups[0], FIRST, at - timedelta(hours=2))
    house.deliver(groups[0], SECOND, at - timedelta(hours=1))
    house.deliver(groups[1], SECOND, at - timedelta(hours=2))
    house.deliver(groups[1], FIRST, at - timedelta(hours=1))
    house.deliver(groups[2], FIRST)
    assert house.run("collect", DAY, DAY + timedelta(days=1)) is None
    scores = house.resources["score_store"]
    first = scores.of_region_day("greater_london", DAY)
    assert {ref: (one[0].person_days, one[0].messages) for ref, one in first.items()} == {
        groups[0]: (5, 10),
        groups[1]: (5, 10),
        groups[2]: (6, 12),
    }
    second = scores.of_region_day("greater_london", DAY + timedelta(days=1))
    # A pull of the first day says nothing of the second, however late it came.
    assert set(second) == {groups[0], groups[1]}


def test_what_was_taken_back_after_a_day_settled_changes_nothing(house) -> None:
    group = house.grant(platform="teams", valid_from=DAY)
    house.deliver(group, BEFORE)
    house.deliver(group, FIRST)
    assert house.run("collect", DAY) is None
    before = house.settled()
    house.deliver(group, SECOND)
    assert house.run("collect", DAY) is None
    assert house.settled() == before


def part(hours: tuple[float, float], *lines: bytes) -> bytes:
    header = Header(
        canonical_export=1,
        platform="teams",
        covers_from=(START + timedelta(hours=hours[0])).isoformat(),
        covers_until=(START + timedelta(hours=hours[1])).isoformat(),
    )
    return line_of(header) + b"".join(lines)


def test_a_day_in_parts_is_read_from_all_of_them_and_only_where_none_is_missing(house) -> None:
    """Messages are from 9:00 on, six of them from half past; parts hold some of them twice."""
    said_on_day = [said(0, who, number) for who in range(6) for number in range(2)]
    taken_back = said(0, 5, 0, kind="deleted", text="")
    parts = [
        part((-14, 9.5), *said_on_day[:6]),
        part((9.5, 20), *said_on_day[6:], taken_back),
        part((9, 25), *said_on_day),
    ]
    groups = [house.grant(platform="teams", valid_from=DAY) for _ in range(4)]
    at = house.clock.now()
    delivered = [parts, parts[::-1], [parts[0], parts[1]], [FIRST]]
    for group, files in zip(groups, delivered, strict=True):
        house.deliver(group, BEFORE, at - timedelta(hours=5))
        for number, one in enumerate(files):
            house.deliver(group, one, at - timedelta(hours=4 - number))
    assert house.run("collect", DAY) is None
    found = house.resources["score_store"].of_region_day("greater_london", DAY)
    counts = {ref: (one[0].person_days, one[0].messages) for ref, one in found.items()}
    # The third has nothing of the day's last hours.
    assert counts == {groups[0]: (6, 11), groups[1]: (6, 11), groups[3]: (6, 12)}
    before = house.settled()
    assert house.run("collect", DAY) is None
    assert house.settled() == before
