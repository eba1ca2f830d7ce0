"""Plotly figures of the page. Colours are CSS variables, filled in by boot.js from page.css."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import plotly.graph_objects as go

from assets.publication.lines import ForecastLine, Line
from assets.publication.narration import narrate, number, runs_of
from assets.publication.scales import day_ticks, spread, value_range, value_ticks
from assets.publication.tables import DECIMALS

PANEL_HEIGHT = 270
OVERVIEW_HEIGHT = 320
SYMBOLS = {"burnout": "circle", "resilience": "square", "resistance": "triangle-up"}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_LABEL_PIXELS = 17
_BOTTOM = 40
_PANEL_TOP = 26
_OVERVIEW_TOP = 10
_WEEK = 7


@dataclass(frozen=True)
class Axes:
    """What panels that are compared share: first and last day, low and high value."""

    first: date
    last: date
    low: float
    high: float


def shared_axes(lines: Sequence[Line], *, with_forecasts: bool) -> Axes:
    """Axes that hold all of `lines` and, if asked, their 95 % bands.

    Args:
        lines: at least one line.
        with_forecasts: whether days and bands ahead count.
    """
    ahead = [line.forecast for line in lines if line.forecast and with_forecasts]
    values = [value for line in lines for value in line.values if value is not None]
    bands = [edge for forecast in ahead for edge in (*forecast.lo95, *forecast.hi95)]
    low, high = value_range([*values, *bands])
    last = max([lines[0].days[-1], *(forecast.days[-1] for forecast in ahead)])
    return Axes(lines[0].days[0], last, low, high)


def panel(line: Line, axes: Axes, forecast_of: str) -> go.Figure:
    """One construct in one region: unpublished days, both bands, the 7-day line, the forecast.

    Args:
        line: what to draw.
        axes: shared by the panels of the construct.
        forecast_of: "estimate" or "value_7d"; names what the dashed line forecasts.

    Returns:
        A figure whose traces carry `meta` "not published", "95", "80", "line" or "forecast".
    """
    figure = _empty(axes, PANEL_HEIGHT, top=_PANEL_TOP, right=34)
    figure.add_trace(_not_published([line], axes))
    if line.forecast:
        figure.add_trace(_band(line, line.forecast.lo95, line.forecast.hi95, "95"))
        figure.add_trace(_band(line, line.forecast.lo80, line.forecast.hi80, "80"))
    figure.add_trace(_observed(line, marked=False))
    if line.forecast:
        figure.add_trace(_ahead(line, line.forecast, forecast_of))
        _label_bands(figure, line.forecast, axes)
        _say_when_made(figure, line.forecast)
    return figure


def overview(lines: Sequence[Line], axes: Axes) -> go.Figure:
    """The three lines of one region, each with its own marker and its name at its end.

    Args:
        lines: the lines of one region.
        axes: shared by the regions.

    Returns:
        A figure with one trace of unpublished days and one for each line (`meta` "line").
    """
    figure = _empty(axes, OVERVIEW_HEIGHT, top=_OVERVIEW_TOP, right=118)
    figure.add_trace(_not_published(lines, axes))
    ends: list[tuple[str, float]] = []
    for line in lines:
        figure.add_trace(_observed(line, marked=True))
        latest = narrate(line).latest
        if latest:
            day, value = latest
            name = line.construct.capitalize()
            old = (line.days[-1] - day).days >= _WEEK
            ends.append((f"{name} –" if old else f"{name} {number(value)}", value))
    apart = _LABEL_PIXELS * _per_pixel(axes, OVERVIEW_HEIGHT - _OVERVIEW_TOP)
    places = spread([value for _, value in ends], apart)
    for (text, _), place in zip(ends, places, strict=True):
        _label(figure, place, text, size=13)
    return figure


def _empty(axes: Axes, height: int, *, top: int, right: int) -> go.Figure:
    ticks, labels = day_ticks(axes.first, axes.last)
    figure = go.Figure()
    figure.update_layout(
        template=None,
        height=height,
        margin={"l": 36, "r": right, "t": top, "b": _BOTTOM},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": _FONT, "size": 12, "color": "var(--ink-soft)"},
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        hoverlabel={
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--rule-strong)",
            "font": {"color": "var(--ink)"},
        },
        xaxis={
            "type": "date",
            "range": [_edge(axes.first), _edge(axes.last + timedelta(days=1))],
            "tickvals": ticks,
            "ticktext": labels,
            "ticks": "outside",
            "ticklen": 4,
            "tickcolor": "var(--rule-strong)",
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": "var(--rule-strong)",
            "fixedrange": True,
        },
        yaxis={
            "range": [axes.low, axes.high],
            "tickvals": value_ticks(axes.low, axes.high),
            "tickformat": ".2f",
            "gridcolor": "var(--rule)",
            "zeroline": False,
            "fixedrange": True,
        },
    )
    return figure


def _observed(line: Line, *, marked: bool) -> go.Scatter:
    colour = f"var(--{line.construct})"
    return go.Scatter(
        x=[day.isoformat() for day in line.days],
        y=list(line.values),
        mode="lines+markers",
        connectgaps=False,
        cliponaxis=False,
        line={"color": colour, "width": 2.5},
        marker={
            "color": colour,
            "symbol": SYMBOLS[line.construct] if marked else "circle",
            "size": _marker_sizes(line, marked=marked),
            "line": {"width": 0},
            "opacity": 1,
        },
        meta="line",
        name=line.construct,
        hovertemplate=(
            f"{line.construct.capitalize()}, %{{x|%-d %b %Y}}<br>7-day mean %{{y:.3f}}"
            "<extra></extra>"
        ),
    )


def _marker_sizes(line: Line, *, marked: bool) -> list[int]:
    """A day between two gaps would draw nothing as a line, so it gets a dot."""
    shown = [value is not None for value in line.values]
    sizes = [0] * len(shown)
    for first, last in runs_of(shown):
        if first == last:
            sizes[first] = 5
    if marked:
        for at in range(len(shown) - 1, -1, -_WEEK):
            sizes[at] = 8
    elif any(shown):
        sizes[max(at for at, is_shown in enumerate(shown) if is_shown)] = 8
    return sizes


def _ahead(line: Line, forecast: ForecastLine, forecast_of: str) -> go.Scatter:
    colour = f"var(--{line.construct})"
    what = "7-day mean" if forecast_of == "value_7d" else "single day"
    bands = zip(forecast.lo80, forecast.hi80, forecast.lo95, forecast.hi95, strict=True)
    return go.Scatter(
        x=[day.isoformat() for day in forecast.days],
        y=list(forecast.mean),
        customdata=[list(edges) for edges in bands],
        # Under 20 points Plotly adds markers by itself; a single day needs its own.
        mode="lines" if len(forecast.days) > 1 else "markers",
        line={"color": colour, "width": 2, "dash": "5px,3px"},
        marker={"color": colour, "size": 5, "symbol": "circle-open"},
        meta="forecast",
        name="forecast",
        hovertemplate=(
            f"Forecast ({what}), %{{x|%-d %b %Y}}<br>%{{y:.3f}}"
            "<br>80%: %{customdata[0]:.3f} to %{customdata[1]:.3f}"
            "<br>95%: %{customdata[2]:.3f} to %{customdata[3]:.3f}<extra></extra>"
        ),
    )


def _band(line: Line, low: Sequence[float], high: Sequence[float], share: str) -> go.Scatter:
    assert line.forecast is not None  # noqa: S101 - `panel` only asks then
    days = [day.isoformat() for day in line.forecast.days]
    return go.Scatter(
        x=[*days, *reversed(days)],
        y=[*low, *reversed(high)],
        mode="lines",
        line={"width": 0, "color": "rgba(0,0,0,0)"},
        fill="toself",
        fillcolor=f"var(--{line.construct}-{share})",
        hoverinfo="skip",
        meta=share,
        name=f"{share}%",
    )


def _not_published(lines: Sequence[Line], axes: Axes) -> go.Scatter:
    """Hatched boxes over the days that none of `lines` has published."""
    states = zip(*(line.states for line in lines), strict=True)
    flags = [all(state in {"not_published", "retracted"} for state in of_day) for of_day in states]
    days = lines[0].days
    x: list[str | None] = []
    y: list[float | None] = []
    for first, last in runs_of(flags):
        left, right = _edge(days[first]), _edge(days[last] + timedelta(days=1))
        x += [left, right, right, left, left, None]
        y += [axes.low, axes.low, axes.high, axes.high, axes.low, None]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"width": 0, "color": "rgba(0,0,0,0)"},
        fill="toself",
        fillcolor="rgba(0,0,0,0)",
        fillpattern={"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": "var(--hatch)"},
        hoverinfo="skip",
        meta="not published",
        name="not published",
    )


def _label_bands(figure: go.Figure, forecast: ForecastLine, axes: Axes) -> None:
    apart = 13 * _per_pixel(axes, PANEL_HEIGHT - _PANEL_TOP)
    places = spread([forecast.hi80[-1], forecast.hi95[-1]], apart)
    for place, text in zip(places, ("80%", "95%"), strict=True):
        _label(figure, place, text, size=11)


def _say_when_made(figure: go.Figure, forecast: ForecastLine) -> None:
    figure.add_annotation(
        x=1,
        xref="paper",
        xanchor="right",
        y=1,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text=f"forecast made on {forecast.made_on.day} {forecast.made_on:%b %Y}",
        font={"size": 12, "color": "var(--ink-soft)"},
    )


def _label(figure: go.Figure, value: float, text: str, size: int) -> None:
    figure.add_annotation(
        x=1,
        xref="paper",
        xanchor="left",
        xshift=4,
        y=round(value, DECIMALS),
        yanchor="middle",
        showarrow=False,
        text=text,
        font={"size": size, "color": "var(--ink)"},
    )


def _per_pixel(axes: Axes, height: int) -> float:
    return (axes.high - axes.low) / (height - _BOTTOM)


def _edge(day: date) -> str:
    """Half a day before `day`'s own point, where its box begins."""
    return (datetime.combine(day, time()) - timedelta(hours=12)).isoformat()
