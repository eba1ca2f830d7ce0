import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.aggregation.regional_mean import (
    GroupSum,
    RegionSum,
    add_up,
    mean_score,
    suppression,
    value_7d,
)
from assets.aggregation.thresholds import (
    MIN_DAYS_FOR_VALUE_7D,
    MIN_GROUPS,
    MIN_PERSON_DAYS,
    STANDARD_ERROR,
)
from assets.governance.errors import ReleaseError


def groups(*people: int) -> dict[str, GroupSum]:
    return {f"g-{number}": GroupSum(count, 0) for number, count in enumerate(people)}


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ((), "TOO_FEW_GROUPS"),
        ((30, 30, 30, 30), "TOO_FEW_GROUPS"),
        ((6, 6, 6, 6, 5), "TOO_FEW_PEOPLE"),
        ((3, 3, 3, 3), "TOO_FEW_GROUPS"),
        ((6, 6, 6, 6, 6), None),
        ((26, 1, 1, 1, 1), None),
    ],
)
def test_five_groups_and_thirty_people_are_enough(people, reason: str | None) -> None:
    assert (MIN_GROUPS, MIN_PERSON_DAYS) == (5, 30)
    assert suppression(groups(*people)) == reason


@pytest.mark.parametrize(
    ("person_days", "sum_milli"), [(0, 0), (-1, 0), (3, 1501), (3, -1501), (1, 10**9)]
)
def test_a_sum_that_those_people_can_not_have_is_refused(person_days: int, sum_milli: int) -> None:
    with pytest.raises(ReleaseError, match=r"^SUM_OUT_OF_RANGE$"):
        GroupSum(person_days, sum_milli)


@pytest.mark.parametrize("edge", [-1500, 1500])
def test_the_edges_are_possible(edge: int) -> None:
    assert GroupSum(3, edge).sum_milli == edge


@pytest.mark.parametrize(
    ("sums", "mean"),
    [
        ([(30, 0)], 0.5),
        ([(30, -15000)], 0.0),
        ([(30, 15000)], 1.0),
        # Weighted by person-days, not by days.
        ([(30, -15000), (90, 45000)], 0.75),
    ],
)
def test_the_mean_is_on_the_scale_of_scores(sums, mean: float) -> None:
    assert mean_score([RegionSum(*one) for one in sums]) == mean


@pytest.mark.parametrize("days", range(1, 8))
def test_a_seven_day_value_needs_four_days(days: int) -> None:
    found = value_7d([RegionSum(30, 300)] * days)
    assert (found is None) == (days < MIN_DAYS_FOR_VALUE_7D)
    assert found in (None, 0.51)


def test_no_numbers_show_in_a_repr() -> None:
    assert repr(GroupSum(31, 17)) == "GroupSum()"
    assert repr(RegionSum(31, 17)) == "RegionSum()"


def test_the_standard_error_is_a_public_constant() -> None:
    assert pytest.approx(0.25 / 30**0.5) == STANDARD_ERROR


GROUP = st.integers(1, 40).flatmap(
    lambda people: st.builds(GroupSum, st.just(people), st.integers(-500 * people, 500 * people))
)


@settings(derandomize=True)
@given(st.lists(GROUP, min_size=5, max_size=30), st.randoms(use_true_random=False))
def test_sums_are_exact_and_their_mean_in_range(found: list[GroupSum], random) -> None:
    total = add_up(dict(enumerate(found)))
    random.shuffle(found)
    assert add_up(dict(enumerate(found))) == total
    assert total.person_days == sum(one.person_days for one in found)
    assert total.sum_milli == sum(one.sum_milli for one in found)
    assert 0 <= mean_score([total]) <= 1
    assert mean_score([total]) == pytest.approx((total.sum_milli / total.person_days + 500) / 1000)
