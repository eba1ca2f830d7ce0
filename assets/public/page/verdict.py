"""What a line did, judged over all of it by one rule: level, change, and a swing that came back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from assets.public.records.lines import Line
from assets.released.standard_errors import (
    BETWEEN_GROUPS,
    FALSE_ALARM_Z,
    PERSON_DAY_SD,
    POWER_Z,
    SQUARED_WEIGHTS,
)

Kind = Literal["rose", "fell", "chance", "groups", "unjudged", "method", "old", "short", "none"]

NEARBY_DAYS = 3
SMALLEST_CHANGE = 0.02
"""Below this a change is not worth a reader's attention, however exact it is."""

LOOKS_Z = 3.3
"""Standard errors that a change must reach. Six lines are looked at every day, and each look can
err: at 1.96, that of a single look, there would be a false episode every few weeks. Measured by
`python -m bench.page`."""

CALLED_AT = LOOKS_Z / (FALSE_ALARM_Z + POWER_Z)
"""Share of the published detectable change from which on a change is called."""

ABOVE_THE_BAR = POWER_Z / (FALSE_ALARM_Z + POWER_Z)
"""Share of it by which a true change must exceed the bar to be called four times of five."""

WINDOWS = 13
"""A swing is looked for over this many times the days that the headline pools."""

WHO_TAKES_PART = math.sqrt(PERSON_DAY_SD**2 * BETWEEN_GROUPS * SQUARED_WEIGHTS)
"""Standard deviation of what the leaving, or coming, of a group of half the people does to a level
if nobody's state changes: the same assumptions as of the published standard errors."""

_WEEK = 7


@dataclass(frozen=True)
class Move:
    """A difference between two days of a line.

    Attributes:
        first: position of the earlier day.
        last: position of the later one.
        before: value of the earlier day.
        after: value of the later one.
        bar: smallest size from which on it counts as more than chance.
    """

    first: int
    last: int
    before: float
    after: float
    bar: float

    @property
    def size(self) -> float:
        """By how much it went up; negative if it went down; 3 decimals, as both values have."""
        return round(self.after - self.before, 3)

    @property
    def is_called(self) -> bool:
        """Whether it is more than chance."""
        return abs(self.size) >= self.bar


@dataclass(frozen=True)
class Swing:
    """A move beyond chance, and the one back, also beyond chance.

    Attributes:
        there: from the lowest (highest) value before the turn, to the turn.
        back: from the turn to the latest value.
        back_by: position of the first day that lies beyond chance from the turn.
    """

    there: Move
    back: Move
    back_by: int


@dataclass(frozen=True)
class Verdict:
    """What is said of a line; all that its words are made from.

    Attributes:
        kind: "rose", "fell", "chance" (less than chance can make), "groups" (a change of who takes
            part could have made it), "unjudged" (no error is published), "method" (changed too
            lately), "old" (nothing published for a week, or too little to compare with), "short",
            or "none" (no value at all).
        latest: position of the latest value.
        change: what was compared, for the first five kinds.
        swing: a swing beyond chance that came back, within the last `WINDOWS`.
        reliably: size of a true change that is called four times of five; None if not known, or
            where groups came or went.
    """

    kind: Kind
    latest: int | None = None
    change: Move | None = None
    swing: Swing | None = None
    reliably: float | None = None

    @property
    def room_to_rise(self) -> bool:
        """Whether a true rise of `reliably` from the earlier value stays within 0 to 1."""
        return self._stays_within(1)

    @property
    def room_to_fall(self) -> bool:
        """Whether a true fall of `reliably` from the earlier value stays within 0 to 1."""
        return self._stays_within(-1)

    def _stays_within(self, sign: int) -> bool:
        if self.change is None or self.reliably is None:
            return False
        return 0 <= round(self.change.before + sign * self.reliably, 3) <= 1


def judge(line: Line) -> Verdict:
    """Judge a line from its published values and errors alone.

    The latest value, if under a week old, is compared with the one 28 days earlier (56 for a
    4-week mean), or the nearest within 3 days. A swing is the largest move to a day of the last 13
    weeks (52 for a 4-week mean) and back, each beyond chance. Nothing is compared across a change
    of method. Across a week in which groups left or few joined, which its missing single days tell,
    a change counts only if it is larger than a change of who takes part could make it.

    Args:
        line: any line, also an empty one.
    """
    latest = line.latest
    if latest is None:
        return Verdict("none")
    begins = max((at for at in line.breaks if at <= latest), default=0)
    bars = _Bars(line)
    swing = _swing(line, bars, latest, begins)
    earlier = _earlier(line, latest, begins) if len(line.days) - latest <= _WEEK else None
    if earlier is None:
        return Verdict(_why_not(line, latest, begins), latest, None, swing)
    plain, with_groups = bars.of(earlier, latest)
    before, after = _value(line, earlier), _value(line, latest)
    if with_groups is None or plain is None:
        return Verdict("unjudged", latest, Move(earlier, latest, before, after, math.inf), swing)
    # What is found reliably is of lines that the same groups make.
    reliably = None if with_groups > plain else _reliably(line, earlier, latest)
    change = Move(earlier, latest, before, after, with_groups)
    if change.is_called:
        kind: Kind = "rose" if change.size > 0 else "fell"
    else:
        kind = "groups" if abs(change.size) >= plain else "chance"
    return Verdict(kind, latest, change, swing, reliably)


def changed_groups(line: Line) -> tuple[int, ...]:
    """Positions of days that show a pooled value and no single day: groups came or went."""
    return tuple(
        at
        for at, (value, single, state) in enumerate(
            zip(line.values, line.estimates, line.states, strict=True)
        )
        if value is not None and single is None and state == "published"
    )


class _Bars:
    """From which size on a move of a line counts, and the lowest of all its moves."""

    def __init__(self, line: Line) -> None:
        self._changes = line.changes
        known = [one for one in line.changes if one is not None]
        self.lowest = max(SMALLEST_CHANGE, CALLED_AT * min(known)) if known else math.inf
        changed = set(changed_groups(line))
        self._changed_by = tuple(accumulate(at in changed for at in range(len(line.days))))

    def of(self, first: int, last: int) -> tuple[float | None, float | None]:
        """Bar of a move without, and with, what a change of who takes part could do."""
        one, other = self._changes[first], self._changes[last]
        if one is None or other is None:
            return None, None
        plain = max(SMALLEST_CHANGE, CALLED_AT * max(one, other))
        if self._changed_by[first] == self._changed_by[last]:
            return _rounded_up(plain), _rounded_up(plain)
        return _rounded_up(plain), _rounded_up(math.hypot(plain, LOOKS_Z * WHO_TAKES_PART))


def _reliably(line: Line, first: int, last: int) -> float:
    """By the larger error of both days, as the bar is."""
    larger = max(one for one in (line.changes[first], line.changes[last]) if one is not None)
    return _rounded_up(max(SMALLEST_CHANGE, CALLED_AT * larger) + ABOVE_THE_BAR * larger)


def _swing(line: Line, bars: _Bars, latest: int, begins: int) -> Swing | None:
    """The swing whose weaker half is farthest beyond its bar, to the latest value."""
    apart = line.headline.days
    first = max(begins, latest - WINDOWS * apart)
    shown = [at for at in range(first, latest + 1) if line.values[at] is not None]
    now = _value(line, latest)
    best: tuple[float, Move, Move] | None = None
    for sign in (1, -1):
        base, waiting = None, 0
        for at in shown:
            if latest - at < apart:
                break
            while shown[waiting] <= at - apart:
                candidate = shown[waiting]
                if base is None or sign * _value(line, candidate) < sign * _value(line, base):
                    base = candidate
                waiting += 1
            if base is None:
                continue
            value = _value(line, at)
            weaker = min(sign * (value - _value(line, base)), sign * (value - now))
            if weaker < bars.lowest - 1e-9 or (best is not None and weaker <= best[0]):
                continue
            out, home = bars.of(base, at)[1], bars.of(at, latest)[1]
            if out is None or home is None:
                continue
            there = Move(base, at, _value(line, base), value, out)
            back = Move(at, latest, value, now, home)
            if there.is_called and back.is_called:
                best = weaker, there, back
    return Swing(best[1], best[2], _back_by(line, bars, best[2])) if best else None


def _back_by(line: Line, bars: _Bars, back: Move) -> int:
    """The first day on the way back that is already beyond chance; at the latest the last."""
    for at in range(back.first + 1, back.last):
        if line.values[at] is None:
            continue
        bar = bars.of(back.first, at)[1]
        moved = Move(
            back.first, at, back.before, _value(line, at), math.inf if bar is None else bar
        )
        if moved.is_called and (moved.size > 0) is (back.size > 0):
            return at
    return back.last


def _earlier(line: Line, latest: int, begins: int) -> int | None:
    wanted = latest - line.headline.compared_days
    near = sorted(range(-NEARBY_DAYS, NEARBY_DAYS + 1), key=abs)
    return next(
        (at for by in near if (at := wanted + by) >= begins and _has(line.values, at)), None
    )


def _has(values: Sequence[float | None], at: int) -> bool:
    return values[at] is not None


def _why_not(line: Line, latest: int, begins: int) -> Kind:
    if len(line.days) - latest > _WEEK:
        return "old"
    latest_near = latest - line.headline.compared_days + NEARBY_DAYS
    first = min(at for at, value in enumerate(line.values) if value is not None)
    if first <= latest_near < begins:
        return "method"
    return "short" if first > latest_near else "old"


def _value(line: Line, at: int) -> float:
    value = line.values[at]
    assert value is not None  # noqa: S101 - only asked where a value is shown
    return value


def _rounded_up(bar: float) -> float:
    # What is said has 3 decimals; rounded down it could be said of a move that is not called.
    return math.ceil(bar * 1000 - 1e-6) / 1000
