"""Pages of words alone, the records among them, and the feed."""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from assets.core.modes import Mode
from assets.core.public_files import (
    ACCESSIBILITY,
    CHANGES,
    EXPLORE,
    FEED,
    MEMBERS,
    PAGE,
    RECORDS,
    RELEASES,
)
from assets.public.page.basis_in_words import basis_in_words
from assets.public.page.content_security import policy
from assets.public.page.templates import environment, style
from assets.public.records.facts import PageFacts
from assets.public.records.record import Record
from assets.public.records.written import long_date

PLAIN_PAGES = (CHANGES, MEMBERS, ACCESSIBILITY)


def plain_page(name: str, facts: PageFacts, **more: object) -> str:
    """One of `PLAIN_PAGES`, or another in their frame; the same arguments give the same text.

    Args:
        name: its file name, which is its template's, too.
        facts: of the release.
        more: what else the page's own template needs.

    Returns:
        A whole HTML document without a script, which makes no request.
    """
    return _rendered(
        name,
        facts,
        explore=EXPLORE,
        members=MEMBERS,
        basis=basis_in_words(facts.member_bases, made_up=facts.mode == Mode.SYNTHETIC),
        **more,
    )


def record_pages(records: Mapping[str, Record], facts: PageFacts) -> dict[str, str]:
    """The page of each record by its file name, as `plain_page` makes them.

    Args:
        records: all of a release, by the name of the page.
        facts: of the release.
    """
    titles = {name: record.title for name, record in records.items()}
    return {
        name: _rendered(
            "record.html", facts, record=record, data=RECORDS[name], titles=titles, this=name
        )
        for name, record in records.items()
    }


def _rendered(template: str, facts: PageFacts, **more: object) -> str:
    return (
        environment()
        .get_template(f"plain/{template}")
        .render(
            facts=facts,
            page=PAGE,
            synthetic=facts.mode == Mode.SYNTHETIC,
            policy=policy([]),
            css=style(),
            made_at=f"{long_date(facts.made_at)}, {facts.made_at:%H:%M %Z}".rstrip(),
            long_date=long_date,
            **more,
        )
    )


def feed(facts: PageFacts) -> str:
    """An Atom feed of the releases, newest first, for the top of the public folder.

    Its addresses are relative, for the program knows none of where the page lies.
    """

    def id_of(number: int | str) -> str:
        return uuid5(NAMESPACE_URL, f"tideline {facts.feed_id} {number}").urn

    return (
        environment()
        .get_template(FEED)
        .render(
            facts=facts,
            id_of=id_of,
            synthetic=facts.mode == Mode.SYNTHETIC,
            page=PAGE,
            feed=FEED,
            releases=RELEASES,
        )
    )
