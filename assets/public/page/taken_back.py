"""Taking a retracted value out of a release that showed it: a tombstone stands where it was.

Data files lose the value and keep the rest. What is drawn or told from it is replaced whole, since
an older version of the program made it, which this one can't do again.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from assets.core.constructs import CONSTRUCTS
from assets.core.public_files import (
    DATA,
    EVIDENCE_PAGE,
    HIT_RATES,
    PACKAGE,
    RELATIONS,
    VINTAGES,
)
from assets.public.page.content_security import policy
from assets.public.page.panel_pictures import notice_pictures
from assets.public.page.plain_pages import PLAIN_PAGES
from assets.public.page.templates import environment, style
from assets.public.records.data_package import size_of
from assets.public.records.metadata import json_of
from assets.public.records.retractions import REASONS
from assets.public.records.written import listed, long_date
from resources.stores.published.releases import TakenBack

_OF_7_DAYS = ("value_7d", "standard_error_7d", "detectable_change_7d")
_OF_28_DAYS = ("value_28d", "standard_error_28d", "detectable_change_28d")
_CELLS: Mapping[str, Sequence[str]] = {
    "all": ("estimate", "standard_error", *_OF_7_DAYS, *_OF_28_DAYS, "people_band", "micro_rho"),
    "value_7d": _OF_7_DAYS,
    "value_28d": _OF_28_DAYS,
}
_WITHOUT_VALUES = (*PLAIN_PAGES, EVIDENCE_PAGE)
NEWEST = "../../index.html"


def without(files: Mapping[str, bytes], gone: Sequence[TakenBack]) -> dict[str, bytes]:
    """Those files of a release that change once values are taken out of it.

    Args:
        files: by name.
        gone: what was taken back.

    Returns:
        By name, the new content; nothing where the release showed none of it.
    """
    changed: dict[str, bytes] = {}
    if DATA in files:
        rows = list(csv.reader(io.StringIO(files[DATA].decode("utf-8"))))
        shown = [one for one in gone if _take_out(rows, one)]
    else:
        # Without its data nobody can tell what the rest showed.
        rows, shown = [], list(gone)
    if not shown:
        return {}
    regions = {one.region for one in shown}
    if rows:
        names, *content = rows
        ahead, place = names.index("row"), names.index("region")
        stays = [row for row in content if row[ahead] == "published" or row[place] not in regions]
        changed[DATA] = _written([names, *stays])
    for name in (VINTAGES, HIT_RATES):
        if name in files:
            changed[name] = _without_regions(files[name], regions)
    if RELATIONS in files:
        changed[RELATIONS] = _without_relations(files[RELATIONS], regions)
    if PACKAGE in files:
        changed[PACKAGE] = _package_of(files[PACKAGE], changed)
    changed |= _notices(files, regions, shown)
    return changed


def notice_page(gone: Sequence[TakenBack], newest: str) -> bytes:
    """A page that stands where values were taken back.

    Args:
        gone: what was; at least one.
        newest: address of the page that stands; empty where there is none.
    """
    days = sorted({one.day for one in gone})
    page = (
        environment()
        .get_template("taken_back.html")
        .render(
            policy=policy([]),
            css=style(),
            reasons=listed([REASONS[one] for one in sorted({one.reason for one in gone})]),
            days=_span(days[0], days[-1]),
            newest=newest,
        )
    )
    return page.encode("utf-8")


def _take_out(rows: list[list[str]], gone: TakenBack) -> bool:
    """Empty the cells of one retraction; whether any of them showed something."""
    at = {name: place for place, name in enumerate(rows[0])}
    key = ("published", gone.region, gone.day.isoformat())
    showed = False
    for row in rows[1:]:
        of = tuple(row[at[name]] for name in ("row", "region", "day"))
        # Drawn again after it was taken back: that stands.
        if (
            of != key
            or int(row[at["revision"]]) > gone.revision
            or row[at["status"]] != "published"
        ):
            continue
        cells = [at[name] for name in _CELLS[gone.scope] if name in at]
        if not any(row[cell] for cell in cells):
            continue
        showed = True
        for cell in cells:
            row[cell] = ""
        row[at["reason"]] = gone.reason
        if gone.scope == "all":
            row[at["status"]] = "retracted"
    return showed


def _without_regions(content: bytes, regions: set[str]) -> bytes:
    names, *rows = csv.reader(io.StringIO(content.decode("utf-8")))
    place = names.index("region")
    return _written([names, *(row for row in rows if row[place] not in regions)])


def _without_relations(content: bytes, regions: set[str]) -> bytes:
    found = json.loads(content)
    found["regions"] = [one for one in found["regions"] if one["region"] not in regions]
    return json_of(found)


def _package_of(content: bytes, changed: Mapping[str, bytes]) -> bytes:
    package = json.loads(content)
    for one in package["resources"]:
        if one["path"] in changed and "hash" in one:
            one.update(size_of(changed[one["path"]]))
    return json_of(package)


def _notices(
    files: Mapping[str, bytes], regions: set[str], gone: Sequence[TakenBack]
) -> Iterator[tuple[str, bytes]]:
    page = notice_page(gone, NEWEST)
    pictures = {f"{name}-{region}" for name in CONSTRUCTS for region in regions}
    svg, png = notice_pictures()
    for name in files:
        stem, _, kind = name.rpartition(".")
        if kind == "html" and name not in _WITHOUT_VALUES:
            yield name, page
        elif stem in pictures:
            yield name, {"svg": svg, "png": png}[kind]


def _span(first: date, last: date) -> str:
    if first == last:
        return f"of {long_date(first)}"
    return f"between {long_date(first)} and {long_date(last)}"


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")
