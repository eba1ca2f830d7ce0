"""The public pages: HTML files that hold all they need, the graph drawn when they are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from markupsafe import Markup

from assets.core.constructs import CONSTRUCTS, OF_NAME
from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.core.public_files import (
    ACCESSIBILITY,
    ALGORITHM_PAGE,
    CHANGES,
    EVIDENCE_PAGE,
    EXPLORE,
    FEED,
    HIT_RATES,
    HOLDINGS_PAGE,
    LICENCE_PAGE,
    MEMBERS,
    PAGE,
    PRIVACY_PAGE,
    QUALITY_PAGE,
    REGISTER_PAGE,
    TRANSPARENCY_PAGE,
)
from assets.public.forecasting.scores import FORECASTS
from assets.public.page.anchors_shown import anchors_shown
from assets.public.page.basis_in_words import basis_in_words, who_chose
from assets.public.page.content_security import policy
from assets.public.page.dates_marked import dates_in_words
from assets.public.page.forecast_narration import (
    NONE_DUE,
    beside_in_words,
    hit_rate_in_words,
    horizons_in_words,
    last_forecast_day,
    methods_in_words,
    narrate_forecast,
    past_forecasts_in_words,
)
from assets.public.page.gap_narration import (
    breaks_in_words,
    gaps_in_words,
    groups_in_words,
    revisions_in_words,
)
from assets.public.page.key import key_of
from assets.public.page.narration import Told, band_of, tell
from assets.public.page.plot import Axes, Frame, Plot, kinds_drawn, plot, shared_axes
from assets.public.page.span import QUARTER, SPANS, Span, shown_of
from assets.public.page.templates import HERE, environment, text
from assets.public.page.value_cells import pooled_cell, single_day_cell
from assets.public.records import group_relations
from assets.public.records.facts import TERMS, PageFacts
from assets.public.records.headlines import HEADLINES
from assets.public.records.lines import RETRACTED, VALUE_RETRACTED, Line, lines_of
from assets.public.records.written import counted, long_date, number, one_in, short_date
from assets.released.release_facts import MONTH_DAYS
from resources.stores.published.releases import pointer

_PER_DAY = 10
_RECORDS = (
    (PRIVACY_PAGE, "privacy notice"),
    (LICENCE_PAGE, "licence"),
    (QUALITY_PAGE, "quality"),
    (TRANSPARENCY_PAGE, "transparency report"),
    (ALGORITHM_PAGE, "algorithms"),
    (REGISTER_PAGE, "register and phases"),
    (HOLDINGS_PAGE, "what is held"),
)
_HEIGHT = 1000
NOT_COMPARED = "Do not compare the regions: they differ in who takes part."


@dataclass(frozen=True)
class Panel:
    """One line, drawn, and all that is said of it.

    Attributes:
        id: of its figure, for links.
        file: name of its pictures, without what says their kind.
        line: the days shown.
        told: what it did, judged over all its days.
        axes: shared with the panels of its construct.
        plot: what is drawn.
        notes: sentences below it.
        values: its values for the reading, as reading.js takes them.
        ahead: those of its forecast.
    """

    id: str
    file: str
    line: Line
    told: Told
    axes: Axes
    plot: Plot
    notes: tuple[str, ...]
    values: str
    ahead: str


def render_page(
    published: pd.DataFrame,
    forecasts: pd.DataFrame,
    facts: PageFacts,
    span: Span = QUARTER,
    folder: str = "",
) -> str:
    """Render a page; the same arguments give the same text.

    Args:
        published: see `assets.public.records.tables.checked_published`.
        forecasts: see `assets.public.records.tables.checked_forecasts`.
        facts: everything else that the page says.
        span: how far back it goes; what a line is judged by doesn't depend on it.
        folder: what stands before the names of the release's other files; empty for a page that
            lies among them.

    Returns:
        A whole HTML document that makes no request and needs no other file.

    Raises:
        PublicationError: `PAGE_MODE_REFUSED` in mode `discovery`, `PUBLISHED_TABLE_INVALID`.
    """
    _refuse_discovery(facts)
    return page_of(lines_of(published, forecasts, facts), facts, span, folder)


def page_of(lines: Sequence[Line], facts: PageFacts, span: Span = QUARTER, folder: str = "") -> str:
    """Render a page of lines that are made already; see `render_page`.

    Args:
        lines: see `lines_of`.
        facts: everything else that the page says.
        span: how far back it goes.
        folder: what stands before the names of the release's other files.

    Raises:
        PublicationError: `PAGE_MODE_REFUSED` in mode `discovery`.
    """
    _refuse_discovery(facts)
    panels = panels_of(lines, facts, span)
    script, css = text(HERE / "reading.js"), text(HERE / "page.css")
    ahead_until = last_forecast_day(lines)
    first_of_region = {line.region: line for line in lines}
    headlines = [one for one in HEADLINES.values() if one in {line.headline for line in lines}]
    return (
        environment()
        .get_template("page.html")
        .render(
            facts=facts,
            folder=folder,
            changes=CHANGES,
            members=MEMBERS,
            accessibility=ACCESSIBILITY,
            records=_RECORDS,
            evidence=EVIDENCE_PAGE,
            terms=TERMS,
            newest=f"../../{PAGE}",
            pointer=Markup(pointer(facts.number, facts.state)),  # noqa: S704 - digits
            feed=FEED,
            span=span,
            spans=SPANS,
            whole=span == QUARTER,
            explore=EXPLORE,
            synthetic=facts.mode == Mode.SYNTHETIC,
            policy=policy([script]),
            script=Markup(script),  # noqa: S704 - our own files, by hash
            css=Markup(css),  # noqa: S704
            last_day=long_date(facts.last_day),
            made_on=long_date(facts.made_at),
            made_at=f"{long_date(facts.made_at)}, {facts.made_at:%H:%M %Z}".rstrip(),
            next_update=long_date(facts.next_update),
            ends_before=counted(max(0, (facts.made_at.date() - facts.last_day).days), "day"),
            sections=[_section(name, panels[name], span) for name in CONSTRUCTS],
            key=key_of(
                kinds_drawn([one.plot for of_name in panels.values() for one in of_name]),
                [one.name for one in headlines],
                ahead_until,
            ),
            dates_marked=dates_in_words(
                [one.axes for of_name in panels.values() for one in of_name], facts
            ),
            people=[(name, one.people) for name, one in first_of_region.items() if one.people],
            anchors=anchors_shown(),
            headlines=headlines,
            forecast_methods=methods_in_words(lines),
            past_forecasts=past_forecasts_in_words(facts.hit_rates_by_week.values()),
            none_due=NONE_DUE,
            most_counted=FORECASTS,
            hit_rates_name=HIT_RATES,
            forecast_end=long_date(ahead_until) if ahead_until else "",
            forecast_reach=counted((ahead_until - facts.last_day).days, "day")
            if ahead_until
            else "",
            not_compared=NOT_COMPARED,
            relations_title=group_relations.TITLE,
            relation_tables=group_relations.relation_tables(facts.relations or (), facts.regions),
            month_days=MONTH_DAYS,
            who_chose=who_chose(facts.member_bases),
            basis=basis_in_words(facts.member_bases, made_up=facts.mode == Mode.SYNTHETIC),
            delta_words=one_in(facts.release.delta),
            number=number,
            short_date=short_date,
            pooled_cell=pooled_cell,
            single_day_cell=single_day_cell,
        )
    )


def _refuse_discovery(facts: PageFacts) -> None:
    if facts.mode == Mode.DISCOVERY:
        raise PublicationError("PAGE_MODE_REFUSED")


def panels_of(
    lines: Sequence[Line], facts: PageFacts, span: Span
) -> Mapping[str, tuple[Panel, ...]]:
    """The panels of each construct, in the order of the regions.

    Args:
        lines: all lines, with all their days.
        facts: gives breaks, and whether single days are drawn.
        span: how many days are shown.
    """
    found = {}
    for construct in CONSTRUCTS:
        of_construct = [line for line in lines if line.construct == construct]
        shown = [shown_of(line, span) for line in of_construct]
        axes = shared_axes(shown, daily_dots=facts.daily_dots)
        found[construct] = tuple(
            _panel(line, part, axes, facts, years=span != QUARTER)
            for line, part in zip(of_construct, shown, strict=True)
        )
    return found


def event_days(line: Line, facts: PageFacts) -> list[date]:
    """Days of the public events of a line's region."""
    return [one.day for one in facts.events if line.region_id in one.regions]


def panel_file(line: Line) -> str:
    """Name of a panel's pictures, without what says their kind."""
    return f"{line.construct}-{line.region_id}"


def _panel(line: Line, shown: Line, axes: Axes, facts: PageFacts, *, years: bool) -> Panel:
    frame = Frame(0, 0, _PER_DAY * axes.days, _HEIGHT)
    told = tell(line)
    return Panel(
        id=panel_file(line),
        file=panel_file(line),
        line=shown,
        told=told,
        axes=axes,
        plot=plot(
            shown,
            axes,
            frame,
            daily_dots=facts.daily_dots,
            years=years,
            events=event_days(line, facts),
            made_up=facts.mode == Mode.SYNTHETIC,
        ),
        notes=(*told.notes, *_further_notes(line, facts)),
        values=" ".join(_read_out(shown, at) for at in range(len(shown.days))),
        ahead=_ahead_read_out(shown, axes),
    )


def _further_notes(line: Line, facts: PageFacts) -> tuple[str, ...]:
    notes = (
        f"{narrate_forecast(line)} {hit_rate_in_words(line)} {horizons_in_words(line)}".strip(),
        gaps_in_words(line),
        groups_in_words(line),
        revisions_in_words(line),
        breaks_in_words(line, facts.breaks),
    )
    return tuple(" ".join(note.split()) for note in notes if note)


def _section(construct: str, panels: tuple[Panel, ...], span: Span) -> dict[str, object]:
    days = len(panels[0].line.days) if panels else 0
    ahead = [(one.line, one.line.forecast) for one in panels if one.line.forecast]
    return {
        "construct": construct,
        "in_short": OF_NAME[construct].in_short,
        "meaning": OF_NAME[construct].meaning,
        "panels": panels,
        "rows": range(days - 1, -1, -span.step),
        "horizons": [
            (line.region, one, beside_in_words(line, one.weeks) if one.weeks else "")
            for line, forecast in ahead
            for one in (forecast.weeks or forecast.days)
        ],
    }


def _read_out(line: Line, at: int) -> str:
    value, half = line.values[at], line.half_bands[at]
    if value is None:
        return "r" if line.states[at] in {RETRACTED, VALUE_RETRACTED} else "-"
    if half is None:
        return _milli(value)
    return "/".join(map(_milli, (value, *band_of(value, half))))


def _ahead_read_out(line: Line, axes: Axes) -> str:
    forecast = line.forecast
    if forecast is None:
        return ""
    beyond = forecast.days[-1].day if forecast.days else None
    weeks = [one for one in forecast.weeks if beyond is None or one.day > beyond]
    return " ".join(
        f"{(one.day - axes.first).days},{_milli(one.mean)},{_milli(one.lo80)},{_milli(one.hi80)}"
        for one in (*forecast.days, *weeks)
    )


def _milli(value: float) -> str:
    return str(round(1000 * value))
