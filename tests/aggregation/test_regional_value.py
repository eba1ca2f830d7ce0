import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.aggregation.noise_scales import NoisyTotals
from assets.aggregation.regional_value import mean_score, pooled_score
from assets.aggregation.thresholds import MIN_DAYS_FOR_VALUE_7D, MIN_DAYS_FOR_VALUE_28D
from assets.governance.constructs import CONSTRUCTS


def noisy(people: int, total: int) -> NoisyTotals:
    return NoisyTotals(people, {**dict.fromkeys(CONSTRUCTS, 0), "burnout": total}, 50_000)


@pytest.mark.parametrize(
    ("days", "value"),
    [
        ([(30, 0)], 0.5),
        ([(30, -15_000)], 0.0),
        ([(30, 15_000)], 1.0),
        ([(40, -10_000)], 0.25),
        # Weighted by noisy counts, not by days.
        ([(30, -15_000), (90, 45_000)], 0.75),
        ([(30, -3_000), (30, 3_000), (30, 0)], 0.5),
        # Noise can bring anything.
        ([(30, 20_000)], 1.0),
        ([(30, -20_000)], 0.0),
        ([(0, 100)], 0.6),
        ([(-12, -100)], 0.4),
        ([(-12, 3_000)], 1.0),
        ([(-12, 300), (13, 0)], 0.8),
    ],
)
def test_the_mean_is_noisy_sums_over_noisy_counts(days, value: float) -> None:
    drawn = [noisy(*day) for day in days]
    assert mean_score(drawn, "burnout") == pytest.approx(value)
    assert mean_score(drawn, "resilience") == 0.5


@pytest.mark.parametrize("least", [MIN_DAYS_FOR_VALUE_7D, MIN_DAYS_FOR_VALUE_28D])
@pytest.mark.parametrize("days", range(28))
def test_a_pooled_value_needs_its_days(least: int, days: int) -> None:
    assert (MIN_DAYS_FOR_VALUE_7D, MIN_DAYS_FOR_VALUE_28D) == (4, 12)
    found = pooled_score([noisy(30, 300)] * days, "burnout", least)
    assert found == (None if days < least else pytest.approx(0.51))


DAYS = st.lists(
    st.builds(noisy, st.integers(-60, 2_000), st.integers(-(10**6), 10**6)), min_size=1, max_size=28
)


@settings(derandomize=True)
@given(DAYS, st.randoms(use_true_random=False))
def test_values_are_on_the_scale_whatever_was_drawn(drawn: list[NoisyTotals], random) -> None:
    value = mean_score(drawn, "burnout")
    assert 0 <= value <= 1
    random.shuffle(drawn)
    assert mean_score(drawn, "burnout") == value


@settings(derandomize=True)
@given(DAYS)
def test_a_value_is_made_of_nothing_but_the_draws_totals(drawn: list[NoisyTotals]) -> None:
    together = noisy(
        sum(one.person_days for one in drawn), sum(one.sums_milli["burnout"] for one in drawn)
    )
    assert mean_score(drawn, "burnout") == mean_score([together], "burnout")
