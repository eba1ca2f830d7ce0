from assets.core.delivery_rhythm import Rhythm
from orchestration.portal.words import texts
from resources.stores.consent.consent_terms import MemberBasis, Scope, Sector


def test_whatever_can_be_chosen_has_its_words() -> None:
    words = texts()["consent"]
    assert set(words["sectors"]) == set(Sector)
    assert set(words["scope_names"]) == set(Scope)
    assert set(words["rhythms"]) == set(Rhythm)
    assert set(words["bases"]) == set(MemberBasis)
