import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.public.forecasting.bands import PastErrors, half_widths
from assets.public.forecasting.headline import forecast_headline
from assets.public.forecasting.local_level import OF_NOISY_DAYS, LocalLevel
from bench.forecasting.cells import HORIZONS, LEVELS, Cells, measured
from bench.forecasting.platform_series import TRUTHS, platform_series

AHEAD = np.arange(1, 29)


def errors_of(size, seed=1, origins=60):
    errors = np.random.default_rng(seed).normal(size=(origins, len(AHEAD))) * size
    return PastErrors(errors, 3 * np.arange(origins))


@pytest.mark.parametrize("window", [7, 28])
def test_a_moving_mean_s_next_days_are_known_in_part(window):
    size = np.sqrt(np.minimum(AHEAD, window) / window)
    for half, normal in zip(half_widths(errors_of(size), 28, window), (1.2816, 1.96), strict=True):
        assert half == pytest.approx(normal * size, rel=0.25)


def test_single_days_have_a_spread_that_is_linear():
    size = 1 + 0.2 * AHEAD
    for half in half_widths(errors_of(size), 28):
        assert np.diff(half, 2) == pytest.approx(np.zeros(26), abs=1e-9)
        assert half == pytest.approx(half[0] * size / size[0], rel=0.15)


def test_near_bands_follow_the_errors_of_their_own_days():
    shape = np.sqrt(np.minimum(AHEAD, 7) / 7)
    plain, _ = half_widths(errors_of(shape), 28, 7)
    twice, _ = half_widths(errors_of(np.where(AHEAD <= 2, 2, 1) * shape), 28, 7)
    assert (twice[:2] > 1.4 * plain[:2]).all()
    assert twice[6:] == pytest.approx(plain[6:], rel=0.1)


# Drawn to each day's own errors alone, widths fell in a fifth of the steps, by chance.
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 60),
    st.sampled_from([7, 28]),
    st.integers(1, 28),
    st.floats(0, 0.9),
    st.booleans(),
)
def test_a_moving_mean_s_bands_never_narrow_with_the_days_ahead(
    seed, origins, window, tried, missing, modelled
):
    rng = np.random.default_rng(seed)
    # Errors that shrink with the days ahead are the hardest case.
    errors = rng.normal(size=(origins, tried)) * rng.uniform(0.2, 2, tried)
    errors[rng.random(errors.shape) < missing] = np.nan
    errors[-1, 0] = 1.0
    model = rng.uniform(0.2, 2, 28) if modelled else None
    for half in half_widths(PastErrors(errors, 3 * np.arange(origins)), 28, window, model):
        assert (np.diff(half) >= -1e-12 * half[-1]).all()
        assert half[0] > 0


def test_a_forecast_s_ranges_never_narrow_with_the_days_ahead():
    for one in platform_series(6, 8, 119):
        made = forecast_headline(one.line, one.daily)
        for table in (made.ahead, made.no_change):
            for low, high in (("lo80", "hi80"), ("lo95", "hi95")):
                width = (table[high] - table[low]).to_numpy()
                assert (np.diff(width) >= -1e-9 * width[-1]).all()


def test_a_horizon_without_errors_has_a_band():
    past = errors_of(np.ones(28))
    past.errors[:, 20:] = np.nan
    half, _ = half_widths(past, 28, 7)
    assert (half[20:] > 0.8 * half[19]).all()


# One linear spread made the next day's 80 % bands hold 92 %, and those a week ahead 77 %.
@pytest.mark.parametrize("days", [56, 119])
def test_bands_hold_their_share_at_each_horizon(days):
    pooled = Cells()
    for truth in TRUTHS:
        pooled.covered += measured(truth, days, 16, 7, futures=60).stored.covered
    share, _ = pooled.mean_and_error("covered")
    assert share.shape == (len(HORIZONS), len(LEVELS))
    assert abs(share - LEVELS).max() < 0.07


def test_a_model_is_believed_until_errors_tell_otherwise():
    # Errors are half as large as the model says; those of one origin move together.
    model = np.sqrt(np.minimum(AHEAD, 7) / 7)
    said = 1.2816 * model
    for origins, least, most in ((3, 0.8, 1.3), (400, 0.3, 0.7)):
        together = np.where(np.arange(origins) % 2, 0.5, -0.5)[:, None] * model
        past = PastErrors(together, np.arange(origins) // 8)
        half, _ = half_widths(past, 28, 7, model)
        assert (half > least * said).all()
        assert (half < most * said).all()


def test_a_model_s_growth_is_taken_on_where_no_error_tells_of_it():
    past = errors_of(np.ones(28), origins=3)
    past.errors[:, 7:] = np.nan
    flat = np.ones(28)
    growing = np.where(AHEAD <= 7, 1, AHEAD / 7)
    (plain, _), (wider, _) = (half_widths(past, 28, 7, one) for one in (flat, growing))
    assert wider[27] / wider[6] == pytest.approx(4 * plain[27] / plain[6], rel=0.15)


def test_a_filtered_level_knows_how_far_off_its_means_are():
    # Of a level that stays, a 7-day mean is off by the noise of those of its days that are ahead.
    days = np.random.default_rng(4).normal(0, 1, (20, 364))
    filtered = LocalLevel.at_end_of(days, OF_NOISY_DAYS)
    _, deviations = filtered.means_over(days[:, -6:], 28)
    expected = np.sqrt(np.minimum(AHEAD, 7)) / 7
    assert np.median(deviations, 0)[:7] == pytest.approx(expected[:7], rel=0.1)
    assert (np.diff(np.median(deviations, 0)[6:]) > 0).all()
    assert np.median(deviations, 0)[27] < 1.5 * expected[27]


@pytest.mark.parametrize(("origins", "least", "most"), [(3, 1.2, 1.8), (60, 2.0, 3.2)])
def test_growth_that_few_errors_tell_is_drawn_to_the_usual(origins, least, most):
    # From a week to four weeks ahead these grow two and a half times, the usual spread by a
    # quarter. Errors of one origin move together: of three origins there are three.
    size = (1 + 0.15 * AHEAD) * np.sqrt(np.minimum(AHEAD, 7) / 7)
    past = errors_of(size, origins=origins)
    together = np.where(np.arange(origins) % 2, 1.0, -1.0)[:, None] * size
    half, _ = half_widths(PastErrors(together, past.age), 28, 7)
    assert least < half[27] / half[6] < most
