"""Which days a page shows of its lines: a quarter, a year, or all."""

from dataclasses import dataclass, replace
from datetime import timedelta

from assets.core.public_files import PAGE, PAGE_OF_A_YEAR, PAGE_OF_ALL
from assets.public.records.lines import Line


@dataclass(frozen=True)
class Span:
    """How far back a page goes.

    Attributes:
        file: name of the page.
        days: days that it shows, up to the last; None for all.
        words: how links call it.
        step: days between two rows of its tables, the last day's among them.
    """

    file: str
    days: int | None
    words: str
    step: int


QUARTER = Span(PAGE, 91, "13 weeks", 1)
YEAR = Span(PAGE_OF_A_YEAR, 365, "a year", 7)
ALL = Span(PAGE_OF_ALL, None, "all", 7)
SPANS = (QUARTER, YEAR, ALL)


def shown_of(line: Line, span: Span) -> Line:
    """The line without the days before the span; positions then count from its first day."""
    cut = 0 if span.days is None else max(0, len(line.days) - span.days)
    if cut == 0:
        return line
    names = ("days", "values", "half_bands", "changes", "estimates", "states", "reasons", "revised")
    return replace(
        line,
        **{name: getattr(line, name)[cut:] for name in names},
        breaks=tuple(at - cut for at in line.breaks if at > cut),
    )


def last_day_drawn(line: Line) -> timedelta:
    """How far the line's forecast reaches beyond its last day."""
    forecast = line.forecast
    ahead = [*forecast.days, *forecast.weeks] if forecast else []
    return max((one.day - line.days[-1] for one in ahead), default=timedelta(0))
