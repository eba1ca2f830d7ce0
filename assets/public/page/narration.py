"""The sentences that the page says about what its lines did, made from the lines alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assets.public.records.headlines import Headline
from assets.public.records.lines import Line
from assets.public.records.written import listed, long_date, number
from assets.released.standard_errors import BEYOND_CHANCE

NEARBY_DAYS = 3
# Below this a change is not worth a reader's attention, however exact it is.
SMALLEST_CHANGE = 0.02
_WEEK = 7
_ONE = {
    "rose": "rose",
    "fell": "fell",
    "flat": "was little changed",
    "chance": "shows no change beyond chance",
    "unjudged": "has a change that can’t be judged",
    "too_few": "has too few days to compare",
    "unpublished": "has no published value",
}
_SEVERAL = _ONE | {
    "flat": "were little changed",
    "chance": "show no change beyond chance",
    "unjudged": "have changes that can’t be judged",
    "too_few": "have too few days to compare",
    "unpublished": "have no published value",
}


@dataclass(frozen=True)
class Narration:
    """What happened to one line.

    Attributes:
        direction: "rose", "fell", "flat" (under 0.02), "chance" (under what can be told from
            chance), "unjudged" (what can be told from chance is not given), "too_few" or
            "unpublished".
        sentence: the same in words, with the values that the chart shows.
        latest: the latest value shown and its day, if any.
    """

    direction: str
    sentence: str
    latest: tuple[date, float] | None


def narrate(line: Line) -> Narration:
    """One sentence on the last weeks of a line.

    The latest value, if under a week old, is compared with the one 28 days earlier (56 for a
    4-week mean), or the nearest shown within 3 days of that under the same method version. A
    change is called one if it is at least 0.02 and beyond what chance does one time of 20, which
    is 0.7 of the published smallest detectable change (that one is found 4 times of 5).

    Args:
        line: any line, also an empty one.

    Returns:
        Direction, sentence and latest value.
    """
    latest = line.latest
    if latest is None:
        sentence = f"No {line.headline.name} of {line.construct} is published."
        return Narration("unpublished", sentence, None)
    day, now = line.days[latest], _value(line, latest)
    earlier = _earlier(line, latest) if _recent(line, latest) else None
    if earlier is None:
        sentence = (
            f"{_why_not_compared(line, latest)} to say how {line.construct} changed: "
            f"the latest {line.headline.name} is {number(now)}, on {long_date(day)}."
        )
        return Narration("too_few", sentence, (day, now))
    then = _value(line, earlier)
    direction = _direction(now - then, line.changes[latest], line.changes[earlier])
    start = line.days[earlier]
    since = long_date(start, year=start.year != day.year)
    sentence = (
        f"{line.construct.capitalize()} {_ONE[direction]} {line.headline.over}: "
        f"{number(then)} on {since}, {number(now)} on {long_date(day)}."
    )
    return Narration(direction, sentence, (day, now))


def summarise(narrations: Mapping[str, Narration], headline: Headline) -> str:
    """One sentence on a region, constructs that moved alike named together.

    Args:
        narrations: construct to what happened to it, in the order to be said.
        headline: the pooled value that was compared.
    """
    alike: dict[str, list[str]] = {}
    for construct, told in narrations.items():
        alike.setdefault(told.direction, []).append(construct)
    joined = "; ".join(_clause(direction, names) for direction, names in alike.items())
    return f"{headline.over.capitalize()}: {joined}."


def smallest_change_in_words(line: Line) -> str:
    """What change of the line can't be told from chance, by the latest value's own figure.

    Args:
        line: any line.

    Returns:
        One sentence; empty for a line without a value.
    """
    if line.latest is None:
        return ""
    change = line.changes[line.latest]
    if change is None:
        return "The smallest change that can be told from chance is not given."
    return (
        f"A change of under {number(change)} between {line.headline.apart} can’t reliably be told"
        " from chance."
    )


def _clause(direction: str, names: list[str]) -> str:
    return f"{listed(names)} {(_ONE if len(names) == 1 else _SEVERAL)[direction]}"


def _recent(line: Line, at: int) -> bool:
    return len(line.days) - at <= _WEEK


def _value(line: Line, at: int) -> float:
    value = line.values[at]
    assert value is not None  # noqa: S101 - only asked where a value is shown
    return value


def _near(line: Line, latest: int) -> list[int]:
    wanted = latest - line.headline.compared_days
    near = sorted(range(-NEARBY_DAYS, NEARBY_DAYS + 1), key=abs)
    return [wanted + by for by in near if wanted + by >= 0]


def _earlier(line: Line, latest: int) -> int | None:
    begins = max((at for at in line.breaks if at <= latest), default=0)
    return next(
        (at for at in _near(line, latest) if at >= begins and line.values[at] is not None), None
    )


def _why_not_compared(line: Line, latest: int) -> str:
    latest_near = latest - line.headline.compared_days + NEARBY_DAYS
    begins = max((at for at in line.breaks if at <= latest), default=0)
    first = min(at for at, value in enumerate(line.values) if value is not None)
    if _recent(line, latest) and first <= latest_near < begins:
        return f"The method changed on {long_date(line.days[begins])}, too lately"
    if _recent(line, latest) and first > latest_near:
        return "The line is too short"
    return "Too few days are published"


def _direction(change: float, *detectable: float | None) -> str:
    known = [one for one in detectable if one is not None]
    if len(known) < len(detectable):
        return "unjudged"
    # Values have 3 decimals: without the slack 0.52 - 0.50 would fall short of 0.02.
    size = abs(change) + 1e-9
    if size < BEYOND_CHANCE * max(known):
        return "chance"
    if size < SMALLEST_CHANGE:
        return "flat"
    return "rose" if change > 0 else "fell"
