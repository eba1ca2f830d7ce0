"""The noise against its stated distribution. Each test fails by chance once in a million runs."""

import inspect
import math
import random
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from assets.released.method import GAUSSIAN_1, METHODS, MICRO, Method, Shares, method_of
from assets.released.noise_scales import NoiseScales, NoisyTotals
from assets.restricted.release import noise
from assets.restricted.release.noise import cost_by_maps, draw
from assets.restricted.release.region_totals import RegionTotals

ALPHA = 1e-6
RHO_05 = 50_000
DRAWS = 5_000
TOTALS = RegionTotals(137, {"burnout": -3_100, "resilience": 0, "resistance": 61_234})
EXACT = np.array([TOTALS.person_days, *(TOTALS.sums_milli[name] for name in CONSTRUCTS)])


@cache
def drawn_noise() -> np.ndarray:
    """Noise of `DRAWS` region-days, of shape (DRAWS, 4): the count's and the three sums'."""
    found = [as_row(draw(TOTALS, RHO_05)) for _ in range(DRAWS)]
    return np.array(found) - EXACT


def as_row(drawn: NoisyTotals) -> list[int]:
    return [drawn.person_days, *(drawn.sums_milli[name] for name in CONSTRUCTS)]


@cache
def discrete_gaussian(scale: float) -> Callable[[np.ndarray], np.ndarray]:
    """Its distribution function, by adding up its masses (Canonne, Kamath & Steinke 2020)."""
    reach = math.ceil(12 * scale)
    mass = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * scale**2))
    total = np.cumsum(mass) / mass.sum()
    return lambda at: total[np.clip(np.asarray(at, dtype=int), -reach, reach) + reach]


def distance(found: np.ndarray, scale: float) -> float:
    """Kolmogorov and Smirnov's distance of whole numbers from the discrete Gaussian."""
    values, counts = np.unique(found, return_counts=True)
    share = np.cumsum(counts) / len(found)
    stated = discrete_gaussian(scale)(values)
    below = discrete_gaussian(scale)(values - 1)
    return float(max(abs(share - stated).max(), abs(share - counts / len(found) - below).max()))


CRITICAL = float(stats.kstwo.isf(ALPHA, DRAWS))


def scale_of(column: int) -> float:
    scales = NoiseScales.of(RHO_05)
    return scales.of_sum_milli if column else scales.of_count


def test_the_scales_are_the_stated_constants() -> None:
    scales = NoiseScales.of(RHO_05)
    assert scales == NoiseScales(of_sum_milli=3162.277661, of_count=6.324556)
    # A quarter of the budget each.
    assert scales.of_sum_milli == pytest.approx(500 / math.sqrt(2 * 0.0125), rel=1e-6)
    assert scales.of_count == pytest.approx(1 / math.sqrt(2 * 0.0125), rel=1e-6)
    assert pytest.approx(0.03805, abs=1e-4) == CRITICAL


@pytest.mark.parametrize("column", range(4), ids=["count", *CONSTRUCTS])
def test_noise_has_its_stated_distribution(column: int) -> None:
    assert distance(drawn_noise()[:, column], scale_of(column)) < CRITICAL


@pytest.mark.parametrize("column", range(4), ids=["count", *CONSTRUCTS])
def test_noise_has_its_stated_variance_and_no_bias(column: int) -> None:
    found, scale = drawn_noise()[:, column].astype(float), scale_of(column)
    statistic = float((found**2).sum()) / scale**2
    low, high = stats.chi2.interval(1 - ALPHA, DRAWS)
    assert low < statistic < high
    assert abs(found.mean()) < stats.norm.isf(ALPHA / 2) * scale / math.sqrt(DRAWS)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda size, scale, draw: draw.normal(0, 1.2 * scale, size),
        lambda size, scale, draw: draw.normal(0.2 * scale, scale, size),
        lambda size, scale, draw: draw.laplace(0, scale / math.sqrt(2), size),
        lambda size, scale, draw: draw.uniform(-math.sqrt(3), math.sqrt(3), size) * scale,
    ],
    ids=["scale", "bias", "laplace", "uniform"],
)
@pytest.mark.parametrize("column", [0, 1], ids=["count", "sum"])
def test_the_test_of_the_distribution_tells_another_one(wrong, column: int) -> None:
    scale = scale_of(column)
    found = np.rint(wrong(DRAWS, scale, np.random.default_rng(6)))
    assert distance(found, scale) > CRITICAL


def test_noise_of_one_number_tells_nothing_of_another_or_of_the_next_draw() -> None:
    found = drawn_noise() / [scale_of(column) for column in range(4)]
    now_and_next = np.hstack([found[:-1], found[1:]])
    together = np.corrcoef(now_and_next.T)
    # Pairs: every two numbers of a draw, and each with each of the next one.
    pairs = [(one, other) for one in range(4) for other in range(one + 1, 8)]
    critical = stats.norm.isf(ALPHA / 2 / len(pairs)) / math.sqrt(DRAWS - 1)
    assert max(abs(together[pair]) for pair in pairs) < critical
    # Sizes too: a draw that is noisy in one number must not be so in another.
    sizes = np.corrcoef(np.hstack([found[:-1] ** 2, found[1:] ** 2]).T)
    assert max(abs(sizes[pair]) for pair in pairs) < 1.5 * critical


def test_no_seed_repeats_a_draw() -> None:
    rounds = []
    for _ in range(2):
        random.seed(6)
        np.random.seed(6)
        rounds.append([as_row(draw(TOTALS, RHO_05)) for _ in range(5)])
    assert all(one != other for one, other in zip(*rounds, strict=True))
    assert list(inspect.signature(draw).parameters) == ["totals", "micro_rho"]
    source = inspect.getsource(noise)
    assert "import random" not in source
    assert "numpy" not in source


def test_a_draw_leaves_its_input_and_says_what_it_cost() -> None:
    drawn = draw(TOTALS, RHO_05)
    assert drawn.micro_rho == RHO_05
    assert set(drawn.sums_milli) == set(CONSTRUCTS)
    assert TOTALS.person_days == 137
    assert all(type(one) is int for one in as_row(drawn))


def test_the_greatest_totals_are_drawn_too() -> None:
    most = RegionTotals(10_000 * 1_000, dict.fromkeys(CONSTRUCTS, -500 * 10_000 * 1_000))
    drawn = draw(most, RHO_05)
    reach = stats.norm.isf(ALPHA / 8) * np.array([scale_of(column) for column in range(4)])
    exact = [most.person_days, *most.sums_milli.values()]
    assert (abs(np.array(as_row(drawn)) - exact) < reach).all()


def test_the_ledgers_cost_is_that_of_the_maps() -> None:
    assert cost_by_maps(RHO_05) == RHO_05
    assert {method.micro_rho for method in METHODS.values()} == {RHO_05}
    assert method_of("gaussian-1") is GAUSSIAN_1


DIVISIBLE = st.integers(1, 250_000).map(lambda quarter: 4 * quarter)


@settings(derandomize=True, max_examples=50)
@given(DIVISIBLE)
def test_no_budget_is_passed_and_next_to_none_is_left(micro_rho: int) -> None:
    shares = Shares.of(micro_rho)
    assert shares.of_count + len(CONSTRUCTS) * shares.of_sum == micro_rho
    assert shares.of_count == shares.of_sum
    # By the ledger's whole micro-rho the maps' cost and the debit are one number.
    assert cost_by_maps(micro_rho) == micro_rho


@settings(derandomize=True)
@given(st.integers(1, 1_000_000))
def test_shares_add_up_exactly_or_are_refused(micro_rho: int) -> None:
    if micro_rho % 4 == 0:
        assert Shares.of(micro_rho).of_sum * 3 + Shares.of(micro_rho).of_count == micro_rho
        return
    with pytest.raises(ReleaseError, match=r"^BUDGET_NOT_DIVISIBLE$"):
        Shares.of(micro_rho)


@pytest.mark.parametrize("micro_rho", [0, -4, -50_000, 1, 3, 50_001])
def test_a_budget_that_can_not_be_divided_draws_nothing(micro_rho: int) -> None:
    with pytest.raises(ReleaseError, match=r"^BUDGET_NOT_DIVISIBLE$"):
        draw(TOTALS, micro_rho)


def test_a_draw_that_costs_more_than_was_debited_is_refused(monkeypatch) -> None:
    too_little = NoiseScales(of_sum_milli=3162.277661, of_count=6.32)
    monkeypatch.setattr(NoiseScales, "of", lambda micro_rho, sums: too_little)
    # A budget of its own, for mechanisms are kept.
    with pytest.raises(ReleaseError, match=r"^NOISE_COSTS_MORE$"):
        draw(TOTALS, 49_996)
    noise._mechanism.cache_clear()


@pytest.mark.parametrize("version", ["", "thresholds-1", "gaussian-2", "GAUSSIAN-1"])
def test_an_unknown_method_is_refused(version: str) -> None:
    with pytest.raises(ReleaseError, match=r"^METHOD_UNKNOWN$"):
        method_of(version)


def test_a_method_costs_what_can_be_divided() -> None:
    for method in METHODS.values():
        assert Shares.of(method.micro_rho)
    assert Method("gaussian-1", RHO_05) == GAUSSIAN_1


# Notes on disclosure control, 1.4: OpenDP's privacy profile at delta 1e-6.
@pytest.mark.parametrize(
    ("days", "stated"), [(1, 1.47), (4, 3.13), (7, 4.27), (12, 5.79), (30, 9.85), (365, 48.5)]
)
def test_epsilon_is_that_of_the_notes(epsilon, days: int, stated: float) -> None:
    assert epsilon(days * RHO_05) == pytest.approx(stated, abs=0.02 if days < 365 else 0.05)


def test_epsilon_agrees_with_the_gaussian_mechanisms_exact_profile(epsilon) -> None:
    # Balle & Wang 2018, theorem 8: delta of a Gaussian with sensitivity 1, by bisection on epsilon.
    mu = math.sqrt(2 * RHO_05 / MICRO)

    def delta(of: float) -> float:
        inside = stats.norm.cdf(mu / 2 - of / mu) - math.exp(of) * stats.norm.cdf(-mu / 2 - of / mu)
        return float(inside)

    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if delta(middle) > ALPHA else (low, middle)
    # zCDP is converted, so it is looser than the mechanism itself; by how much is known.
    assert high <= epsilon(RHO_05) <= 1.1 * high


@settings(derandomize=True, max_examples=20)
@given(st.integers(1, 1_000), st.integers(1, 1_000))
def test_epsilon_grows_with_the_budget_and_with_certainty(
    epsilon, quarters: int, more: int
) -> None:
    assert epsilon(4 * quarters) < epsilon(4 * (quarters + more))
    assert epsilon(4 * quarters, 1e-9) > epsilon(4 * quarters, 1e-6)
