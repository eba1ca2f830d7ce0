"""What is drawn of the past: the line, its band, single days, gaps, and what was changed."""

from collections.abc import Sequence
from datetime import timedelta

import plotly.graph_objects as go

from assets.public.page.scales import day_edge
from assets.public.records.lines import MISSING, RETRACTED, VALUE_RETRACTED, Line, runs_of
from assets.public.records.tables import DECIMALS

CLEAR = "rgba(0,0,0,0)"


def observed(line: Line) -> list[go.Scatter]:
    """The line, one trace for each method version so that none is drawn across a change.

    Args:
        line: the line.
    """
    colour = f"var(--{line.construct})"
    sizes = _marker_sizes(line)
    return [
        go.Scatter(
            x=[day.isoformat() for day in line.days[first : last + 1]],
            y=list(line.values[first : last + 1]),
            mode="lines+markers",
            connectgaps=False,
            cliponaxis=False,
            line={"color": colour, "width": 2.5},
            marker={
                "color": colour,
                "symbol": "circle",
                "size": sizes[first : last + 1],
                "line": {"width": 0},
                "opacity": 1,
            },
            customdata=[
                "" if half is None else f" ± {half:.{DECIMALS}f}"
                for half in line.half_bands[first : last + 1]
            ],
            meta="line",
            name=line.construct,
            hovertemplate=(
                f"{line.construct.capitalize()}, %{{x|%-d %b %Y}}<br>{line.headline.name}"
                " %{y:.3f}%{customdata}<extra></extra>"
            ),
        )
        for first, last in line.segments()
    ]


def past_band(line: Line) -> go.Scatter:
    """The 95% band of every value shown; a value alone has one as wide as its day."""
    x: list[str | None] = []
    y: list[float | None] = []
    for first, last in line.runs():
        for start, end in runs_of([half is not None for half in line.half_bands[first : last + 1]]):
            days, edges = _edges(line, first + start, first + end)
            x += [*days, *reversed(days), days[0], None]
            y += [*[low for low, _ in edges], *[high for _, high in reversed(edges)]]
            y += [edges[0][0], None]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"width": 0, "color": CLEAR},
        fill="toself",
        fillcolor=f"var(--{line.construct}-band)",
        hoverinfo="skip",
        meta="past",
        name="95%",
    )


def single_days(line: Line) -> go.Scatter:
    """A dot for each day that has a value of its own."""
    shown = [at for at, value in enumerate(line.estimates) if value is not None]
    return go.Scatter(
        x=[line.days[at].isoformat() for at in shown],
        y=[line.estimates[at] for at in shown],
        mode="markers",
        marker={"color": f"var(--{line.construct})", "size": 4, "opacity": 0.55},
        meta="single days",
        name="single days",
        hovertemplate="%{x|%-d %b %Y}<br>single day %{y:.3f}<extra></extra>",
    )


def not_published(lines: Sequence[Line], low: float, high: float) -> go.Scatter:
    """Hatched boxes over the days that none of `lines` has published."""
    return _boxes(lines, {MISSING}, (low, high), ("/", "var(--hatch)"), "not published")


def retracted(lines: Sequence[Line], low: float, high: float) -> go.Scatter:
    """Outlined, crossed boxes over the days on which each of `lines` was retracted."""
    states = {RETRACTED, VALUE_RETRACTED}
    pattern = ("x", "var(--retracted)")
    return _boxes(lines, states, (low, high), pattern, "retracted", outlined=True)


def revised(line: Line) -> go.Scatter:
    """An open diamond round each value of a revised day."""
    shown = [
        at
        for at, is_revised in enumerate(line.revised)
        if is_revised and line.values[at] is not None
    ]
    return go.Scatter(
        x=[line.days[at].isoformat() for at in shown],
        y=[line.values[at] for at in shown],
        mode="markers",
        cliponaxis=False,
        marker={
            "symbol": "diamond-open",
            "size": 11,
            "color": "var(--ink)",
            "line": {"width": 1.5},
        },
        hoverinfo="skip",
        meta="revised",
        name="revised",
    )


def _edges(line: Line, first: int, last: int) -> tuple[list[str], list[tuple[float, float]]]:
    edges = [
        (max(0.0, round(value - half, DECIMALS)), min(1.0, round(value + half, DECIMALS)))
        for value, half in zip(
            line.values[first : last + 1], line.half_bands[first : last + 1], strict=True
        )
        if value is not None and half is not None
    ]
    if first == last:
        day = line.days[first]
        return [day_edge(day), day_edge(day + timedelta(days=1))], edges * 2
    return [day.isoformat() for day in line.days[first : last + 1]], edges


def _boxes(
    lines: Sequence[Line],
    states: set[str],
    heights: tuple[float, float],
    pattern: tuple[str, str],
    meta: str,
    *,
    outlined: bool = False,
) -> go.Scatter:
    low, high = heights
    shape, colour = pattern
    by_day = zip(*(line.states for line in lines), strict=True)
    flags = [all(state in states for state in of_day) for of_day in by_day]
    days = lines[0].days
    x: list[str | None] = []
    y: list[float | None] = []
    for first, last in runs_of(flags):
        left, right = day_edge(days[first]), day_edge(days[last] + timedelta(days=1))
        x += [left, right, right, left, left, None]
        y += [low, low, high, high, low, None]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"width": 1 if outlined else 0, "color": colour if outlined else CLEAR},
        fill="toself",
        fillcolor=CLEAR,
        fillpattern={"shape": shape, "size": 6, "solidity": 0.25, "fgcolor": colour},
        hoverinfo="skip",
        meta=meta,
        name=meta,
    )


def _marker_sizes(line: Line) -> list[int]:
    """A day between two gaps would draw nothing as a line, so it gets a dot."""
    sizes = [0] * len(line.values)
    for first, last in line.runs():
        if first == last:
            sizes[first] = 5
    if line.latest is not None:
        sizes[line.latest] = 8
    return sizes
