"""The public page: one HTML file that holds all it needs."""

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import PublicationError
from assets.governance.modes import Mode
from assets.publication.content_security import policy
from assets.publication.facts import PageFacts
from assets.publication.figures import overview, panel, shared_axes
from assets.publication.lines import Line, lines_of
from assets.publication.narration import (
    Narration,
    gaps_in_words,
    long_date,
    narrate,
    narrate_forecast,
    number,
    short_date,
    summarise,
)

_HERE = Path(__file__).parent
PLOTLY = _HERE / "vendor" / "plotly-basic.min.js"
_STATE_WORDS = {
    "not_published": "not published",
    "retracted": "retracted",
    "too_few_days_in_week": "under 4 of 7 days",
}


@dataclass(frozen=True)
class Chart:
    """A figure and the words that stand for it."""

    chart_id: str
    region: str
    figure: Markup
    sentence: str
    forecast_sentence: str
    gaps: str
    line: Line | None = None


def render_page(published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts) -> str:
    """Render the page; the same arguments give the same text.

    Args:
        published: see `assets.publication.tables.checked_published`.
        forecasts: see `assets.publication.tables.checked_forecasts`.
        facts: everything else that the page says.

    Returns:
        A whole HTML document of about 1.3 MB that makes no request and needs no other file.

    Raises:
        PublicationError: `PAGE_MODE_REFUSED` in mode `discovery`, `PUBLISHED_TABLE_INVALID`.
    """
    if facts.mode == Mode.DISCOVERY:
        raise PublicationError("PAGE_MODE_REFUSED")
    lines = lines_of(published, forecasts, facts)
    told = {(line.region, line.construct): narrate(line) for line in lines}
    plotly, boot, css = _text(PLOTLY), _text(_HERE / "boot.js"), _text(_HERE / "page.css")
    return (
        _environment()
        .get_template("page.html")
        .render(
            facts=facts,
            synthetic=facts.mode == Mode.SYNTHETIC,
            policy=policy([plotly, boot]),
            plotly=Markup(plotly),  # noqa: S704 - our own files, by hash
            boot=Markup(boot),  # noqa: S704
            css=Markup(css),  # noqa: S704
            last_day=long_date(facts.last_day),
            made_at=f"{long_date(facts.made_at)}, {facts.made_at:%H:%M %Z}".rstrip(),
            overviews=_overviews(lines, told) if lines else [],
            sections=[_section(construct, lines, told, facts) for construct in CONSTRUCTS],
            number=number,
            short_date=short_date,
            state_words=_STATE_WORDS,
        )
    )


def _overviews(lines: list[Line], told: dict[tuple[str, str], Narration]) -> list[Chart]:
    axes = shared_axes(lines, with_forecasts=False)
    return [
        Chart(
            chart_id=f"overview-{at}",
            region=region,
            figure=_json(overview(of_region, axes)),
            sentence=summarise(
                {line.construct: told[region, line.construct] for line in of_region}
            ),
            forecast_sentence="",
            gaps="",
        )
        for at, (region, of_region) in enumerate(
            (region, list(group)) for region, group in groupby(lines, lambda line: line.region)
        )
    ]


def _section(
    construct: str,
    lines: list[Line],
    told: dict[tuple[str, str], Narration],
    facts: PageFacts,
) -> dict[str, object]:
    chosen = [line for line in lines if line.construct == construct]
    axes = shared_axes(chosen, with_forecasts=True) if chosen else None
    charts = [
        Chart(
            chart_id=f"{construct}-{at}",
            region=line.region,
            figure=_json(panel(line, axes, facts.forecast_of)),
            sentence=told[line.region, construct].sentence,
            forecast_sentence=narrate_forecast(line),
            gaps=gaps_in_words(line),
            line=line,
        )
        for at, line in enumerate(chosen)
        if axes
    ]
    return {"construct": construct, "charts": charts}


def _json(figure: go.Figure) -> Markup:
    """JSON that can stand inside a script element: nothing in it can end the element."""
    text = str(figure.to_json()).replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(text.replace("&", "\\u0026"))  # noqa: S704 - escaped just here


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
