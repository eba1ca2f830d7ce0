"""The check before the records of a release are written: read back, they say what they must."""

import re
from collections.abc import Iterator, Mapping

from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.core.public_files import RECORDS
from assets.public.page.page_reader import read_page
from assets.public.page.release_check import LABEL, MADE_UP
from assets.public.records.facts import PageFacts
from assets.released.reviewed_facts import SETTINGS

NEEDED = (
    "need",
    "public_benefit",
    "alternatives",
    "limitations",
    "restricted_recipients",
    "public_recipients",
    "notice_version",
    "phase",
    "plan",
    "ends",
)
"""Words of the register without which a study's records would tell too little."""
_OUTSIDE = re.compile(r"(\w+:)?//|javascript:|data:(?!,$)")


def check_records(pages: Mapping[str, str], facts: PageFacts) -> None:
    """Refuse records that are not as agreed.

    Args:
        pages: HTML by name.
        facts: of the release.

    Raises:
        PublicationError: the first of `faults_of_records`.
    """
    for code in faults_of_records(pages, facts):
        raise PublicationError(code)


def faults_of_records(pages: Mapping[str, str], facts: PageFacts) -> Iterator[str]:
    """Codes of all that is wrong with the records; see `check_records`."""
    reviewed = facts.reviewed
    told = all(map(reviewed.words.get, NEEDED)) and set(SETTINGS) <= set(reviewed.settings)
    if facts.mode == Mode.STUDY and not (told and reviewed.models):
        yield "RECORD_WORDS_MISSING"
    if set(pages) != set(RECORDS) or not all(_is_valid(one, facts) for one in pages.values()):
        yield "RECORD_PAGE_INVALID"


def _is_valid(page: str, facts: PageFacts) -> bool:
    read = read_page(page)
    head = read.sections.get("", "")
    return (
        LABEL in head
        and (MADE_UP in head) is (facts.mode == Mode.SYNTHETIC)
        and not any(_OUTSIDE.match(one) for one in read.addresses)
        and "default-src 'none'" in read.policy
        and read.scripts == []
        and max(read.ids.values(), default=0) == 1
    )
