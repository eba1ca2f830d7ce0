"""A panel as marks and labels: where everything of one line is drawn, for page and report alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assets.public.forecasting.bank_holidays import bank_holidays
from assets.public.page.narration import band_of
from assets.public.page.scales import day_ticks, value_range, value_ticks
from assets.public.page.span import last_day_drawn
from assets.public.records.forecast_lines import Ahead, ForecastLine
from assets.public.records.lines import MISSING, RETRACTED, VALUE_RETRACTED, Line, runs_of

MOST_TICKS = 4
_WEEK = 7
_TICK = 0.06
_ROOM = timedelta(days=2)
_ROOM_FOR_A_DAY = 0.2
"""Share of the width from one label of a day to the next, also on a screen of 320 pixels."""


@dataclass(frozen=True)
class Axes:
    """What the panels of one construct share.

    Attributes:
        first: first day.
        last: last day, forecasts included.
        observed: last day that could have been published.
        low: low end of the values, never under 0.
        high: high end, never over 1.
    """

    first: date
    last: date
    observed: date
    low: float
    high: float

    @property
    def days(self) -> int:
        """Days from the first to the last."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Frame:
    """A rectangle that panels are drawn into; x and y of an SVG.

    Attributes:
        left: its left edge.
        top: its upper edge.
        width: its width.
        height: its height.
        decimals: of coordinates.
    """

    left: float
    top: float
    width: float
    height: float
    decimals: int = 0


@dataclass(frozen=True)
class Mark:
    """A path: its CSS class, and its `d`."""

    kind: str
    path: str


@dataclass(frozen=True)
class Label:
    """Text at a place in percent of the plot, from its left and upper edge.

    Attributes:
        kind: "value", "day", "year", "zone" (of the forecast, in its middle), "zone-end" (likewise,
            where it is too narrow for that) or "notice".
        x: from the left, in percent.
        y: from the top, in percent.
        words: the text.
    """

    kind: str
    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Plot:
    """Everything that is drawn of a panel."""

    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]


def shared_axes(lines: Sequence[Line], *, daily_dots: bool) -> Axes:
    """Axes that hold values, ranges of chance and forecasts of all `lines`.

    Args:
        lines: at least one line, of one construct, of the same days.
        daily_dots: whether single days are drawn.
    """
    first, observed = lines[0].days[0], lines[0].days[-1]
    values = [value for line in lines for value in line.values if value is not None]
    values += [edge for line in lines for band in _bands(line) if band for edge in band]
    values += [
        edge
        for line in lines
        if line.forecast
        for one in _ahead(line.forecast)
        for edge in (one.lo95, one.hi95)
    ]
    if daily_dots:
        values += [value for line in lines for value in line.estimates if value is not None]
    low, high = value_range(values)
    ahead = max(last_day_drawn(line) for line in lines)
    last = observed + ahead + (_ROOM if ahead else timedelta(0))
    return Axes(first, last, observed, max(0.0, low), min(1.0, high))


def plot(
    line: Line,
    axes: Axes,
    frame: Frame,
    *,
    daily_dots: bool,
    years: bool = True,
    events: Sequence[date] = (),
    made_up: bool = False,
) -> Plot:
    """Where the marks and labels of one panel stand.

    Args:
        line: what to draw.
        axes: shared by the panels of the construct.
        frame: what to draw into.
        daily_dots: whether single days are drawn.
        years: whether days are labelled with their years.
        events: days of public events.
        made_up: whether the drawing says that its data is made up.

    Returns:
        Marks in the order in which they are painted; only those that hold something.
    """
    pen = _Pen(axes, frame)
    states = line.states
    forecast = line.forecast
    paths = [
        ("zone", pen.box(len(line.days), axes.days) if axes.last > axes.observed else ""),
        ("grid", "".join(pen.across(value) for value in value_ticks(axes.low, axes.high))),
        ("gap", pen.boxes([state == MISSING for state in states])),
        ("retracted", pen.crosses([state in {RETRACTED, VALUE_RETRACTED} for state in states])),
        ("band", _band_path(line, pen)),
        ("fan80", _fan(forecast, pen, "80")),
        ("fan95", _fan(forecast, pen, "95")),
        ("single", _singles(line, pen) if daily_dots else ""),
        ("line", "".join(_run(line, run, pen) for run in line.runs())),
        ("holiday", pen.ticks(bank_holidays(axes.first, axes.last), from_top=False)),
        ("event", pen.ticks(events, from_top=True)),
        ("break", "".join(pen.upright(at) for at in line.breaks)),
        ("forecast", _forecast_path(forecast, pen)),
        ("latest", _latest(line, pen)),
        ("revised", _revised(line, pen)),
    ]
    marks = tuple(Mark(kind, path) for kind, path in paths if path)
    days = [one for one in _day_labels(axes) if years or one.kind != "year"]
    said = [Label("notice", 0, 0, "made-up data")] if made_up else []
    return Plot(marks, (*_value_labels(axes), *days, *_zone_label(axes), *said))


def kinds_drawn(plots: Sequence[Plot]) -> frozenset[str]:
    """Kinds of marks that stand in any of the plots, for the key."""
    return frozenset(mark.kind for one in plots for mark in one.marks)


@dataclass(frozen=True)
class _Pen:
    axes: Axes
    frame: Frame

    def x(self, day: float) -> str:
        """The middle of a day by its position, from 0; half a day less is its left edge."""
        return self._written(self.frame.left + self.frame.width * (day + 0.5) / self.axes.days)

    def y(self, value: float) -> str:
        share = (self.axes.high - value) / (self.axes.high - self.axes.low)
        return self._written(self.frame.top + self.frame.height * min(1.0, max(0.0, share)))

    def of_day(self, day: date) -> int:
        return (day - self.axes.first).days

    def box(self, first: float, after: float) -> str:
        left, right = self.x(first - 0.5), self.x(after - 0.5)
        return f"M{left} {self._top}H{right}V{self._bottom}H{left}Z"

    def boxes(self, flags: Sequence[bool]) -> str:
        return "".join(self.box(first, last + 1) for first, last in runs_of(flags))

    def crosses(self, flags: Sequence[bool]) -> str:
        found = ""
        for first, last in runs_of(flags):
            left, right = self.x(first - 0.5), self.x(last + 0.5)
            found += f"{self.box(first, last + 1)}M{left} {self._top}L{right} {self._bottom}"
            found += f"M{right} {self._top}L{left} {self._bottom}"
        return found

    def across(self, value: float) -> str:
        return f"M{self._written(self.frame.left)} {self.y(value)}H{self._right}"

    def upright(self, at: int) -> str:
        return f"M{self.x(at - 0.5)} {self._top}V{self._bottom}"

    def ticks(self, days: Sequence[date], *, from_top: bool) -> str:
        """A short upright stroke at the upper or lower edge for each day that is drawn."""
        edge, long = self.frame.top, _TICK * self.frame.height
        if not from_top:
            edge, long = self.frame.top + self.frame.height, -long
        ends = self._written(edge), self._written(edge + long)
        shown = [self.of_day(day) for day in days if self.axes.first <= day <= self.axes.last]
        return "".join(f"M{self.x(at)} {ends[0]}V{ends[1]}" for at in sorted(set(shown)))

    def dot(self, day: float, value: float) -> str:
        return f"M{self.x(day)} {self.y(value)}h.01"

    @property
    def _top(self) -> str:
        return self._written(self.frame.top)

    @property
    def _bottom(self) -> str:
        return self._written(self.frame.top + self.frame.height)

    @property
    def _right(self) -> str:
        return self._written(self.frame.left + self.frame.width)

    def _written(self, at: float) -> str:
        return f"{at:.{self.frame.decimals}f}"


def _bands(line: Line) -> list[tuple[float, float] | None]:
    return [
        None if value is None or half is None else band_of(value, half)
        for value, half in zip(line.values, line.half_bands, strict=True)
    ]


def _ahead(forecast: ForecastLine) -> list[Ahead]:
    """Days of the chart, and after them weeks farther ahead."""
    beyond = forecast.days[-1].day if forecast.days else date.min
    return [*forecast.days, *(one for one in forecast.weeks if one.day > beyond)]


def _band_path(line: Line, pen: _Pen) -> str:
    bands, found = _bands(line), ""
    for first, last in line.runs():
        for start, end in runs_of([band is not None for band in bands[first : last + 1]]):
            found += _area(
                [band for band in bands[first + start : first + end + 1] if band],
                first + start,
                pen,
            )
    return found


def _area(bands: list[tuple[float, float]], first: int, pen: _Pen) -> str:
    if len(bands) == 1:
        (low, high), left, right = bands[0], pen.x(first - 0.5), pen.x(first + 0.5)
        return f"M{left} {pen.y(low)}V{pen.y(high)}H{right}V{pen.y(low)}Z"
    there = [f"{pen.x(first + at)} {pen.y(high)}" for at, (_, high) in enumerate(bands)]
    back = [f"{pen.x(first + at)} {pen.y(low)}" for at, (low, _) in enumerate(bands)][::-1]
    return f"M{'L'.join([*there, *back])}Z"


def _run(line: Line, run: tuple[int, int], pen: _Pen) -> str:
    first, last = run
    points = [
        (at, value)
        for at, value in enumerate(line.values[first : last + 1], start=first)
        if value is not None
    ]
    if len(points) == 1:
        return pen.dot(*points[0])
    return f"M{'L'.join(f'{pen.x(at)} {pen.y(value)}' for at, value in points)}"


def _singles(line: Line, pen: _Pen) -> str:
    return "".join(pen.dot(at, one) for at, one in enumerate(line.estimates) if one is not None)


def _latest(line: Line, pen: _Pen) -> str:
    at = line.latest
    value = None if at is None else line.values[at]
    return "" if at is None or value is None else pen.dot(at, value)


def _revised(line: Line, pen: _Pen) -> str:
    return "".join(
        pen.dot(at, value)
        for at, (value, revised) in enumerate(zip(line.values, line.revised, strict=True))
        if revised and value is not None
    )


def _fan(forecast: ForecastLine | None, pen: _Pen, share: str) -> str:
    """An upright bar a week: a form that the range of chance never has."""
    ahead = _weekly(forecast) if forecast else []
    return "".join(
        f"M{pen.x(pen.of_day(one.day))} {pen.y(getattr(one, f'lo{share}'))}"
        f"V{pen.y(getattr(one, f'hi{share}'))}"
        for one in ahead
    )


def _weekly(forecast: ForecastLine) -> list[Ahead]:
    return list(forecast.weeks) or list(forecast.days[_WEEK - 1 :: _WEEK] or forecast.days[-1:])


def _forecast_path(forecast: ForecastLine | None, pen: _Pen) -> str:
    ahead = _ahead(forecast) if forecast else []
    if len(ahead) == 1:
        return pen.dot(pen.of_day(ahead[0].day), ahead[0].mean)
    points = [f"{pen.x(pen.of_day(one.day))} {pen.y(one.mean)}" for one in ahead]
    return f"M{'L'.join(points)}" if points else ""


def _value_labels(axes: Axes) -> list[Label]:
    span = axes.high - axes.low
    return [
        Label("value", 0, round(100 * (axes.high - value) / span, 2), f"{value:g}")
        for value in value_ticks(axes.low, axes.high)
    ]


def _day_labels(axes: Axes) -> list[Label]:
    days, words = day_ticks(axes.first, axes.observed, MOST_TICKS)
    labels = [(date.fromisoformat(day), label) for day, label in zip(days, words, strict=True)]
    end = _forecast_end(axes)
    if end and _day_fits(axes, end):
        labels.append((end, _day_in_words(end, axes.observed)))
    found = []
    for day, label in labels:
        x = round(100 * ((day - axes.first).days + 0.5) / axes.days, 2)
        short, _, year = label.partition("<br>")
        found.append(Label("day", x, 100, short))
        if year:
            found.append(Label("year", x, 100, year))
    return found


def _forecast_end(axes: Axes) -> date | None:
    return axes.last - _ROOM if axes.last > axes.observed else None


def _day_fits(axes: Axes, end: date) -> bool:
    return (end - axes.observed).days / axes.days >= _ROOM_FOR_A_DAY


def _day_in_words(day: date, before: date) -> str:
    return f"{day.day} {day:%b}" + ("" if day.year == before.year else f"<br>{day.year}")


def _zone_label(axes: Axes) -> list[Label]:
    end = _forecast_end(axes)
    if end is None:
        return []
    if not _day_fits(axes, end):
        return [Label("zone-end", 100, 0, f"forecast to {end.day} {end:%b}")]
    middle = axes.days - (axes.last - axes.observed).days / 2
    return [Label("zone", round(100 * middle / axes.days, 2), 0, "forecast")]
