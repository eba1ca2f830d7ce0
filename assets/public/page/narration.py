"""The words on a line: verdict, note, level and band, each from the one judgement of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from assets.public.page.verdict import Verdict, judge
from assets.public.records.lines import Line
from assets.public.records.written import long_date, number, short_date

YEAR_DAYS = 365
BY_WEEK = frozenset({"resistance"})
"""Constructs whose turning points are told by the week: a day could be set beside a quarrel."""

_FEWEST_FOR_A_RANGE = 90


@dataclass(frozen=True)
class Told:
    """What is said of one line. No sentence is made but from `verdict`.

    Attributes:
        verdict: the judgement.
        headline: it in words, one or two short sentences.
        note: what was compared, and from which size on a change counts; may be empty.
        level: the latest value, and the line's own range; may be empty.
        band: how far chance alone may have moved the latest value; may be empty.
        latest: the latest value shown and its day, if any.
    """

    verdict: Verdict
    headline: str
    note: str
    level: str
    band: str
    latest: tuple[date, float] | None

    @property
    def notes(self) -> tuple[str, ...]:
        """Note, level and band, those that say something."""
        return tuple(one for one in (self.note, self.level, self.band) if one)


def tell(line: Line) -> Told:
    """Everything that is said of what a line did, from `judge` alone.

    Args:
        line: any line, also an empty one.
    """
    verdict = judge(line)
    latest = verdict.latest
    value = None if latest is None else line.values[latest]
    return Told(
        verdict,
        _headline(line, verdict),
        _note(line, verdict),
        _level(line, verdict),
        _band(line, verdict),
        None if latest is None or value is None else (line.days[latest], value),
    )


def band_of(value: float, half: float) -> tuple[float, float]:
    """Both ends of a 95% range of chance, 3 decimals, never outside 0 to 1."""
    return max(0.0, round(value - half, 3)), min(1.0, round(value + half, 3))


def _headline(line: Line, verdict: Verdict) -> str:
    ago = line.headline.ago
    said = {
        "rose": f"Higher than {ago} ago, by more than chance.",
        "fell": f"Lower than {ago} ago, by more than chance.",
        "chance": f"No change beyond chance in {ago}.",
        "groups": f"Not judged: groups came or left in these {ago}.",
        "unjudged": "Not judged: how large chance is isn’t given.",
        "method": "Not judged: the method changed too lately.",
        "old": "Not judged: too few days are published.",
        "short": "Too short to be judged.",
        "none": f"No {line.headline.name} is published.",
    }[verdict.kind]
    return f"{said} {_swing(line, verdict)}".strip()


def _swing(line: Line, verdict: Verdict) -> str:
    swing = verdict.swing
    if swing is None:
        return ""
    moved, returned = ("risen", "below") if swing.there.size > 0 else ("fallen", "above")
    turned, back = (_when(line, at) for at in (swing.there.last, swing.back_by))
    return (
        f"It had {moved} to {number(swing.there.after)} {turned} and was already {returned} that"
        f" {back}, both by more than chance."
    )


def _when(line: Line, at: int) -> str:
    day = line.days[at]
    if line.construct in BY_WEEK:
        sunday = day + timedelta(days=6 - day.weekday())
        return f"in the week to {short_date(sunday, year=False)}"
    return f"by {short_date(day, year=False)}"


def _note(line: Line, verdict: Verdict) -> str:
    change = verdict.change
    if change is None or verdict.latest is None:
        return ""
    start, end = line.days[change.first], line.days[change.last]
    seen = (
        f"{number(change.before)} on {long_date(start, year=start.year != end.year)},"
        f" {number(change.after)} on {long_date(end)}"
    )
    if verdict.kind == "unjudged":
        return f"{seen}."
    why = (
        ", for groups came or left, which can move the line by less than that"
        if verdict.kind == "groups"
        else ""
    )
    return (
        f"{seen}: a change of {number(abs(change.size))}. It counts as more than chance from"
        f" {number(change.bar)} on{why}{_found(verdict)}."
    )


def _found(verdict: Verdict) -> str:
    """Which true change is called reliably; none that would leave the scale is promised."""
    if verdict.reliably is None or not (verdict.room_to_rise or verdict.room_to_fall):
        return ""
    kind, other = {
        (True, True): ("change", ""),
        (True, False): ("rise", "fall"),
        (False, True): ("fall", "rise"),
    }[verdict.room_to_rise, verdict.room_to_fall]
    size = number(verdict.reliably)
    found = f"; a true {kind} of {size} is found four times of five"
    return f"{found}, and no {other} from there could be so large" if other else found


def _level(line: Line, verdict: Verdict) -> str:
    latest = verdict.latest
    if latest is None:
        return ""
    begins = max([at for at in line.breaks if at <= latest], default=0)
    past = [
        value
        for value in line.values[max(begins, latest - YEAR_DAYS) : latest + 1]
        if value is not None
    ]
    said = f"Latest {line.headline.name}: {number(past[-1])}, on {long_date(line.days[latest])}"
    if len(past) < _FEWEST_FOR_A_RANGE:
        return f"{said}. There are too few values yet to say whether that is high or low for it."
    span = "year" if len(line.values) - begins > YEAR_DAYS else "time so far"
    return (
        f"{said}; in the {span} it went from {number(min(past))} to {number(max(past))}, and was"
        f" lower than now on {_share(past)} of 100 days."
    )


def _share(past: list[float]) -> int:
    return round(100 * sum(value < past[-1] for value in past) / len(past))


def _band(line: Line, verdict: Verdict) -> str:
    latest = verdict.latest
    if latest is None:
        return ""
    value, half = line.values[latest], line.half_bands[latest]
    if value is None or half is None:
        return "How far chance may have moved it isn’t given."
    low, high = band_of(value, half)
    return (
        f"Range of chance round it: {number(low)} to {number(high)}. Chance alone moves it no"
        " farther 95 times of 100; what the score itself misses comes on top."
    )
