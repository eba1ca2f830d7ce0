import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.stores.members.identity import identity_of, number_of
from resources.stores.members.marks import Marker

KEY = b"k" * 32
MARKER = Marker(KEY, "g-00000001")


def may_be(one: str, other: str) -> bool:
    first, second = MARKER.marks_of(one), MARKER.marks_of(other)
    assert first.may_be(second) == second.may_be(first)
    return first.may_be(second)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Sarah Jones", {"sarah", "jones"}),
        ("~\u202fSARAH jones 🌸", {"sarah", "jones"}),
        ("\u200e\u2068Sarah\u2069\u00a0Jones", {"sarah", "jones"}),
        ("Ｓａｒａｈ Jones", {"sarah", "jones"}),
        ("Zoë Müller", {"zoe", "muller"}),
        ("Zoe\u0308 Muller", {"zoe", "muller"}),
        ("Siobhán O’Brien", {"siobhan", "obrien"}),
        ("Siobhan O'Brien", {"siobhan", "obrien"}),
        ("Mary-Ann (nights)", {"mary", "ann", "nights"}),
        ("Łucja Sørensen", {"lucja", "sorensen"}),
        ("🌸", {"🌸"}),
        ("🌸\ufe0f", {"🌸"}),
        ("सारा", {"सारा"}),
        ("Room 7", {"room", "7"}),
        ("", set()),
        ("~ \u200e", set()),
    ],
)
def test_a_name_comes_to_its_folded_parts(written: str, parts: set[str]) -> None:
    identity = identity_of(written)
    assert (identity.parts, identity.number) == (parts, None)
    assert identity.empty == (not parts)


@pytest.mark.parametrize(
    "written",
    [
        "+44 7700 900123",
        "\u202a+44\u00a07700\u00a0900123\u202c",
        "+447700900123",
        "0044 7700 900123",
        "07700 900123",
        "07700-900-123",
        "(07700) 900123",
        "+44 (0)7700 900123",
        "+44 07700 900123",
        "7700900123",
        "447700900123",
        "٠٧٧٠٠٩٠٠١٢٣",
    ],
)
def test_a_british_number_comes_to_one_form(written: str) -> None:
    assert number_of(written) == "447700900123"
    identity = identity_of(written)
    assert (identity.parts, identity.number) == (frozenset(), "447700900123")


def test_other_numbers_stay_apart() -> None:
    numbers = ["+44 7700 900123", "+44 7700 900124", "+49 7700 900123", "+353 7700 900123"]
    assert len({number_of(one) for one in numbers}) == 4
    assert number_of("12 3456") is None


def test_a_name_and_a_number_are_both_told() -> None:
    identity = identity_of("Sarah Jones 07700 900123")
    assert (identity.parts, identity.number) == ({"sarah", "jones"}, "447700900123")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Sarah", "Sarah Jones", True),
        ("Sarah Jones", "SARAH", True),
        ("Jones Sarah", "Sarah Jones", True),
        ("Sarah J", "Sarah Jones", True),
        ("S Jones", "Sarah Jones", True),
        ("Sarah Jones", "Sarah Jones (nights)", True),
        ("Mary Ann", "Maryann", True),
        ("Sarah Jones", "Sarah Smith", False),
        ("Sarah J", "Sarah Smith", False),
        ("Sarah", "Sara", False),
        ("Sarah", "+44 7700 900123", False),
        ("+44 7700 900123", "07700 900123", True),
        ("Sarah 07700 900123", "+44 7700 900123", True),
        ("Sarah 07700 900123", "Sarah Jones", True),
        ("🌸", "Sarah 🌸", False),
        ("", "Sarah", False),
        ("", "", False),
    ],
)
def test_in_doubt_two_names_may_be_one_person(one: str, other: str, expected: bool) -> None:
    assert may_be(one, other) is expected


def _without_accents(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


NAMES = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzéèñöåçšž", min_size=2, max_size=8), min_size=1, max_size=3
).map(" ".join)
RENDERINGS = (
    str.upper,
    str.title,
    _without_accents,
    lambda name: f"~\u202f{name}",
    lambda name: f"\u200e\u202a{name}\u202c",
    lambda name: f"🌸 {name} 🙏🏽",
    lambda name: name.replace(" ", "-"),
    lambda name: "  ".join(reversed(name.split())),
    lambda name: unicodedata.normalize("NFD", name),
)


@settings(derandomize=True)
@given(NAMES, st.lists(st.sampled_from(RENDERINGS), min_size=1, max_size=4))
def test_writing_a_name_otherwise_makes_no_other_person(name: str, renderings) -> None:
    written = name
    for render in renderings:
        written = render(written)
    assert identity_of(written).parts == identity_of(name).parts
    assert may_be(name, written)


def test_marks_are_of_one_group_and_one_key() -> None:
    names = ("Sarah Jones", "+44 7700 900123")
    for name in names:
        marks = {
            Marker(KEY, "g-00000001").marks_of(name),
            Marker(KEY, "g-00000002").marks_of(name),
            Marker(b"o" * 32, "g-00000001").marks_of(name),
        }
        assert len(marks) == 3
    part = {full for full, _ in MARKER.marks_of("Sarah Jones").parts}
    elsewhere = {full for full, _ in Marker(KEY, "g-00000002").marks_of("Sarah Jones").parts}
    assert part.isdisjoint(elsewhere)


def test_nothing_shows_in_a_repr() -> None:
    assert "sarah" not in repr(identity_of("Sarah Jones")).lower()
    assert repr(MARKER.marks_of("Sarah")) == "Marks()"
