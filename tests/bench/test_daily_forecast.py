import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.errors import TooFewDays
from bench.forecasting.daily_forecast import forecast

COLUMNS = ["mean", "lo80", "hi80", "lo95", "hi95"]


def daily(values, start="2026-03-02"):
    return pd.Series(values, index=pd.date_range(start, periods=len(values), freq="D"))


def wavy(days, seed=3):
    return daily(0.5 + np.random.default_rng(seed).normal(0, 0.03, days))


def test_a_weekly_pattern_without_noise_is_carried_on():
    pattern = [5.0, 7.0, 6.0, 9.0, 12.0, 3.0, 1.0]
    result = forecast(daily(np.resize(pattern, 70)), 14)
    assert list(result.columns) == COLUMNS
    assert list(result.index) == list(pd.date_range("2026-05-11", periods=14))
    assert result["mean"].tolist() == pytest.approx(pattern * 2)
    assert (result["hi95"] - result["lo95"]).max() == pytest.approx(0, abs=1e-9)


def test_a_smooth_line_is_carried_on_from_its_last_value():
    moved, away = [], []
    for seed in range(12):
        noise = np.random.default_rng(seed).normal(0, 0.02, 126)
        line = daily(np.convolve(0.5 + noise, np.full(7, 1 / 7), "valid"))
        moved.append(abs(forecast(line, 1)["mean"].item() - line.iloc[-1]))
        away.append(abs(line.iloc[-1] - line.mean()))
    assert np.mean(moved) < 0.7 * np.mean(away)


def test_gaps_as_nan_and_gaps_left_out_are_the_same():
    history = wavy(60)
    history.iloc[[3, 20, 41, 58]] = np.nan
    pd.testing.assert_frame_equal(forecast(history, 10), forecast(history.dropna(), 10))


def test_a_weekday_never_observed_gets_the_level():
    history = wavy(70)
    history[history.index.day_of_week == 2] = np.nan
    result = forecast(history, 7)
    wednesday = result.index.day_of_week == 2
    assert result.loc[wednesday, "mean"].item() == pytest.approx(history.mean(), abs=0.01)


def test_trailing_gap_moves_nothing_but_the_values():
    history = wavy(60)
    history.iloc[-3:] = np.nan
    assert forecast(history, 1).index[0] == history.index[-1] + pd.Timedelta(days=1)


def test_constant_history_has_no_width():
    result = forecast(daily(np.full(50, 0.1)), 5)
    assert result.to_numpy().tolist() == pytest.approx(np.full((5, 5), 0.1))


def test_nothing_is_clipped():
    low = forecast(daily(np.random.default_rng(1).normal(0, 1, 60)), 14)
    assert (low["lo95"] < 0).all()
    assert (low["hi95"] > 1).all()


@pytest.mark.parametrize("kind", ["dates", "aware", "object", "nullable", "integer"])
def test_kinds_of_series_that_mean_the_same(kind):
    history = daily(np.round(np.random.default_rng(5).normal(50, 9, 49)))
    expected = forecast(history, 3)
    if kind == "dates":
        history.index = pd.Index([day.date() for day in history.index])
    elif kind == "aware":
        history.index = history.index.tz_localize("Europe/London")
    else:
        history = history.astype(
            {"object": object, "nullable": "Float64", "integer": "int64"}[kind]
        )
    pd.testing.assert_frame_equal(forecast(history, 3), expected)


def only(observed, total):
    values = np.full(total, np.nan)
    values[observed] = 0.5
    return daily(values)


@pytest.mark.parametrize(
    "history",
    [
        pd.Series([], dtype=float, index=pd.DatetimeIndex([])),
        daily(np.full(90, np.nan)),
        wavy(27),
        only(slice(-27, None), 60),
        only(slice(0, 80), 95),
    ],
    ids=["empty", "all gaps", "27 days", "27 of the last 42", "long ended"],
)
def test_too_few_days(history):
    with pytest.raises(TooFewDays) as caught:
        forecast(history, 14)
    assert caught.value.code == "TOO_FEW_DAYS"


@pytest.mark.parametrize(
    "history",
    [only(slice(0, 28), 42), only(slice(14, 42), 42), only(slice(0, 28), 28)],
    ids=["first 28 of 42", "last 28 of 42", "28 in all"],
)
def test_just_enough_days(history):
    assert forecast(history, 14).notna().all(axis=None)


def test_the_history_is_left_as_it_was():
    history = wavy(50)
    before = history.copy()
    forecast(history, 14)
    pd.testing.assert_series_equal(history, before)


values = st.lists(
    st.one_of(st.just(np.nan), st.floats(-5, 5, allow_nan=False)), min_size=42, max_size=90
)


@settings(max_examples=60, derandomize=True)
@given(values, st.integers(1, 30), st.sampled_from([1e-6, 1.0, 1e6]), st.floats(-100, 100))
def test_bands_nest_and_follow_any_scale(drawn, horizon, scale, shift):
    history = daily(drawn)
    if history[-42:].notna().sum() < 28:
        with pytest.raises(TooFewDays):
            forecast(history, horizon)
        return
    result = forecast(history, horizon)
    assert np.isfinite(result.to_numpy()).all()
    order = result[["lo95", "lo80", "mean", "hi80", "hi95"]].to_numpy()
    assert (np.diff(order, axis=1) >= 0).all()
    moved = forecast(history * scale + shift * scale, horizon)
    assert moved.to_numpy() == pytest.approx((result.to_numpy() + shift) * scale, abs=1e-6 * scale)
