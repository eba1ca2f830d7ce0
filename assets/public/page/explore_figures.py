"""Plotly figures to explore: one line each. Colours are CSS variables, filled in by boot.js."""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd
import plotly.graph_objects as go

from assets.public.page import marks
from assets.public.page.plot import Axes
from assets.public.page.scales import day_edge, value_ticks
from assets.public.records.lines import Line
from assets.public.records.written import short_date

HEIGHT = 420
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_WIDTHS = (("80", 7.0), ("95", 1.5))


def figure_of(
    line: Line, axes: Axes, past_forecasts: pd.DataFrame, *, daily_dots: bool = False
) -> go.Figure:
    """One line with its range of chance, its forecast, and forecasts as they were made before.

    Args:
        line: what to draw, with all its days.
        axes: shared by the lines of the construct.
        past_forecasts: of this line: columns last_day, day and mean; see `Vintages.past_lines`.
        daily_dots: whether single days are drawn.

    Returns:
        A figure whose traces carry `meta` "not published", "retracted", "past", "95", "80",
        "single days", "line", "revised", "forecast" or "made before"; only those that hold
        something.
    """
    figure = _empty(axes)
    traces = [
        marks.not_published([line], axes.low, axes.high),
        marks.retracted([line], axes.low, axes.high),
        marks.past_band(line),
        *_forecast(line),
    ]
    if daily_dots:
        traces.append(marks.single_days(line))
    traces += [*marks.observed(line), marks.revised(line), *_made_before(past_forecasts)]
    figure.add_traces([trace for trace in traces if trace.meta == "line" or trace.x])
    for at in line.breaks:
        _mark_break(figure, line, at)
    return figure


def _forecast(line: Line) -> list[go.Scatter]:
    forecast = line.forecast
    if forecast is None:
        return []
    colour = f"var(--{line.construct})"
    beyond = forecast.days[-1].day if forecast.days else None
    ahead = [
        *forecast.days,
        *(one for one in forecast.weeks if beyond is None or one.day > beyond),
    ]
    found = []
    for share, width in _WIDTHS:
        x: list[str | None] = []
        y: list[float | None] = []
        for one in forecast.weeks or forecast.days:
            x += [one.day.isoformat(), one.day.isoformat(), None]
            y += [getattr(one, f"lo{share}"), getattr(one, f"hi{share}"), None]
        shade = f"var(--{line.construct}-fan)" if share == "80" else colour
        found.append(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                line={"color": shade, "width": width},
                hoverinfo="skip",
                meta=share,
                name=f"{share}%",
            )
        )
    found.append(
        go.Scatter(
            x=[one.day.isoformat() for one in ahead],
            y=[one.mean for one in ahead],
            customdata=[[one.lo80, one.hi80, one.lo95, one.hi95] for one in ahead],
            # Under 20 points Plotly adds markers by itself; a single day needs its own.
            mode="lines" if len(ahead) > 1 else "markers",
            line={"color": colour, "width": 2, "dash": "5px,3px"},
            meta="forecast",
            name="forecast",
            hovertemplate=(
                f"Forecast ({line.headline.name}), %{{x|%-d %b %Y}}<br>%{{y:.3f}}"
                "<br>80%: %{customdata[0]:.3f} to %{customdata[1]:.3f}"
                "<br>95%: %{customdata[2]:.3f} to %{customdata[3]:.3f}<extra></extra>"
            ),
        )
    )
    return found


def _made_before(past: pd.DataFrame) -> Sequence[go.Scatter]:
    """Forecasts over what came, those of the newest last day left out: it is drawn anyway."""
    newest = past["last_day"].max() if len(past) else None
    return [
        go.Scatter(
            x=[day.isoformat() for day in rows["day"]],
            y=[min(1.0, max(0.0, round(mean, 3))) for mean in rows["mean"]],
            mode="lines",
            line={"color": "var(--ink-soft)", "width": 1.5, "dash": "2px,3px"},
            meta="made before",
            name="made before",
            hovertemplate=(
                f"Forecast from {short_date(last_day)}, %{{x|%-d %b %Y}}<br>%{{y:.3f}}"  # pyright: ignore[reportArgumentType]
                "<extra></extra>"
            ),
        )
        for last_day, rows in past.groupby("last_day")
        if last_day != newest
    ]


def _empty(axes: Axes) -> go.Figure:
    figure = go.Figure()
    quarter = max(axes.first, axes.last - timedelta(days=120))
    figure.update_layout(
        template=None,
        height=HEIGHT,
        margin={"l": 40, "r": 16, "t": 40, "b": 30},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": _FONT, "size": 12, "color": "var(--ink-soft)"},
        showlegend=False,
        dragmode="pan",
        hovermode="closest",
        hoverlabel={
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--rule-strong)",
            "font": {"color": "var(--ink)"},
        },
        xaxis={
            "type": "date",
            "range": [day_edge(quarter), day_edge(axes.last)],
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": "var(--rule-strong)",
            "rangeslider": {"visible": True, "thickness": 0.12},
            "rangeselector": {
                "bgcolor": "var(--sunk)",
                "activecolor": "var(--rule)",
                "buttons": [
                    {"count": 4, "label": "4 months", "step": "month", "stepmode": "backward"},
                    {"count": 1, "label": "a year", "step": "year", "stepmode": "backward"},
                    {"label": "all", "step": "all"},
                ],
            },
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


def _mark_break(figure: go.Figure, line: Line, at: int) -> None:
    """A dotted line where another method begins."""
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
    figure.add_annotation(
        x=edge,
        xanchor="left",
        y=0,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text="new method",
        font={"size": 11, "color": "var(--ink-soft)"},
    )
