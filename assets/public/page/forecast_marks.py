"""What is drawn of a forecast: the dashed line, its two bands and their labels."""

from collections.abc import Sequence

import plotly.graph_objects as go

from assets.public.page.marks import CLEAR
from assets.public.records.forecast_lines import Ahead, ForecastLine
from assets.public.records.lines import Line


def ahead(line: Line, forecast: ForecastLine) -> go.Scatter:
    """The days ahead, dashed.

    Args:
        line: the line.
        forecast: its forecast, of at least one day.
    """
    colour = f"var(--{line.construct})"
    return go.Scatter(
        x=[one.day.isoformat() for one in forecast.days],
        y=[one.mean for one in forecast.days],
        customdata=[[one.lo80, one.hi80, one.lo95, one.hi95] for one in forecast.days],
        # Under 20 points Plotly adds markers by itself; a single day needs its own.
        mode="lines" if len(forecast.days) > 1 else "markers",
        line={"color": colour, "width": 2, "dash": "5px,3px"},
        marker={"color": colour, "size": 5, "symbol": "circle-open"},
        meta="forecast",
        name="forecast",
        hovertemplate=(
            f"Forecast ({line.headline.name}), %{{x|%-d %b %Y}}<br>%{{y:.3f}}"
            "<br>80%: %{customdata[0]:.3f} to %{customdata[1]:.3f}"
            "<br>95%: %{customdata[2]:.3f} to %{customdata[3]:.3f}<extra></extra>"
        ),
    )


def bands(line: Line, forecast: ForecastLine) -> list[go.Scatter]:
    """The 95% band and the 80% band, the wider one first."""
    wide = [(one.lo95, one.hi95) for one in forecast.days]
    narrow = [(one.lo80, one.hi80) for one in forecast.days]
    return [
        _band(line, forecast.days, edges, share) for edges, share in ((wide, "95"), (narrow, "80"))
    ]


def _band(
    line: Line, days: Sequence[Ahead], edges: Sequence[tuple[float, float]], share: str
) -> go.Scatter:
    names = [one.day.isoformat() for one in days]
    return go.Scatter(
        x=[*names, *reversed(names)],
        y=[*[low for low, _ in edges], *[high for _, high in reversed(edges)]],
        mode="lines",
        line={"width": 0, "color": CLEAR},
        fill="toself",
        fillcolor=f"var(--{line.construct}-{share})",
        hoverinfo="skip",
        meta=share,
        name=f"{share}%",
    )
