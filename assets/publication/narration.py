"""The sentences that the page says about its lines, made from the lines alone."""

import math
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from assets.governance.errors import CATALOGUE
from assets.publication.lines import Line
from assets.publication.tables import DECIMALS

COMPARED_DAYS = 28
NEARBY_DAYS = 3
# Below this a change is not worth a reader's attention, however exact it is.
SMALLEST_CHANGE = 0.02
_WEEK = 7
_MINUS = "\u2212"
_ONE = {
    "rose": "rose",
    "fell": "fell",
    "flat": "was little changed",
    "too_few": "has too few days to compare",
    "unpublished": "has no published value",
}
_SEVERAL = _ONE | {
    "flat": "were little changed",
    "too_few": "have too few days to compare",
    "unpublished": "have no published value",
}


@dataclass(frozen=True)
class Narration:
    """What happened to one line.

    Attributes:
        direction: "rose", "fell", "flat", "too_few" or "unpublished".
        sentence: the same in words, with the values that the chart shows.
        latest: the latest value shown and its day, if any.
    """

    direction: str
    sentence: str
    latest: tuple[date, float] | None


def number(value: float) -> str:
    """A score as chart, table and sentences write it: 3 decimals, a true minus sign."""
    return f"{value:.{DECIMALS}f}".replace("-", _MINUS)


def long_date(day: date, *, year: bool = True) -> str:
    """A day as prose writes it, such as 3 March 2026."""
    return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"


def short_date(day: date) -> str:
    """A day as tables write it, such as 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def narrate(line: Line) -> Narration:
    """One sentence on the last four weeks of a line.

    The latest 7-day mean, if under a week old, is compared with the one 28 days earlier (or the
    nearest shown within 3 days of that). A change is called one if it is at least 0.02 and beyond
    1.96 standard errors of the difference, the weeks' own errors taken from the single days'
    published ones.

    Args:
        line: any line, also an empty one.

    Returns:
        Direction, sentence and latest value.
    """
    name = line.construct.capitalize()
    latest = next((at for at in reversed(range(len(line.days))) if _shown(line, at)), None)
    if latest is None:
        return Narration("unpublished", f"No 7-day mean of {line.construct} is published.", None)
    now = line.values[latest]
    assert now is not None  # noqa: S101 - `_shown` just said so
    day = line.days[latest]
    earlier = _earlier(line, latest) if _recent(line, latest) else None
    if earlier is None:
        sentence = (
            f"Too few days are published to say how {line.construct} changed: "
            f"the latest 7-day mean is {number(now)}, on {long_date(day)}."
        )
        return Narration("too_few", sentence, (day, now))
    then = line.values[earlier]
    assert then is not None  # noqa: S101 - `_earlier` only gives shown days
    direction = _direction(now - then, _change_needed(line, latest, earlier))
    start = line.days[earlier]
    since = long_date(start, year=start.year != day.year)
    sentence = (
        f"{name} {_ONE[direction]} over four weeks: {number(then)} on {since}, "
        f"{number(now)} on {long_date(day)}."
    )
    return Narration(direction, sentence, (day, now))


def summarise(narrations: dict[str, Narration]) -> str:
    """One sentence on a region, constructs that moved alike named together.

    Args:
        narrations: construct to what happened to it, in the order to be said.
    """
    alike: dict[str, list[str]] = {}
    for construct, told in narrations.items():
        alike.setdefault(told.direction, []).append(construct)
    joined = "; ".join(_clause(direction, names) for direction, names in alike.items())
    return f"{joined[0].upper()}{joined[1:]}."


def narrate_forecast(line: Line) -> str:
    """What the forecast says, or why there is none.

    Args:
        line: any line.

    Returns:
        One sentence; it ends with the error code where one is known.
    """
    ahead = line.forecast
    if ahead is None and line.no_forecast is None:
        return "No forecast was made."
    if ahead is None:
        happened = CATALOGUE[str(line.no_forecast)].happened
        return f"No forecast. {happened} ({line.no_forecast})"
    return (
        f"Forecast made on {long_date(ahead.made_on)}: {number(ahead.mean[-1])} on "
        f"{long_date(ahead.days[-1], year=ahead.days[-1].year != ahead.made_on.year)}, "
        f"80% band {number(ahead.lo80[-1])} to {number(ahead.hi80[-1])}."
    )


def _recent(line: Line, at: int) -> bool:
    return len(line.days) - at <= _WEEK


def _clause(direction: str, names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} {_ONE[direction]}"
    return f"{', '.join(names[:-1])} and {names[-1]} {_SEVERAL[direction]}"


def _shown(line: Line, at: int) -> bool:
    return line.values[at] is not None


def _earlier(line: Line, latest: int) -> int | None:
    wanted = latest - COMPARED_DAYS
    near = sorted(range(-NEARBY_DAYS, NEARBY_DAYS + 1), key=abs)
    return next(
        (wanted + by for by in near if wanted + by >= 0 and _shown(line, wanted + by)), None
    )


def _change_needed(line: Line, *ends: int) -> float:
    variance = sum(_week_variance(line, end) for end in ends)
    return max(SMALLEST_CHANGE, 1.96 * math.sqrt(variance))


def _week_variance(line: Line, end: int) -> float:
    week = line.standard_errors[max(0, end - _WEEK + 1) : end + 1]
    known = [error for error in week if error is not None]
    return sum(error**2 for error in known) / len(known) ** 2 if known else 0.0


def _direction(change: float, needed: float) -> str:
    # Values have 3 decimals: without the slack 0.52 - 0.50 would fall short of 0.02.
    if abs(change) < needed - 1e-9:
        return "flat"
    return "rose" if change > 0 else "fell"


def runs_of(flags: list[bool]) -> list[tuple[int, int]]:
    """First and last position of every unbroken run of True."""
    edges = [False, *flags, False]
    changes = [at for at, (before, after) in enumerate(pairwise(edges)) if before != after]
    return [(start, end - 1) for start, end in zip(changes[::2], changes[1::2], strict=True)]


def gaps_in_words(line: Line) -> str:
    """How many days are not published, for readers who do not see the hatching."""
    missing = sum(state in {"not_published", "retracted"} for state in line.states)
    if missing == 0:
        return f"All {len(line.days)} days are published."
    verb = "is" if missing == 1 else "are"
    return f"{missing} of {len(line.days)} days {verb} not published."
