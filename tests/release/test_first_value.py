from datetime import UTC, date, datetime, timedelta

import pytest

from evaluation.readiness.first_value import HORIZON, FirstValue, first_value, simulated_spans
from evaluation.readiness.publishable import FOUR_WEEKLY, WEEKLY, PublishableLine
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.release.closing import Closing

TODAY = date(2026, 10, 14)
NOW = datetime(2026, 10, 14, 9, tzinfo=UTC)
DAY = timedelta(days=1)
UNTIL = TODAY + HORIZON


def spans(count: int, since: date = TODAY, until: date = TODAY + 300 * DAY) -> list[ConsentSpan]:
    end = datetime(until.year, until.month, until.day, tzinfo=UTC)
    return [
        ConsentSpan(f"g-{n}", f"e-{n}", since, until, NOW - 90 * DAY, None, end)
        for n in range(count)
    ]


def found(
    groups: list[ConsentSpan],
    line: PublishableLine = WEEKLY,
    closed: list[Closing] | None = None,
    published: set[date] | None = None,
) -> FirstValue:
    return first_value(groups, closed or [], published or set(), line, TODAY - 35 * DAY, NOW, TODAY)


@pytest.mark.parametrize(
    ("groups", "line", "expected"),
    [
        ([], WEEKLY, (None, None)),
        (spans(4), WEEKLY, (None, None)),
        (spans(5), WEEKLY, (TODAY, TODAY + 3 * DAY)),
        (spans(5), FOUR_WEEKLY, (TODAY, TODAY + 11 * DAY)),
        (spans(5, TODAY - 9 * DAY), WEEKLY, (TODAY - 9 * DAY, TODAY - 6 * DAY)),
        # All leave again before four weeks are filled enough.
        (spans(5, TODAY, TODAY + 5 * DAY), FOUR_WEEKLY, (TODAY, None)),
        (simulated_spans(9, TODAY, NOW), WEEKLY, (TODAY, TODAY + 3 * DAY)),
    ],
)
def test_the_first_day_with_a_value(
    groups: list[ConsentSpan], line: PublishableLine, expected: tuple[date | None, date | None]
) -> None:
    assert found(groups, line) == FirstValue(*expected, UNTIL)


def test_days_that_were_published_count_and_closed_ones_are_not_asked() -> None:
    days = [TODAY - n * DAY for n in (8, 7, 6, 5, 4, 3)]
    closed = [Closing(day, datetime(day.year, day.month, day.day, 12, tzinfo=UTC)) for day in days]
    groups = spans(5, days[0])
    assert found(groups, closed=closed).value_on == TODAY + DAY
    assert found(groups, closed=closed, published=set(days)).value_on == TODAY - 2 * DAY
