"""Axes that panels share."""

import math
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import count

STEP = 0.05
SMALLEST_SPAN = 0.2
_FEW_TICKS = 5


def value_range(values: Iterable[float]) -> tuple[float, float]:
    """A y axis for scores: multiples of 0.05 round the values, at least 0.2 long.

    Args:
        values: everything that the axis must show; may be empty.

    Returns:
        Low and high end. It leaves 0..1 only where a value does.
    """
    known = list(values) or [0.4, 0.6]
    steps = [
        math.floor(min(known) / STEP + 1e-9) - (min(known) > STEP),
        math.ceil(max(known) / STEP - 1e-9) + (max(known) < 1 - STEP),
    ]
    grow = 0
    while steps[1] - steps[0] < round(SMALLEST_SPAN / STEP):
        steps[grow % 2] += 1 if grow % 2 else -1
        grow += 1
    return round(steps[0] * STEP, 2), round(steps[1] * STEP, 2)


def value_ticks(low: float, high: float) -> list[float]:
    """Two to six ticks at round values.

    Args:
        low: low end of the axis.
        high: high end, at least 0.2 above it.
    """
    steps = (digit * 10.0**power for power in count(-2) for digit in (1, 2, 5))
    step = next(size for size in steps if size >= STEP and (high - low) / size <= _FEW_TICKS)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(at * step, 2) for at in range(first, last + 1)]


def day_ticks(first: date, last: date, few: int = _FEW_TICKS) -> tuple[list[str], list[str]]:
    """A few ticks of a time axis: whole weeks back from the end, or first days of months.

    Args:
        first: first day of the axis.
        last: last day.
        few: how many ticks at most, from 2.

    Returns:
        ISO days and their labels; a label carries its year where the year is new.
    """
    span = (last - first).days
    weeks = next((weeks for weeks in (1, 2, 4) if span / (7 * weeks) < few), None)
    if weeks is None:
        days = _months(first, last, few)
    else:
        steps = span // (7 * weeks)
        days = [last - timedelta(weeks=weeks * back) for back in range(steps, -1, -1)]
    labels = [
        f"{day.day} {day:%b}"
        + (f"<br>{day.year}" if at == 0 or day.year != days[at - 1].year else "")
        for at, day in enumerate(days)
    ]
    return [day.isoformat() for day in days], labels


def _months(first: date, last: date, few: int) -> list[date]:
    begin, end = first.year * 12 + first.month, last.year * 12 + last.month - 1
    every = next(
        every for every in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if (end - begin) / every < few
    )
    months = [month for month in range(begin, end + 1) if month % every == 0]
    return [date(month // 12, month % 12 + 1, 1) for month in months] or [last]


def day_edge(day: date) -> str:
    """Half a day before `day`'s own point, where its box begins."""
    return (datetime.combine(day, time()) - timedelta(hours=12)).isoformat()
