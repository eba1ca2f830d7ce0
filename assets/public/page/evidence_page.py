"""`evidence.html`: how each value came about, for readers; an address for each point."""

from collections.abc import Mapping, Sequence

from assets.core.public_files import DATA, EVIDENCE, EVIDENCE_PAGE
from assets.public.page.plain_pages import plain_page
from assets.public.records.evidence import in_force_of, meanings, points_of
from assets.public.records.facts import PageFacts
from assets.public.records.written import short_date
from resources.stores.published.evidence_cards import EvidenceCard

_GATE: Mapping[bool | None, str] = {True: "passed", False: "not passed", None: "not known"}


def evidence_page(cards: Sequence[EvidenceCard], facts: PageFacts) -> str:
    """The page; the same arguments give the same text.

    Args:
        cards: of a release, as `read_evidence` gives them.
        facts: of the release.

    Returns:
        A whole HTML document without a script, which makes no request.
    """
    in_force = list({tuple(in_force_of(one).items()): None for one in cards})
    regions = [
        {
            "id": region,
            "name": name,
            "rows": [
                _row(one, in_force.index(tuple(in_force_of(one).items())))
                for one in sorted(cards, key=lambda one: (one.day, one.revision), reverse=True)
                if one.region == region
            ],
        }
        for region, name in facts.regions.items()
    ]
    return plain_page(
        EVIDENCE_PAGE,
        facts,
        data=DATA,
        evidence=EVIDENCE,
        meanings=meanings(),
        in_force=[dict(one) for one in in_force],
        regions=[one for one in regions if one["rows"]],
    )


def _row(card: EvidenceCard, in_force: int) -> dict[str, object]:
    return {
        "card": card,
        "day": short_date(card.day),
        "closed_on": short_date(card.closed_on),
        "points": points_of(card),
        "gate": _GATE[card.gate_passed] if card.published else "–",
        "in_force": in_force,
    }
