"""The public evidence: allow-listed fields, no value, and none of a row that no release wrote."""

import json

import made_evidence
import made_pages
import pytest

from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.public.page.evidence_page import evidence_page
from assets.public.page.page_reader import read_page
from assets.public.records.evidence import meanings, read_evidence, written_evidence
from resources.base.database.tables import evidence, evidence_cards
from resources.stores.published.evidence_cards import EvidenceCard

SECRET = {"salt", "release_run", "collect_runs", "score_runs", "at"}


def names_in(content) -> set[str]:
    if isinstance(content, dict):
        return set(content).union(*map(names_in, content.values()))
    return set().union(*map(names_in, content)) if isinstance(content, list) else set()


def test_only_reviewed_fields_cross_the_wall(made) -> None:
    assert set(evidence_cards.columns.keys()) == set(EvidenceCard.__dataclass_fields__)
    assert set(evidence.columns.keys()) - set(evidence_cards.columns.keys()) > SECRET
    published, _ = made.tables()
    content = json.loads(written_evidence(made_evidence.cards(published), published))
    assert set(content) == {"meaning", "in_force", "region_days"}
    fields = names_in(content["in_force"]) | names_in(content["region_days"])
    assert fields - {"burnout", "resilience", "resistance"} == set(content["meaning"])
    assert not any("." in str(one[name]) for one in content["region_days"] for name in one
                   if name not in {"points"})  # fmt: skip


def test_it_reads_back_as_it_was_written(made) -> None:
    published, _ = made.tables()
    cards = made_evidence.cards(published)
    other = made_evidence.cards(published[published["day"] == made.day(5)], code_digest="9" * 64)
    mixed = [one for one in cards if one.day != made.day(5)] + other
    written = written_evidence(mixed, published)
    assert sorted(read_evidence(written), key=str) == sorted(mixed, key=str)
    assert written == written_evidence(mixed[::-1], published)
    assert len(json.loads(written)["in_force"]) == 2


def test_a_row_that_no_release_wrote_is_not_published(made) -> None:
    published, _ = made.tables()
    cards = made_evidence.cards(published)
    for lacking in (cards[1:], []):
        with pytest.raises(PublicationError, match=r"^VALUE_WITHOUT_EVIDENCE$"):
            written_evidence(lacking, published)
    revised = made.changed(published, {"day": made.day(9)}, revision=1).astype({"revision": int})
    with pytest.raises(PublicationError, match=r"^VALUE_WITHOUT_EVIDENCE$"):
        written_evidence(cards, revised)
    both = [*cards, *made_evidence.cards(revised[revised["revision"] == 1])]
    # The point that was drawn first keeps its evidence, and so its address.
    days = json.loads(written_evidence(both, revised))["region_days"]
    of_day = [one["revision"] for one in days if one["day"] == made.day(9).isoformat()]
    assert of_day == [0, 1, 0, 1]


def test_what_an_earlier_version_released_is_said_not_to_be_known(made) -> None:
    published, _ = made.tables()
    nothing = dict.fromkeys(vars(made_evidence.IN_FORCE))
    cards = made_evidence.cards(
        published, recorded="afterwards", groups_commitment=None, gate_passed=None, **nothing
    )
    written = written_evidence(cards, published)
    assert set(json.loads(written)["in_force"][0].values()) == {None}
    page = read_page(evidence_page(read_evidence(written), made_pages.facts()))
    assert "afterwards" in page.text
    assert "not known" in page.sections["in-force"]


def test_the_page_has_an_address_for_each_point_and_asks_nobody(made) -> None:
    published, _ = made.tables()
    cards = made_evidence.cards(published)
    text = evidence_page(cards, made.page_facts(mode=Mode.STUDY))
    page = read_page(text)
    assert {f"{row.region}-{row.day}-{row.construct}-0" for row in published.itertuples()} <= set(
        page.ids
    )
    assert max(page.ids.values()) == 1
    assert page.scripts == []
    assert {one for one in page.addresses if ":" in one} <= {"data:,"}
    inside = {one[1:] for one in page.addresses if one.startswith("#")}
    assert inside <= set(page.ids)
    assert all(one in page.sections["meaning"] for one in (*meanings(), *meanings().values()))
