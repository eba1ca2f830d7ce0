import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assets.public.relations.lagged import LAGS, Lagged, lagged, pairs_at
from assets.public.relations.slow_trend import SLOW_WEEKS, Detrended, without_trend

WEEKS = 40
COURSES = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).standard_normal((2, WEEKS))
)
GAPS = arrays(bool, WEEKS, elements=st.sampled_from([True, True, True, False])).filter(
    lambda kept: kept.sum() >= 30
)
NOISE = np.array([0.2, 0.1, 0.05])[:, None] * np.ones(WEEKS)
SHARED = NOISE / 4


def course(values: np.ndarray, kept: np.ndarray, scale: float = 1, shift: float = 0) -> Detrended:
    return without_trend(
        np.where(kept, shift + scale * values, np.nan), scale**2 * np.where(kept, NOISE, 0)
    )


def same(one: Lagged, other: Lagged, sign: int = 1) -> bool:
    ends = (other.lo95, other.hi95) if sign == 1 else (-other.hi95, -other.lo95)
    return [one.association, one.lo95, one.hi95, one.adjusted_p] == pytest.approx(
        [sign * other.association, *ends, other.adjusted_p], abs=1e-6
    )


@settings(max_examples=20)
@given(COURSES, GAPS, st.sampled_from(LAGS))
def test_swapping_the_pair_turns_the_lag(values: np.ndarray, kept: np.ndarray, lag: int) -> None:
    first, second = (course(one, kept) for one in values)
    assert same(lagged(first, second, SHARED, lag), lagged(second, first, SHARED, -lag))


@settings(max_examples=20)
@given(
    COURSES,
    GAPS,
    st.sampled_from(LAGS),
    st.floats(0.01, 100),
    st.floats(-10, 10),
    st.sampled_from([1, -1]),
)
def test_scale_shift_and_sign_of_a_construct(
    values: np.ndarray, kept: np.ndarray, lag: int, scale: float, shift: float, sign: int
) -> None:
    first, second = (course(one, kept) for one in values)
    changed = course(values[1], kept, sign * scale, shift)
    assert same(
        lagged(first, changed, sign * scale * SHARED, lag),
        lagged(first, second, SHARED, lag),
        sign,
    )


@settings(max_examples=20)
@given(COURSES, GAPS, st.sampled_from(LAGS))
def test_the_interval_holds_the_association(values: np.ndarray, kept: np.ndarray, lag: int) -> None:
    first, second = (course(one, kept) for one in values)
    found = lagged(first, second, SHARED, lag)
    assert -1 <= found.lo95 <= found.association <= found.hi95 <= 1
    assert 0 <= found.adjusted_p <= 1


@settings(max_examples=20)
@given(COURSES, st.floats(-5, 5), st.floats(-5, 5))
def test_a_slow_trend_moves_nothing(values: np.ndarray, size: float, slow: float) -> None:
    kept = np.ones(WEEKS, bool)
    place = (np.arange(WEEKS) + 0.5) / WEEKS
    trend = size * np.cos(np.pi * place) + slow * np.cos(2 * np.pi * place)
    plain, trending = course(values[0], kept), course(values[0] + trend, kept)
    assert trending.values == pytest.approx(plain.values, abs=1e-9)
    # The last cosine taken out is just slower than SLOW_WEEKS.
    assert plain.freedom == pytest.approx(WEEKS - np.ceil(2 * WEEKS / SLOW_WEEKS))


def test_without_noise_or_likeness_the_variance_is_that_of_independent_weeks() -> None:
    drawn = np.random.default_rng(2).standard_normal((80, 2, 30))
    quiet = np.zeros((3, 30))
    at_lag = [
        lagged(without_trend(one, quiet), without_trend(other, quiet), quiet, 2).adjusted_p
        for one, other in drawn
    ]
    # A p of one look under 0.5 is an adjusted one under 1 - 0.5 ** 27.
    assert np.mean(np.array(at_lag) < 1 - 0.5**27) == pytest.approx(0.5, abs=0.12)


def test_an_exact_copy_is_one() -> None:
    values = np.random.default_rng(4).standard_normal(60)
    quiet = np.zeros((3, 60))
    found = lagged(without_trend(values, quiet), without_trend(values, quiet), quiet, 0)
    assert found.association == pytest.approx(1, abs=2e-3)
    assert found.adjusted_p < 1e-6


def test_noise_stretches_by_the_signal_shares() -> None:
    values = np.random.default_rng(4).standard_normal((2, WEEKS))
    kept = np.ones(WEEKS, bool)
    nothing = np.zeros((3, WEEKS))
    noisy = [course(one, kept) for one in values]
    quiet = [without_trend(one, nothing) for one in values]
    found, plain = lagged(*noisy, nothing, 1), lagged(*quiet, nothing, 1)
    shares = noisy[0].signal_shares * noisy[1].signal_shares
    assert found.association == pytest.approx(plain.association / np.sqrt(shares[1]))
    assert noisy[0].signal_shares == pytest.approx(1 - NOISE[:, 0] / noisy[0].variance)


def test_noise_that_is_shared_is_taken_off() -> None:
    rng = np.random.default_rng(9)
    weeks = 150
    of_both = rng.standard_normal(weeks)
    first, second = (
        without_trend(rng.standard_normal(weeks) + of_both, np.ones((3, weeks))) for _ in range(2)
    )
    corrected = lagged(first, second, np.ones((3, weeks)), 0)
    left_in = lagged(first, second, np.zeros((3, weeks)), 0)
    assert left_in.adjusted_p < 0.001
    assert abs(corrected.association) < 0.25


@pytest.mark.parametrize(("lag", "pairs"), [(0, 38), (1, 35), (-1, 35), (4, 32), (-4, 32)])
def test_pairs_are_weeks_that_both_have(lag: int, pairs: int) -> None:
    kept = np.ones(WEEKS, bool)
    kept[[10, 20]] = False
    values = np.random.default_rng(1).standard_normal((2, WEEKS))
    assert pairs_at(*(course(one, kept) for one in values), lag) == pairs
