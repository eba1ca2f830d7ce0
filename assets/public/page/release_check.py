"""The check before a page is written: read back, it says what was released and nothing else.

It starts from the page's text and the released tables. Numbers, days and drawings are worked out
anew from the tables; only a sentence's wording is compared with what the page's own rule gives.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.core.public_files import EVIDENCE_PAGE
from assets.public.page.narration import tell
from assets.public.page.page_reader import PageRead, PanelRead, read_page
from assets.public.page.past_forecast_check import past_forecast_fault
from assets.public.page.sentence_check import THREE_DECIMALS, agrees, numbers_known
from assets.public.page.span import QUARTER, Span, shown_of
from assets.public.records.facts import TERMS, PageFacts
from assets.public.records.lines import Line
from assets.public.records.written import long_date, short_date
from resources.stores.study.placeholders import is_placeholder

LABEL = "Experimental research figures, not official statistics"
AMONG = "among participating groups"
NOT_COMPARED = "Do not compare the regions: they differ in who takes part."
NOT_A_SHARE = "not a per cent of workers, nor anyone’s state"
MADE_UP = "Made-up data."
MADE_UP_DRAWN = "made-up data"
_FROM_REGISTER = {
    "PAGE_CONTROLLER_MISSING": "controller",
    "PAGE_SPONSOR_MISSING": "sponsor",
    "PAGE_LAWFUL_BASIS_MISSING": "lawful_basis",
    "PAGE_COMPLAINTS_MISSING": "complaints",
    "PAGE_LICENCE_MISSING": "licence",
    "PAGE_CITATION_MISSING": "citation",
}
UNSET = "contact not yet set"
LIMITS = ("must-not", "limits", "protection", "method", "meaning", "data")
_FORBIDDEN = re.compile(
    r"\b(because of (?!an error)|caused by|due to|led to|per ?cent of (?!workers, nor)|% of"
    r" (workers|staff|people are)|worse than|better than (?!“no)|highest region|ranked first"
    r"|league table|diagnosed)",
    re.IGNORECASE,
)
_MADE_ON = re.compile(r"Page made on (\d+ \w+ \d{4})")
_NUMBERS = re.compile(r"-?[\d.]+")
_DRAWN_WITHIN = 0.003
_HEIGHT = 1000


def check_page(page: str, lines: Sequence[Line], facts: PageFacts, span: Span = QUARTER) -> None:
    """Refuse a page that is not as agreed.

    Args:
        page: HTML.
        lines: what was released, with all days.
        facts: what else the page says.
        span: how far back it goes.

    Raises:
        PublicationError: the first of `faults`.
    """
    for code in faults(page, lines, facts, span):
        raise PublicationError(code)


def faults(
    page: str, lines: Sequence[Line], facts: PageFacts, span: Span = QUARTER
) -> Iterator[str]:
    """Codes of all that is wrong with a page; see `check_page`."""
    read = read_page(page)
    whole = span == QUARTER
    checks: list[tuple[str, Callable[[], bool]]] = [
        ("PAGE_REQUESTS_OUTSIDE", lambda: _asks_nobody(read, facts)),
        ("PAGE_PARTS_MISSING", lambda: _is_complete(read, lines, span)),
        ("PAGE_EVIDENCE_MISSING", lambda: _leads_to_evidence(read, lines)),
        ("PAGE_LABEL_MISSING", lambda: _is_labelled(read, facts)),
        ("PAGE_LIMITS_MISSING", lambda: _has_limits(read, whole=whole)),
        ("PAGE_CONTACT_MISSING", lambda: _has_contact(read, facts, whole=whole)),
        *(
            (code, partial(_has_words, read, facts, name, whole=whole))
            for code, name in _FROM_REGISTER.items()
        ),
        ("PAGE_DAY_WRONG", lambda: _is_dated(read, facts, whole=whole)),
        ("PAGE_WORDS_FORBIDDEN", lambda: not _FORBIDDEN.search(_told(read))),
    ]
    found = [code for code, holds in checks if not holds()]
    yield from found
    if whole and (fault := past_forecast_fault(read, facts)):
        yield fault
    if "PAGE_PARTS_MISSING" in found:
        return
    for line in lines:
        panel = read.panels[f"{line.construct}-{line.region_id}"]
        if not numbers_known(panel, line):
            yield "PAGE_NUMBER_UNKNOWN"
        if not agrees(panel, line):
            yield "PAGE_SENTENCE_CONTRADICTS"
        told = tell(line)
        if panel.verdict != told.headline or panel.notes[: len(told.notes)] != list(told.notes):
            yield "PAGE_SENTENCE_UNKNOWN"
        if not _is_drawn(panel, shown_of(line, span)):
            yield "PAGE_DRAWING_WRONG"
    if not _tables_agree(read, lines, span) or not _no_number_elsewhere(read):
        yield "PAGE_NUMBER_UNKNOWN"


def _asks_nobody(read: PageRead, facts: PageFacts) -> bool:
    digests = [hashlib.sha256(one.encode()).digest() for one in read.scripts]
    named = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in digests)
    wanted = f"script-src {named};"
    outside = [
        one
        for one in read.addresses
        if re.match(r"(\w+:)?//|javascript:|data:(?!,$)", one) and one != facts.contact
    ]
    return not outside and "default-src 'none'" in read.policy and wanted in read.policy


def _is_complete(read: PageRead, lines: Sequence[Line], span: Span) -> bool:
    wanted = {f"{line.construct}-{line.region_id}" for line in lines}
    drawn = {name for name, one in read.panels.items() if one.attributes and "latest" in one.paths}
    with_value = {
        f"{line.construct}-{line.region_id}"
        for line in lines
        if any(value is not None for value in shown_of(line, span).values)
    }
    return (
        set(read.panels) == wanted
        and with_value <= drawn
        and max(read.ids.values(), default=0) == 1
        and wanted <= set(read.ids)
        and {("values", line.construct) for line in lines} <= set(read.tables)
    )


def _leads_to_evidence(read: PageRead, lines: Sequence[Line]) -> bool:
    """Whether each latest value's evidence, and no other point's, is led to."""
    ids = [one.partition("#")[2] for one in read.addresses if f"{EVIDENCE_PAGE}#" in one]
    return sorted(ids) == sorted(one.latest_point for one in lines if one.latest_point)


def _is_labelled(read: PageRead, facts: PageFacts) -> bool:
    synthetic = facts.mode == Mode.SYNTHETIC
    made_up = MADE_UP in read.sections.get("", "")
    drawn = read.sections.get("graph", "").count(MADE_UP_DRAWN) >= len(read.panels)
    named = {f"Words that suggest {one}" for one in CONSTRUCTS}
    return (
        LABEL in read.sections.get("", "")
        and AMONG in read.text
        and named <= set(read.headings)
        and made_up is synthetic
        and (drawn or not synthetic)
    )


def _has_limits(read: PageRead, *, whole: bool) -> bool:
    # Read before the first graph, or levels have been compared by then.
    before, _, _ = read.sections.get("graph", "").partition("Words that suggest")
    if NOT_COMPARED not in before:
        return False
    if not whole:
        return True
    return NOT_A_SHARE in read.sections.get("meaning", "") and all(
        len(read.sections.get(name, "")) > len(name) + 80 for name in LIMITS
    )


def _has_contact(read: PageRead, facts: PageFacts, *, whole: bool) -> bool:
    if not whole or facts.mode == Mode.SYNTHETIC:
        return True
    given = bool(facts.contact.strip()) and UNSET not in facts.contact
    return given and facts.contact in read.sections.get("data", "")


def _has_words(read: PageRead, facts: PageFacts, name: str, *, whole: bool) -> bool:
    """Whether what the register says is there; in a home of made-up data, whether it says so."""
    said = getattr(facts.words, name)
    if not whole:
        return True
    if facts.mode == Mode.SYNTHETIC:
        return not said or said.lower().startswith("made up")
    terms = TERMS if name == "licence" else ""
    shown = read.sections.get("data", "")
    return bool(said) and not is_placeholder(said) and said in shown and terms in shown


def _is_dated(read: PageRead, facts: PageFacts, *, whole: bool) -> bool:
    head = read.sections.get("", "")
    next_update = long_date(facts.next_update)
    return (
        f"Days up to {long_date(facts.last_day)}. " in head
        and set(_MADE_ON.findall(head)) == {long_date(facts.made_at)}
        and (not whole or f"Next update: {next_update}." in head)
    )


def _told(read: PageRead) -> str:
    """What is said of the lines; how protection and method work may say "because"."""
    of_lines = [read.sections.get(name, "") for name in ("", "graph", "values")]
    return " ".join(of_lines)


def _is_drawn(panel: PanelRead, line: Line) -> bool:
    """Whether line, latest dot and range of chance, read off the drawing, are the released ones."""
    try:
        days = int(panel.attributes["data-days"])
        low, high = (float(panel.attributes[name]) for name in ("data-low", "data-high"))
    except (KeyError, ValueError):
        return False

    def points(kind: str) -> list[tuple[float, float]]:
        path = panel.paths.get(kind, "").replace("h.01", "")
        numbers = [float(one) for one in _NUMBERS.findall(path)]
        pairs = zip(numbers[::2], numbers[1::2], strict=False)
        return [(x / 10 - 0.5, high - y / _HEIGHT * (high - low)) for x, y in pairs]

    def near(found: Sequence[tuple[float, float]], wanted: Sequence[tuple[int, float]]) -> bool:
        within = _DRAWN_WITHIN + (high - low) / _HEIGHT
        return len(found) == len(wanted) and all(
            abs(x - at) <= 0.5 and abs(y - value) <= within  # noqa: PLR2004
            for (x, y), (at, value) in zip(found, wanted, strict=True)
        )

    shown = [(at, value) for at, value in enumerate(line.values) if value is not None]
    latest = [(at, value) for at, value in shown if at == line.latest]
    read_out = panel.attributes.get("data-values", "").split(" ")
    values = [one.split("/")[0] for one in read_out]
    wanted = ["" if value is None else str(round(1000 * value)) for value in line.values]
    forecast = line.forecast
    means = [one.mean for one in (*forecast.days, *forecast.weeks)] if forecast else []
    ahead = [y for _, y in points("forecast")]
    return (
        days >= len(line.days)
        and near(points("line"), shown)
        and near(points("latest"), latest)
        and [one if one.isdigit() else "" for one in values] == wanted
        and all(
            any(abs(y - one) <= _DRAWN_WITHIN + (high - low) / _HEIGHT for one in means)
            for y in ahead
        )
        and bool(ahead) is bool(means)
    )


def _tables_agree(read: PageRead, lines: Sequence[Line], span: Span) -> bool:
    for construct in CONSTRUCTS:
        chosen = [shown_of(line, span) for line in lines if line.construct == construct]
        rows = read.tables.get(("values", construct), [])
        wanted = {short_date(day): at for at, day in enumerate(chosen[0].days)}
        step = len(rows[0]) // len(chosen) if rows and len(rows[0]) > len(chosen) + 1 else 1
        for day, *cells in rows[1:]:
            at = wanted.get(day)
            if at is None or any(
                not _cell_agrees(cell, line, at)
                for cell, line in zip(cells[::step], chosen, strict=False)
            ):
                return False
        if len(rows) - 1 != len(range(len(chosen[0].days) - 1, -1, -span.step)):
            return False
        if not _forecasts_agree(read.tables.get(("forecasts", construct), []), chosen):
            return False
    return True


def _cell_agrees(cell: str, line: Line, at: int) -> bool:
    value, half = line.values[at], line.half_bands[at]
    numbers = [float(one) for one in THREE_DECIMALS.findall(cell)]
    if value is None:
        return not numbers
    return numbers == [one for one in (value, half) if one is not None]


def _forecasts_agree(rows: Sequence[Sequence[str]], lines: Sequence[Line]) -> bool:
    known = {
        (line.region, short_date(one.day)): [one.mean, one.lo80, one.hi80, one.lo95, one.hi95]
        for line in lines
        if line.forecast
        for one in (line.forecast.weeks or line.forecast.days)
    }
    found = {
        (region, day.split(", ")[-1]): [
            float(one) for cell in cells for one in THREE_DECIMALS.findall(cell)
        ]
        for region, day, *cells in rows[1:]
    }
    return found == known


def _no_number_elsewhere(read: PageRead) -> bool:
    apart = {"graph", "values", "relations"}
    return not any(
        THREE_DECIMALS.search(text) for name, text in read.sections.items() if name not in apart
    )
