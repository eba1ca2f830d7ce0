"""The pages and pictures of a release by name; refused whole where a page isn't as agreed."""

from collections.abc import Sequence

import pandas as pd

from assets.core.public_files import EVIDENCE_PAGE, EXPLORE
from assets.public.page.evidence_page import evidence_page
from assets.public.page.explore import render_explore
from assets.public.page.page import page_of, panels_of
from assets.public.page.panel_pictures import panel_pictures
from assets.public.page.plain_pages import PLAIN_PAGES, plain_page
from assets.public.page.release_check import check_page
from assets.public.page.span import QUARTER, SPANS
from assets.public.records.facts import PageFacts
from assets.public.records.lines import Line
from resources.stores.published.evidence_cards import EvidenceCard


def page_files(
    lines: Sequence[Line],
    past_forecasts: pd.DataFrame,
    facts: PageFacts,
    evidence: Sequence[EvidenceCard],
) -> dict[str, bytes]:
    """Every page of a release's folder, and an SVG and a PNG of each panel.

    Args:
        lines: see `lines_of`.
        past_forecasts: see `Vintages.past_lines`.
        facts: of the page.
        evidence: of the published rows.

    Raises:
        PublicationError: see `page_of` and `check_page`.
    """
    pages = {span.file: page_of(lines, facts, span) for span in SPANS}
    for span in SPANS:
        check_page(pages[span.file], lines, facts, span)
    pages |= {name: plain_page(name, facts) for name in PLAIN_PAGES}
    pages[EVIDENCE_PAGE] = evidence_page(evidence, facts)
    pages[EXPLORE] = render_explore(lines, past_forecasts, facts)
    files = {name: page.encode("utf-8") for name, page in pages.items()}
    panels = panels_of(lines, facts, QUARTER)
    for of_construct in panels.values():
        for panel in of_construct:
            svg, png = panel_pictures(panel, facts)
            files[f"{panel.file}.svg"] = svg.encode("utf-8")
            files[f"{panel.file}.png"] = png
    return files


def front_page(lines: Sequence[Line], facts: PageFacts, folder: str) -> bytes:
    """The page that stands at the top of the public folder, and leads into a release's.

    Args:
        lines: see `lines_of`.
        facts: of the page.
        folder: what stands before the names of the release's files.

    Raises:
        PublicationError: see `page_files`.
    """
    page = page_of(lines, facts, QUARTER, folder)
    check_page(page, lines, facts, QUARTER)
    return page.encode("utf-8")
