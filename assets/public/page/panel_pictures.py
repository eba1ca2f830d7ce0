"""One SVG and one PNG of each panel, for reports: drawn by resvg with the font that lies here."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from xml.sax.saxutils import escape

import resvg_py

from assets.core.modes import Mode
from assets.public.page.page import Panel, event_days
from assets.public.page.plot import Frame, Label, plot
from assets.public.records.facts import PageFacts
from assets.public.records.written import long_date

FONT = Path(__file__).parent / "vendor" / "DejaVuSans-Latin.ttf"
_FAMILY = "DejaVu Sans"
_WIDTH, _HEIGHT = 720, 348
_FRAME = Frame(52, 100, 640, 180, decimals=1)
_LETTERS = 94
"""Of a verdict on a line; the longest has two lines."""
_ZOOM = 2.0
_EXPERIMENTAL = "Experimental research figures, not official statistics"
_TAKEN_BACK = "Values that this graph showed were taken back"
_COLOURS: Mapping[str, tuple[str, str, str]] = {
    "burnout": ("#b8420f", "#efd5ca", "#eac6b7"),
    "resilience": ("#12436d", "#cbd6df", "#a0b4c5"),
    "resistance": ("#1b8379", "#cde4e2", "#bbdad7"),
}
_OTHERS = ("#5a3d6b", "#e1d8e6", "#cdbfd4")
_INK, _SOFT, _RULE, _RETRACTED = "#16202b", "#465361", "#dfe4e9", "#8f2a72"
_MADE_UP = "#5b1a58"


def panel_pictures(panel: Panel, facts: PageFacts) -> tuple[str, bytes]:
    """A panel as it stands on the page, light, with its verdict and label.

    Args:
        panel: of `panels_of`.
        facts: of the page.

    Returns:
        The SVG, which names the font and holds no script; and a PNG of twice its size, the same
        bytes for the same panel and version of resvg.
    """
    svg = _svg(panel, facts)
    return svg, _png(svg)


def notice_pictures() -> tuple[bytes, bytes]:
    """An SVG and a PNG that stand where a panel showed what was taken back."""
    svg = "\n".join(
        [
            *_head(_TAKEN_BACK),
            _text(16, 26, 17, _TAKEN_BACK, _INK),
            _text(
                16, 48, 13, "They no longer stand. The newest release shows all that does.", _INK
            ),
            "</svg>\n",
        ]
    )
    return svg.encode("utf-8"), _png(svg)


def _png(svg: str) -> bytes:
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=_ZOOM,
            skip_system_fonts=True,
            font_files=[str(FONT)],
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
        )
    )


def _head(title: str, about: str = "") -> tuple[str, ...]:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' width="{_WIDTH}" height="{_HEIGHT}" font-family="{_FAMILY}, sans-serif" role="img">',
        f"<title>{escape(title)}</title>",
        *([f"<desc>{escape(about)}</desc>"] if about else []),
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    )


def _svg(panel: Panel, facts: PageFacts) -> str:
    line, told = panel.line, panel.told
    drawn = plot(
        line,
        panel.axes,
        _FRAME,
        daily_dots=facts.daily_dots,
        events=event_days(line, facts),
        made_up=facts.mode == Mode.SYNTHETIC,
    )
    made_up = facts.mode == Mode.SYNTHETIC
    title = f"Words that suggest {line.construct}, {line.region}"
    named = f"Made-up data: {title}" if made_up else title
    below = (
        f"{'Made-up data. ' if made_up else ''}{_EXPERIMENTAL}; among participating groups, to"
        f" {long_date(facts.last_day)}."
    )
    styles = _styles(line.construct)
    return "\n".join(
        [
            *_head(f"{named}: {told.headline}", below),
            _text(16, 26, 17, named, _INK),
            *(
                _text(16, 48 + 18 * at, 13, words, _INK)
                for at, words in enumerate(wrap(told.headline, _LETTERS))
            ),
            *(f'<path d="{one.path}" {styles[one.kind]}/>' for one in drawn.marks),
            *map(_label, drawn.labels),
            _text(
                16,
                324,
                11,
                f"{line.headline.name}, mean score 0 to 1. Band: range of chance,"
                " 95%. Bars: forecast range, thick 80%, thin 95%.",
                _SOFT,
            ),
            _text(16, 340, 11, below, _SOFT),
            "</svg>\n",
        ]
    )


def _styles(construct: str) -> Mapping[str, str]:
    colour, band, fan = _COLOURS.get(construct, _OTHERS)

    def stroke(of: str, width: float, more: str = "") -> str:
        return f'fill="none" stroke="{of}" stroke-width="{width}"{more}'

    capped = ' stroke-linecap="round" stroke-linejoin="round"'
    return {
        "zone": stroke(_SOFT, 0.8, ' stroke-dasharray="1 3"'),
        "grid": stroke(_RULE, 1),
        "gap": stroke(_SOFT, 1, ' stroke-dasharray="2 2"'),
        "retracted": stroke(_RETRACTED, 1),
        "band": f'fill="{band}"',
        "fan80": stroke(fan, 7),
        "fan95": stroke(colour, 1.5),
        "single": stroke(colour, 4, f'{capped} opacity="0.55"'),
        "line": stroke(colour, 2.5, capped),
        "holiday": stroke(_SOFT, 1.5),
        "event": stroke(_INK, 2),
        "break": stroke(_SOFT, 1.5, ' stroke-dasharray="2 3"'),
        "forecast": stroke(colour, 2, ' stroke-dasharray="5 3"'),
        "latest": stroke(colour, 9, capped),
        "revised": stroke(_INK, 6, ' stroke-linecap="square"'),
    }


def _label(label: Label) -> str:
    x = _FRAME.left + _FRAME.width * label.x / 100
    y = _FRAME.top + _FRAME.height * label.y / 100
    by = {"value": (-6, 4), "day": (0, 17), "year": (0, 31), "zone": (0, -5)}
    dx, dy = by.get(label.kind, (0, -5))
    anchor = {"value": "end", "zone-end": "end", "notice": "start"}.get(label.kind, "middle")
    if label.kind == "notice":
        return _text(x + dx, y + dy, 15, label.words.upper(), _MADE_UP, anchor)
    return _text(x + dx, y + dy, 11, label.words, _SOFT, anchor)


def _text(x: float, y: float, size: int, words: str, colour: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"'
        f' text-anchor="{anchor}">{escape(words)}</text>'
    )
