"""The public page: one HTML file that holds all it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assets.core.constructs import CONSTRUCTS, OF_NAME
from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.public.page.chart_key import chart_key
from assets.public.page.content_security import policy
from assets.public.page.figures import overview, panel, shared_axes
from assets.public.page.forecast_narration import (
    hit_rate_in_words,
    methods_in_words,
    narrate_forecast,
)
from assets.public.page.gap_narration import breaks_in_words, gaps_in_words, revisions_in_words
from assets.public.page.narration import Narration, narrate, smallest_change_in_words, summarise
from assets.public.page.value_cells import pooled_cell, single_day_cell
from assets.public.records import group_relations
from assets.public.records.facts import PageFacts
from assets.public.records.headlines import HEADLINES, Headline
from assets.public.records.lines import Line, lines_of
from assets.public.records.written import long_date, number, one_in, short_date
from assets.released.release_facts import MONTH_DAYS

_HERE = Path(__file__).parent
PLOTLY = _HERE / "vendor" / "plotly-basic.min.js"


@dataclass(frozen=True)
class Chart:
    """A figure and the words that stand for it."""

    chart_id: str
    region: str
    headline: Headline
    figure: Markup
    sentence: str
    notes: tuple[str, ...] = ()
    line: Line | None = None


def render_page(published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts) -> str:
    """Render the page; the same arguments give the same text.

    Args:
        published: see `assets.public.records.tables.checked_published`.
        forecasts: see `assets.public.records.tables.checked_forecasts`.
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
    shown = {line.headline.column for line in lines}
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
            headlines=[one for one in HEADLINES.values() if one.column in shown],
            forecast_methods=methods_in_words(lines),
            relations_title=group_relations.TITLE,
            relation_tables=group_relations.relation_tables(facts.relations or (), facts.regions),
            month_days=MONTH_DAYS,
            delta_words=one_in(facts.release.delta),
            number=number,
            short_date=short_date,
            pooled_cell=pooled_cell,
            single_day_cell=single_day_cell,
        )
    )


def _overviews(lines: Sequence[Line], told: Mapping[tuple[str, str], Narration]) -> list[Chart]:
    axes = shared_axes(lines, values_only=True)
    return [
        Chart(
            chart_id=f"overview-{at}",
            region=region,
            headline=of_region[0].headline,
            figure=_json(overview(of_region, axes)),
            sentence=summarise(
                {line.construct: told[region, line.construct] for line in of_region},
                of_region[0].headline,
            ),
        )
        for at, (region, of_region) in enumerate(
            (region, list(group)) for region, group in groupby(lines, lambda line: line.region)
        )
    ]


def _section(
    construct: str,
    lines: Sequence[Line],
    told: Mapping[tuple[str, str], Narration],
    facts: PageFacts,
) -> dict[str, object]:
    chosen = [line for line in lines if line.construct == construct]
    dots = facts.daily_dots
    axes = shared_axes(chosen, values_only=False, daily_dots=dots) if chosen else None
    charts = [
        Chart(
            chart_id=f"{construct}-{at}",
            region=line.region,
            headline=line.headline,
            figure=_json(panel(line, axes, daily_dots=dots)),
            sentence=told[line.region, construct].sentence,
            notes=_notes(line, facts),
            line=line,
        )
        for at, line in enumerate(chosen)
        if axes
    ]
    ahead = [(line, line.forecast) for line in chosen if line.forecast]
    return {
        "construct": construct,
        "meaning": OF_NAME[construct].meaning,
        "charts": charts,
        "key": chart_key(chosen, daily_dots=dots),
        "forecasts": [(line.region, one.made_on, day) for line, one in ahead for day in one.days],
        "weeks": [(line.region, one.made_on, week) for line, one in ahead for week in one.weeks],
    }


def _notes(line: Line, facts: PageFacts) -> tuple[str, ...]:
    forecast = f"{narrate_forecast(line)} {hit_rate_in_words(line)}".strip()
    notes = (
        smallest_change_in_words(line),
        forecast,
        gaps_in_words(line),
        revisions_in_words(line),
        breaks_in_words(line, facts.breaks),
    )
    return tuple(note for note in notes if note)


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
