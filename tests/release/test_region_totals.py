import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from assets.released.thresholds import MIN_GROUPS, MOST_OF_LARGEST_PERCENT, MOST_OF_TOP_TWO_PERCENT
from assets.restricted.release.region_totals import (
    MOST_PERSON_DAYS,
    GroupSums,
    RegionTotals,
    region_totals,
    suppression,
)

ZEROS: dict[str, int] = dict.fromkeys(CONSTRUCTS, 0)


def group(number: int, people: int, employer: str | None = None) -> GroupSums:
    return GroupSums(f"g-{number}", employer or f"e-{number}", people, ZEROS)


def groups(*people: int) -> list[GroupSums]:
    return [group(number, count) for number, count in enumerate(people)]


def sums(**of: object) -> dict:
    return {**ZEROS, **of}


@pytest.mark.parametrize("people", [1, 3, MOST_PERSON_DAYS])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_edges_of_what_people_can_add_up_to_are_possible(people: int, sign: int) -> None:
    most = sign * 500 * people
    found = GroupSums("g-1", "e-1", people, dict.fromkeys(CONSTRUCTS, most))
    assert set(found.sums_milli.values()) == {most}


@pytest.mark.parametrize(
    "people",
    [0, -1, MOST_PERSON_DAYS + 1, 10**30, True, 3.0, math.nan, math.inf, None, "3", np.int64(3)],
)
def test_a_number_of_people_that_can_not_be_is_refused(people) -> None:
    with pytest.raises(ReleaseError, match=r"^SUM_OUT_OF_RANGE$"):
        GroupSums("g-1", "e-1", people, ZEROS)


@pytest.mark.parametrize("construct", CONSTRUCTS)
@pytest.mark.parametrize(
    "wrong",
    # numpy's integers too: the store gives Python's, and numpy's overflow without a word.
    [1501, -1501, 10**30, 1.0, math.nan, math.inf, -math.inf, True, None, "1", np.int64(1)],
)
def test_a_sum_that_those_people_can_not_have_is_refused(construct: str, wrong) -> None:
    with pytest.raises(ReleaseError, match=r"^SUM_OUT_OF_RANGE$"):
        GroupSums("g-1", "e-1", 3, sums(**{construct: wrong}))


@pytest.mark.parametrize(
    "held", [{}, dict.fromkeys(CONSTRUCTS[:2], 0), sums(coping=0)], ids=["none", "two", "four"]
)
def test_all_constructs_and_no_other_are_there(held: dict[str, int]) -> None:
    with pytest.raises(ReleaseError, match=r"^SUM_OUT_OF_RANGE$"):
        GroupSums("g-1", "e-1", 3, held)


@pytest.mark.parametrize("again", [group(1, 9), group(1, 7, "e-other")], ids=["same", "other"])
def test_a_group_that_is_there_twice_is_refused(again: GroupSums) -> None:
    with pytest.raises(ReleaseError, match=r"^GROUP_TWICE$"):
        region_totals([*groups(9, 9, 9), again])


def test_nothing_adds_up_to_nothing() -> None:
    assert region_totals([]) == RegionTotals(0, ZEROS)


def test_no_number_shows_in_a_repr_or_an_error() -> None:
    one = GroupSums("g-1", "e-1", 31, dict.fromkeys(CONSTRUCTS, 17))
    assert repr(one) == "GroupSums(group_ref='g-1', employer_ref='e-1')"
    assert repr(region_totals([one])) == "RegionTotals()"
    with pytest.raises(ReleaseError) as refused:
        GroupSums("g-1", "e-1", 31, dict.fromkeys(CONSTRUCTS, 98765))
    assert refused.value.args == ("SUM_OUT_OF_RANGE",)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ((), "TOO_FEW_GROUPS"),
        ((30, 30, 30, 30), "TOO_FEW_GROUPS"),
        ((6, 6, 6, 6, 6), None),
        # The largest has half of them exactly, and then one more.
        ((20, 5, 5, 5, 5), None),
        ((21, 5, 5, 5, 5), "LARGEST_TOO_LARGE"),
        ((501, 125, 125, 125, 125), "LARGEST_TOO_LARGE"),
        # The two largest have three quarters exactly, and then one more.
        ((40, 35, 9, 8, 8), None),
        ((40, 36, 9, 8, 8), "TOP_TWO_TOO_LARGE"),
        ((50, 25, 9, 8, 8), None),
        ((50, 26, 9, 8, 8), "TOP_TWO_TOO_LARGE"),
        ((51, 24, 9, 8, 8), "LARGEST_TOO_LARGE"),
        # How many people there are is tested on the noisy count only.
        ((1, 1, 1, 1, 1), None),
    ],
)
def test_five_groups_and_none_of_them_too_large(people, reason: str | None) -> None:
    assert (MIN_GROUPS, MOST_OF_LARGEST_PERCENT, MOST_OF_TOP_TWO_PERCENT) == (5, 50, 75)
    assert suppression(groups(*people)) == reason
    assert suppression(groups(*reversed(people))) == reason


@pytest.mark.parametrize(
    ("of_employers", "reason"),
    [
        # Five groups of four employers are four.
        ({"e-a": (6, 6), "e-b": (6,), "e-c": (6,), "e-d": (6,)}, "TOO_FEW_GROUPS"),
        ({"e-a": (6, 6), "e-b": (6,), "e-c": (6,), "e-d": (6,), "e-e": (6,)}, None),
        # No group has half of them, but an employer does.
        ({"e-a": (9, 8), "e-b": (4,), "e-c": (4,), "e-d": (4,), "e-e": (4,)}, "LARGEST_TOO_LARGE"),
        ({"e-a": (10, 10), "e-b": (5,), "e-c": (5,), "e-d": (5,), "e-e": (5,)}, None),
        (
            {"e-a": (20, 20), "e-b": (18, 18), "e-c": (9,), "e-d": (8,), "e-e": (7,)},
            "TOP_TWO_TOO_LARGE",
        ),
        ({"e-a": (20, 20), "e-b": (18, 17), "e-c": (9,), "e-d": (8,), "e-e": (8,)}, None),
    ],
)  # fmt: skip
def test_groups_of_one_employer_are_one(of_employers, reason: str | None) -> None:
    found = [
        group(number, people, employer)
        for number, (employer, people) in enumerate(
            (employer, people) for employer, several in of_employers.items() for people in several
        )
    ]
    assert suppression(found) == reason


PEOPLE = st.integers(1, 400)
GROUPS = st.lists(
    st.tuples(
        PEOPLE.flatmap(
            lambda people: st.tuples(
                st.just(people),
                st.fixed_dictionaries(
                    {name: st.integers(-500 * people, 500 * people) for name in CONSTRUCTS}
                ),
            )
        ),
        st.integers(0, 8),
    ),
    max_size=30,
).map(
    lambda found: [
        GroupSums(f"g-{number}", f"e-{employer}", people, of)
        for number, ((people, of), employer) in enumerate(found)
    ]
)


@settings(derandomize=True)
@given(GROUPS, st.randoms(use_true_random=False))
def test_the_order_of_groups_makes_no_difference(found: list[GroupSums], random) -> None:
    totals, reason = region_totals(found), suppression(found)
    random.shuffle(found)
    assert region_totals(found) == totals
    assert suppression(found) == reason


@settings(derandomize=True)
@given(GROUPS)
def test_totals_are_exact_and_what_may_be_drawn_keeps_the_rule(found: list[GroupSums]) -> None:
    totals = region_totals(found)
    assert totals.person_days == sum(one.person_days for one in found)
    for name in CONSTRUCTS:
        assert totals.sums_milli[name] == sum(one.sums_milli[name] for one in found)
        assert abs(totals.sums_milli[name]) <= 500 * totals.person_days
    shares: dict[str, float] = {}
    for one in found:
        share = one.person_days / totals.person_days
        shares[one.employer_ref] = shares.get(one.employer_ref, 0) + share
    largest = sorted(shares.values(), reverse=True)
    lawful = len(shares) >= 5 and largest[0] <= 0.5 + 1e-9 and sum(largest[:2]) <= 0.75 + 1e-9
    assert (suppression(found) is None) == lawful
