"""Whether the sentences on a line agree with its released values: worked out anew, not copied."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from assets.public.page.narration import BY_WEEK
from assets.public.page.page_reader import PanelRead
from assets.public.page.verdict import CALLED_AT, SMALLEST_CHANGE
from assets.public.records.lines import Line
from assets.public.records.written import short_date

THREE_DECIMALS = re.compile(r"(?<![\d.])[−-]?\d\.\d{3,}")
_CHANGE = re.compile(
    r"(\d\.\d{3}) on (\d+ \w+(?: \d{4})?), (\d\.\d{3}) on (\d+ \w+ \d{4}):"
    r" a change of (\d\.\d{3})\. It counts as more than chance from (\d\.\d{3}) on(, for groups)?"
    r"(?:.*?a true (change|rise|fall) of (\d\.\d{3}) is found)?"
)
_FOUND = re.compile(r"a true (?:change|rise|fall) of (\d\.\d{3}) is found")
_SWING = re.compile(
    r"It had (risen|fallen) to (\d\.\d{3}) (by|in the week to) (\d+ \w+)"
    r" and was already (below|above) that (by|in the week to) (\d+ \w+), both by more than chance\."
)


def numbers_known(panel: PanelRead, line: Line) -> bool:
    """Whether every number of a panel's sentences is the line's, or worked out of the line's.

    Those of its summary have to be the latest value.
    """
    latest = _latest(line)
    if any(float(one) != latest for one in THREE_DECIMALS.findall(panel.summary)):
        return False
    known = {round(value, 3) for value in _of_line(line)}
    said = " ".join([panel.verdict, *panel.notes])
    change = _CHANGE.search(said)
    if change:
        known |= {float(change[5]), float(change[6])}
        known |= {float(one) for one in _FOUND.findall(said)}
    return all(float(one.replace("−", "-")) in known for one in THREE_DECIMALS.findall(said))


def _of_line(line: Line) -> Iterator[float]:
    for value, half in zip(line.values, line.half_bands, strict=True):
        if value is not None:
            yield value
            if half is not None:
                yield from (max(0.0, value - half), min(1.0, value + half))
    if line.forecast:
        for one in (*line.forecast.days, *line.forecast.weeks):
            yield from (one.mean, one.lo80, one.hi80, one.lo95, one.hi95)


def agrees(panel: PanelRead, line: Line) -> bool:
    """Whether the verdict follows from the two values, days and bar in the note, and the swing."""
    said = " ".join(panel.notes)
    change, swing = _CHANGE.search(said), _SWING.search(panel.verdict)
    judged = panel.verdict.startswith(("Higher", "Lower", "No change", "Not judged: groups"))
    if judged is not bool(change):
        return False
    if change:
        before, after, size, bar = (float(change[at]) for at in (1, 3, 5, 6))
        by_day = dict(zip(line.days, line.values, strict=True))
        end = _day(change[4])
        start = _day(change[2] if change[2][-4:].isdigit() else f"{change[2]} {end.year}")
        moved = round(after - before, 3)
        says = {
            "Higher": moved >= bar,
            "Lower": -moved >= bar,
            "No change": abs(moved) < bar,
            "Not judged: groups": abs(moved) < bar and bool(change[7]),
        }
        agreed = [holds for words, holds in says.items() if panel.verdict.startswith(words)]
        if not (
            all(agreed)
            and by_day.get(start) == before
            and by_day.get(end) == after == _latest(line)
            and size == abs(moved)
            and bar >= _lowest_bar(line) - 1e-9
            and _may_be_found(before, bar, change[8], change[9])
        ):
            return False
    if swing is None:
        return "It had" not in panel.verdict
    there, latest = float(swing[2]), _latest(line)
    by_week = line.construct in BY_WEEK
    wanted = "in the week to" if by_week else "by"
    risen = swing[1] == "risen"
    turned = [day for day, value in _on(line, swing[4], by_week=by_week) if value == there]
    returned = _on(line, swing[7], by_week=by_week)
    lowest = _lowest_bar(line) - 1e-9
    return (
        latest is not None
        and swing[3] == swing[6] == wanted
        and (there > latest) is risen is (swing[5] == "below")
        and any(
            day > turn and (there - value if risen else value - there) >= lowest
            for turn in turned
            for day, value in returned
        )
    )


def _lowest_bar(line: Line) -> float:
    return max(SMALLEST_CHANGE, CALLED_AT * min(one for one in line.changes if one is not None))


def _may_be_found(before: float, bar: float, kind: str | None, size: str | None) -> bool:
    """Whether the true change that is said to be found is above the bar and within the scale."""
    if kind is None or size is None:
        return True
    up, down = (0 <= round(before + sign * float(size), 3) <= 1 for sign in (1, -1))
    return float(size) >= bar and {"change": up and down, "rise": up, "fall": down}[kind]


def _on(line: Line, words: str, *, by_week: bool) -> list[tuple[date, float]]:
    """Day and value of the day that is called so, or of the seven days up to it."""
    return [
        (day, value)
        for day, value in _by_day(line)
        for back in range(7 if by_week else 1)
        if value is not None and short_date(day + timedelta(days=back), year=False) == words
    ]


def _day(words: str) -> date:
    """A day as prose writes it; the first of all where there is no such day."""
    try:
        return datetime.strptime(words, "%d %B %Y").date()
    except ValueError:
        return date.min


def _by_day(line: Line) -> list[tuple[date, float | None]]:
    """Days and values of the last year, in which a day without its year names one day."""
    return list(zip(line.days, line.values, strict=True))[-365:]


def _latest(line: Line) -> float | None:
    return None if line.latest is None else line.values[line.latest]
