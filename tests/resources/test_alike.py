"""Looking people up finds whoever comparing everybody with everybody finds."""

from hypothesis import given
from hypothesis import strategies as st

from resources.stores.members.alike import Alike
from resources.stores.members.identity import identity_given
from resources.stores.members.marks import Marker

MARKER = Marker(b"k" * 32, "g-00000001")

parts = st.sampled_from(["a", "b", "ann", "anna", "bob", "lee", "l", "🙂"])
names = st.lists(parts, max_size=4).map(" ".join)
numbers = st.sampled_from(["", "07700 900123", "+44 7700 900124"])
people = st.builds(identity_given, names, numbers).map(MARKER.marks)


@given(st.lists(people, max_size=8), people)
def test_whoever_may_be_a_person_is_found(known, one) -> None:
    alike = Alike(dict(enumerate(known)))
    found = alike.like(one)
    for number, other in enumerate(known):
        if one.may_be(other) or other.may_be_claimed(one) or one.within(other) or one.same(other):
            assert number in found or one.joined is one.number is None
    assert alike.any_may_be(one) == any(other.may_be(one) for other in known)
