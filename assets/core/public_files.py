"""The names of the public files: of a home's public folder, and of a release's folder within it."""

from collections.abc import Mapping

PAGE = "index.html"
"""In the public folder it is the pointer: the one file that says which release stands."""
RELEASES = "releases"
"""A folder: NUMBER/ for each release, none ever changed but by a tombstone."""
FEED = "feed.xml"
FORECASTS = "forecasts"
"""A folder: REGION/DAY.json for each forecast that was made."""
NEXT_RELATIONS = ".next-relations.json"
"""Written by the asset `construct_relations`, for the next release to take."""
NEXT_FACTS = ".next-reviewed_facts.json"
"""Likewise by the asset `public_records`."""

PAGE_OF_A_YEAR = "year.html"
PAGE_OF_ALL = "all.html"
EXPLORE = "explore.html"
CHANGES = "changes.html"
MEMBERS = "members.html"
ACCESSIBILITY = "accessibility.html"
DATA = "latest.csv"
VINTAGES = "vintages.csv"
HIT_RATES = "hit_rates.csv"
RELATIONS = "relations.json"
FACTS = "facts.json"
REVIEWED = "reviewed_facts.json"
"""Facts that crossed the wall beside the values; see `assets.released.reviewed_facts`."""
METADATA = "latest.metadata.json"
PACKAGE = "datapackage.json"
MANIFEST = "manifest.json"
TOMBSTONE = "tombstone.json"
"""In a release of which something was taken back: what, when and why."""

MADE_OF = (DATA, VINTAGES, HIT_RATES, RELATIONS, FACTS, REVIEWED)
"""The files of a release that all its others are made of."""

PRIVACY, PRIVACY_PAGE = "privacy.json", "privacy.html"
ALGORITHM, ALGORITHM_PAGE = "algorithm.json", "algorithm.html"
REGISTER, REGISTER_PAGE = "index.json", "register.html"
HOLDINGS, HOLDINGS_PAGE = "holdings.json", "holdings.html"
QUALITY, QUALITY_PAGE = "quality.json", "quality.html"
TRANSPARENCY, TRANSPARENCY_PAGE = "transparency.json", "transparency.html"
LICENCE, LICENCE_PAGE = "licence.json", "licence.html"
RECORDS: Mapping[str, str] = {
    PRIVACY_PAGE: PRIVACY,
    ALGORITHM_PAGE: ALGORITHM,
    REGISTER_PAGE: REGISTER,
    HOLDINGS_PAGE: HOLDINGS,
    QUALITY_PAGE: QUALITY,
    TRANSPARENCY_PAGE: TRANSPARENCY,
    LICENCE_PAGE: LICENCE,
}
"""The records of a release: a page for people, and the same as JSON."""

PLANTED = "planted_trend.csv"
"""What a demo's made-up chats follow; in the home of a demo alone, and never public."""
