"""Plotly figures of the page. Colours are CSS variables, filled in by boot.js from page.css."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go

from assets.public.page import forecast_marks, marks
from assets.public.page.narration import narrate
from assets.public.page.scales import day_edge, day_ticks, spread, value_range, value_ticks
from assets.public.records.forecast_lines import ForecastLine
from assets.public.records.lines import Line
from assets.public.records.tables import DECIMALS
from assets.public.records.written import number, short_date

PANEL_HEIGHT = 270
OVERVIEW_HEIGHT = 320
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_LABEL_PIXELS = 17
_BOTTOM = 40
_PANEL_TOP = 26
_PANEL_MARGINS = {"l": 36, "r": 34, "t": _PANEL_TOP, "b": _BOTTOM}
_OVERVIEW_TOP = 10
_OVERVIEW_MARGINS = {"l": 36, "r": 118, "t": _OVERVIEW_TOP, "b": _BOTTOM}
_WEEK = 7


@dataclass(frozen=True)
class Axes:
    """What panels that are compared share: first and last day, low and high value."""

    first: date
    last: date
    low: float
    high: float


def shared_axes(lines: Sequence[Line], *, values_only: bool, daily_dots: bool = False) -> Axes:
    """Axes that hold all of `lines` and, unless `values_only`, their bands and forecasts.

    Args:
        lines: at least one line.
        values_only: whether bands, and days ahead, are left out.
        daily_dots: whether single days are drawn.
    """
    first, last = lines[0].days[0], lines[0].days[-1]
    values = [value for line in lines for value in line.values if value is not None]
    if not values_only:
        days = [one for line in lines if line.forecast for one in line.forecast.days]
        values += [edge for one in days for edge in (one.lo95, one.hi95)]
        values += [edge for line in lines for edge in marks.band_edges(line)]
        last = max([last, *(one.day for one in days)])
    if daily_dots:
        values += [value for line in lines for value in line.estimates if value is not None]
    return Axes(first, last, *value_range(values))


def panel(line: Line, axes: Axes, *, daily_dots: bool = False) -> go.Figure:
    """One construct in one region: what is not shown, all bands, the line, the forecast.

    Args:
        line: what to draw.
        axes: shared by the panels of the construct.
        daily_dots: whether single days are drawn.

    Returns:
        A figure whose traces carry `meta` "not published", "retracted", "past", "95", "80",
        "single days", "line", "revised" or "forecast"; only those that hold something.
    """
    figure = _empty(axes, PANEL_HEIGHT, _PANEL_MARGINS, ticks=5)
    traces = [
        marks.not_published([line], axes.low, axes.high),
        marks.retracted([line], axes.low, axes.high),
        marks.past_band(line),
    ]
    forecast = line.forecast if line.forecast and line.forecast.days else None
    if forecast:
        traces += forecast_marks.bands(line, forecast)
    if daily_dots:
        traces.append(marks.single_days(line))
    traces += [*marks.observed(line, marked=False), marks.revised(line)]
    if forecast:
        traces.append(forecast_marks.ahead(line, forecast))
        _label_bands(figure, forecast, axes)
        _say_when_made(figure, forecast)
    figure.add_traces([trace for trace in traces if trace.meta == "line" or trace.x])
    _mark_breaks(figure, line, labelled=True)
    return figure


def overview(lines: Sequence[Line], axes: Axes) -> go.Figure:
    """The three lines of one region, each with its own marker and its name at its end.

    Args:
        lines: the lines of one region.
        axes: shared by the regions.

    Returns:
        A figure whose traces carry `meta` "not published", "retracted" or "line".
    """
    figure = _empty(axes, OVERVIEW_HEIGHT, _OVERVIEW_MARGINS, ticks=3)
    boxes = [
        marks.not_published(lines, axes.low, axes.high),
        marks.retracted(lines, axes.low, axes.high),
    ]
    figure.add_traces([trace for trace in boxes if trace.x])
    ends: list[tuple[str, float]] = []
    for line in lines:
        figure.add_traces(marks.observed(line, marked=True))
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
    for line in lines:
        _mark_breaks(figure, line, labelled=False)
    return figure


def _empty(axes: Axes, height: int, margins: dict[str, int], ticks: int) -> go.Figure:
    days, labels = day_ticks(axes.first, axes.last, ticks)
    figure = go.Figure()
    figure.update_layout(
        template=None,
        height=height,
        margin=margins,
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
            "range": [day_edge(axes.first), day_edge(axes.last + timedelta(days=1))],
            "tickvals": days,
            "ticktext": labels,
            "tickangle": 0,
            "tickfont": {"size": 11},
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


def _mark_breaks(figure: go.Figure, line: Line, *, labelled: bool) -> None:
    """A dotted line where another method begins; its words stand beside the chart."""
    for at in line.breaks:
        edge = day_edge(line.days[at])
        figure.add_shape(
            type="line",
            name="break",
            x0=edge,
            x1=edge,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": "var(--ink-soft)", "width": 1.5, "dash": "dot"},
        )
        if labelled:
            right = at > len(line.days) / 2
            figure.add_annotation(
                x=edge,
                xanchor="right" if right else "left",
                y=0,
                yref="paper",
                yanchor="bottom",
                showarrow=False,
                text="new method",
                hovertext=short_date(line.days[at]),
                font={"size": 11, "color": "var(--ink-soft)"},
            )


def _label_bands(figure: go.Figure, forecast: ForecastLine, axes: Axes) -> None:
    apart = 13 * _per_pixel(axes, PANEL_HEIGHT - _PANEL_TOP)
    places = spread([forecast.days[-1].hi80, forecast.days[-1].hi95], apart)
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
        text=f"forecast made on {short_date(forecast.made_on)}",
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
