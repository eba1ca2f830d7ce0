import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.constructs import CONSTRUCTS
from assets.released.noise_scales import NoiseScales, NoisyTotals
from assets.released.standard_errors import (
    BANDS,
    BETWEEN_GROUPS,
    GROUP_SHIFT_SD,
    PERSON_DAY_SD,
    SQUARED_WEIGHTS,
    band_of,
    noise_error,
    public_errors,
)
from assets.released.thresholds import MIN_PEOPLE
from assets.restricted.release.regional_value import mean_score

RHO_05 = 50_000
AT_THE_RULES_EDGE = (0.5, 0.25, 0.23, 0.01, 0.01)
EQUAL = (0.05,) * 20


def drawn(people: Sequence[int], micro_rho: int = RHO_05) -> list[NoisyTotals]:
    return [NoisyTotals(one, dict.fromkeys(CONSTRUCTS, 0), micro_rho) for one in people]


# Everything that can ever be published beside a value of full draws: change it in the open only.
TABLE = [
    ("500+", 1, 0.0439, 0.0699),
    ("500+", 7, 0.0415, 0.0413),
    ("500+", 28, 0.0412, 0.0362),
    ("250-499", 1, 0.0479, 0.1032),
    ("250-499", 7, 0.0421, 0.0503),
    ("250-499", 28, 0.0413, 0.0389),
    ("150-249", 1, 0.0546, 0.1468),
    ("150-249", 7, 0.0433, 0.0639),
    ("150-249", 28, 0.0416, 0.0436),
    ("100-149", 1, 0.0647, 0.2007),
    ("100-149", 7, 0.0452, 0.0822),
    ("100-149", 28, 0.0421, 0.0507),
    ("60-99", 1, 0.0876, 0.3081),
    ("60-99", 7, 0.0504, 0.1207),
    ("60-99", 28, 0.0436, 0.0673),
    ("40-59", 1, 0.1186, 0.4421),
    ("40-59", 7, 0.0588, 0.1701),
    ("40-59", 28, 0.0462, 0.0901),
    ("30-39", 1, 0.1757, 0.6658),
    ("30-39", 7, 0.1131, 0.3099),
    ("30-39", 28, 0.1027, 0.2039),
]


@pytest.mark.parametrize(("band", "days", "error", "change"), TABLE)
def test_the_public_table(band: str, days: int, error: float, change: float) -> None:
    least = next(people for people, name in BANDS if name == band)
    for people in (least, 10**6 if band[-1] == "+" else int(band.split("-")[1])):
        found = public_errors(drawn([people] * days))
        assert found.people_band == band
        assert found.standard_error == pytest.approx(error, abs=5e-5)
        assert found.detectable_change == pytest.approx(change, abs=5e-5)


def test_the_table_has_every_band() -> None:
    assert [name for _, name in BANDS] == list(dict.fromkeys(row[0] for row in TABLE))
    assert [least for least, _ in BANDS] == sorted((one[0] for one in BANDS), reverse=True)
    assert BANDS[-1][0] == MIN_PEOPLE
    for (least, _), (_, below) in pairwise(BANDS):
        assert int(below.split("-")[1]) == least - 1


@pytest.mark.parametrize("people", [29, 1, 0, -40])
def test_under_the_lowest_band_its_errors_hold(people: int) -> None:
    assert band_of(people) == BANDS[-1]
    assert public_errors(drawn([people])) == public_errors(drawn([MIN_PEOPLE]))


@pytest.mark.parametrize("days", [1, 4, 7, 12, 28])
def test_errors_shrink_from_band_to_band(days: int) -> None:
    found = [public_errors(drawn([least] * days)) for least, _ in reversed(BANDS)]
    for before, after in pairwise(found):
        assert after.standard_error < before.standard_error
        assert after.detectable_change < before.detectable_change


@pytest.mark.parametrize("least", [least for least, _ in BANDS])
def test_errors_shrink_with_days_and_with_budget(least: int) -> None:
    by_days = [public_errors(drawn([least] * days)) for days in range(1, 29)]
    by_budget = [public_errors(drawn([least] * 7, rho)) for rho in (2_000, 25_000, 50_000, 99_996)]
    for found in (by_days, by_budget):
        for before, after in pairwise(found):
            assert after.standard_error < before.standard_error
            assert after.detectable_change < before.detectable_change


def test_errors_of_days_with_different_budgets_lie_between() -> None:
    half, full = drawn([60] * 4, 25_000), drawn([60] * 4)
    between = public_errors([*half[:2], *full[:2]]).standard_error
    assert public_errors(full).standard_error < between < public_errors(half).standard_error


COUNTS = st.lists(st.integers(-20, 700), min_size=1, max_size=28)


@settings(derandomize=True)
@given(COUNTS, COUNTS, st.sampled_from([25_000, RHO_05]))
def test_errors_tell_no_more_of_the_counts_than_their_band(one, other, micro_rho: int) -> None:
    other = (other * 28)[: len(one)]
    first, second = public_errors(drawn(one, micro_rho)), public_errors(drawn(other, micro_rho))
    same_band = band_of(sum(one) / len(one)) == band_of(sum(other) / len(one))
    assert (first == second) == same_band


def test_no_lawful_weights_have_a_larger_sum_of_squares() -> None:
    draw = np.random.default_rng(6)
    weights = np.sort(draw.dirichlet([0.4] * 6, 200_000), axis=1)[:, ::-1]
    lawful = weights[(weights[:, 0] <= 0.5) & (weights[:, :2].sum(axis=1) <= 0.75)]
    largest = float((lawful**2).sum(axis=1).max())
    assert 0.95 * SQUARED_WEIGHTS < largest <= SQUARED_WEIGHTS


def simulated(
    people: int, days: int, weights: Sequence[float], level: float, runs: int = 1_500
) -> tuple[float, float]:
    """Share of values within 1.96 errors of the level, and the error stated over the one found.

    Groups of the assumed spread, people within them, release noise, and the noisy threshold.
    """
    draw, scales = np.random.default_rng(people + days), NoiseScales.of(RHO_05)
    sizes = np.array([round(people * weight) for weight in weights])
    people = int(sizes.sum())
    of_groups = draw.normal(0, PERSON_DAY_SD * math.sqrt(BETWEEN_GROUPS), (runs, len(sizes)))
    within = PERSON_DAY_SD * math.sqrt((1 - BETWEEN_GROUPS) * people)
    sums = (level - 0.5) * people + of_groups @ sizes
    sums = 1000 * (sums[:, None] + draw.normal(0, within, (runs, days)))
    sums = np.rint(sums + draw.normal(0, scales.of_sum_milli, (runs, days))).astype(int)
    counts = people + np.rint(draw.normal(0, scales.of_count, (runs, days))).astype(int)
    covered, stated, found = [], [], []
    for row in range(runs):
        published = [
            NoisyTotals(int(count), {"burnout": int(total)}, RHO_05)
            for count, total in zip(counts[row], sums[row], strict=True)
            if count >= MIN_PEOPLE
        ]
        if 2 * len(published) < days:
            continue
        error = public_errors(published).standard_error
        off = mean_score(published, "burnout") - level
        covered.append(abs(off) <= 1.96 * error)
        stated.append(error)
        found.append(off)
    assert len(covered) > runs / 3
    return float(np.mean(covered)), float(np.mean(stated) / np.sqrt(np.mean(np.square(found))))


@pytest.mark.parametrize("level", [0.1, 0.15, 0.5, 0.9])
@pytest.mark.parametrize("days", [1, 7, 28])
@pytest.mark.parametrize("people", [30, 40, 60, 150, 500])
def test_the_error_covers_95_per_cent_at_the_rules_edge(
    people: int, days: int, level: float
) -> None:
    covered, _ = simulated(people, days, AT_THE_RULES_EDGE, level)
    # Of 1,500 runs, two standard errors less.
    assert covered >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / 1_500)


@pytest.mark.parametrize(
    ("people", "days", "times"), [(60, 1, 1.3), (60, 7, 1.5), (150, 7, 2.2), (500, 28, 2.5)]
)
def test_for_twenty_equal_groups_the_error_is_a_bound_and_no_more(
    people: int, days: int, times: float
) -> None:
    covered, ratio = simulated(people, days, EQUAL, 0.15)
    assert covered >= 0.95
    assert ratio == pytest.approx(times, abs=0.25)


@pytest.mark.parametrize(("people", "days"), [(40, 7), (100, 7), (250, 28)])
def test_a_change_as_large_as_stated_is_told_four_times_of_five(people: int, days: int) -> None:
    # At the rule's edge, of two values without a day in common: groups keep their level but for
    # the assumed shift, and the test is made with the error of a difference, not of two values.
    draw, scales = np.random.default_rng(6), NoiseScales.of(RHO_05)
    change = public_errors(drawn([people] * days)).detectable_change
    far = (0.4 * scales.of_count) ** 2 + (scales.of_sum_milli / 1000) ** 2
    within = PERSON_DAY_SD**2 * (1 - BETWEEN_GROUPS) / (people * days)
    variance = 2 * (far / (people**2 * days) + within) + GROUP_SHIFT_SD**2 * SQUARED_WEIGHTS
    found = change + draw.normal(0, math.sqrt(variance), 20_000)
    assert np.mean(abs(found) > 1.96 * math.sqrt(variance)) == pytest.approx(0.8, abs=0.01)


def test_the_noise_error_is_what_draws_show() -> None:
    draw, scales = np.random.default_rng(6), NoiseScales.of(RHO_05)
    people, days = 100, 7
    sums = -0.4 * people * days + draw.normal(0, scales.of_sum_milli / 1000, (9_000, days)).sum(1)
    counts = people * days + draw.normal(0, scales.of_count, (9_000, days)).sum(1)
    assert np.std(sums / counts) == pytest.approx(noise_error(people, days, RHO_05), rel=0.03)
