import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.errors import ForecastInputError, TooFewDays
from assets.public.forecasting.backtest import WEEKS_AHEAD, Tried, beats, interval_score
from assets.public.forecasting.headline import forecast_headline
from bench.forecasting.platform_series import TRUTHS, platform_series

BANDS = ["lo95", "lo80", "mean", "hi80", "hi95"]
WEEKS = np.array(WEEKS_AHEAD) - 1


def dated(values):
    return pd.Series(values, index=pd.date_range("2026-03-02", periods=len(values)))


def line_of(days):
    return dated(days).rolling(7, min_periods=4).mean()


def test_a_level_behind_noise_is_found_and_no_change_beaten():
    score = {"ours": [], "no change": []}
    inside = []
    for truth in TRUTHS:
        for one in platform_series(12, 900, 119 + 28, truths=(truth,), least_people=100):
            if one.line.iloc[77:119].count() < 28:
                continue
            made = forecast_headline(one.line.iloc[:119], one.daily.iloc[:119])
            came = one.line.to_numpy()[119:][WEEKS]
            for name, table in (("ours", made.ahead), ("no change", made.no_change)):
                _, lo80, hi80, lo95, hi95 = table.to_numpy()[WEEKS].T
                both = interval_score(lo80, hi80, came, 0.8) + interval_score(
                    lo95, hi95, came, 0.95
                )
                score[name].append(np.nanmean(both))
            inside += list(((lo80 <= came) & (came <= hi80))[np.isfinite(came)])
    assert np.mean(score["ours"]) < 0.97 * np.mean(score["no change"])
    assert 0.68 <= np.mean(inside) <= 0.92


def test_where_nothing_beats_no_change_it_is_stored():
    # A level that returns to its mean looks back on a line that only ever rises.
    noise = np.random.default_rng(3).normal(0, 0.0005, 200)
    made = forecast_headline(dated(0.3 + 0.001 * np.arange(200) + noise), None)
    assert made.method == "no_change"
    pd.testing.assert_frame_equal(made.ahead, made.no_change)
    assert made.ahead["mean"].to_numpy() == pytest.approx(0.499 + noise[-1])


def test_noise_around_a_level_is_not_no_change():
    days = 0.5 + np.random.default_rng(5).normal(0, 0.03, 250)
    made = forecast_headline(line_of(days), dated(days))
    assert made.method == "local_level"
    assert abs(made.ahead["mean"].iloc[WEEKS] - 0.5).max() < 0.006
    assert made.ahead["mean"].iloc[0] != pytest.approx(made.ahead["mean"].iloc[27], abs=1e-6)


def test_days_that_the_line_still_shares_are_known():
    # A day far off leaves the 7-day mean when it leaves the week.
    days = 0.5 + np.random.default_rng(6).normal(0, 0.01, 120)
    days[-5] += 0.2
    ahead = forecast_headline(line_of(days), dated(days)).ahead["mean"].to_numpy()
    alone = forecast_headline(line_of(days), None).ahead["mean"].to_numpy()
    assert ahead[1] - ahead[2] > 0.008
    assert ahead[1] - ahead[2] > 2 * (alone[1] - alone[2])


@pytest.mark.parametrize("without", ["none", "few", "old"])
def test_days_that_are_not_published_are_not_needed(without):
    days = 0.5 + np.random.default_rng(7).normal(0, 0.02, 100)
    daily = dated(days)
    if without == "few":
        daily[:] = np.where(np.arange(100) % 7 == 0, daily, np.nan)
    if without == "old":
        daily.iloc[40:] = np.nan
    given_days = None if without == "none" else daily
    made = forecast_headline(line_of(days), given_days)
    pd.testing.assert_frame_equal(made.ahead, forecast_headline(line_of(days), None).ahead)
    assert made.ahead.notna().all(axis=None)


def test_a_constant_line_has_no_width():
    made = forecast_headline(dated(np.full(60, 0.4)), None)
    assert made.method == "no_change"
    assert (made.ahead == 0.4).all(axis=None)


def test_too_few_days_of_the_line():
    with pytest.raises(TooFewDays) as caught:
        forecast_headline(dated(np.full(27, 0.4)), None)
    assert caught.value.code == "TOO_FEW_DAYS"


def indexed(index):
    return pd.Series(np.full(len(index), 0.5), index=index)


DAYS = pd.date_range("2026-01-01", periods=50)


@pytest.mark.parametrize(
    ("history", "code"),
    [
        (indexed(DAYS[::-1]), "HISTORY_INDEX_INVALID"),
        (indexed(DAYS.append(DAYS[-1:])), "HISTORY_INDEX_INVALID"),
        (indexed(DAYS + pd.Timedelta(hours=6)), "HISTORY_INDEX_INVALID"),
        (indexed(DAYS.append(pd.DatetimeIndex([pd.NaT]))), "HISTORY_INDEX_INVALID"),
        (indexed(pd.RangeIndex(50)), "HISTORY_INDEX_INVALID"),
        (indexed(pd.Index([dt.datetime(2026, 1, 1)] * 50, dtype=object)), "HISTORY_INDEX_INVALID"),
        (dated([*np.full(49, 0.5), np.inf]), "HISTORY_VALUES_INVALID"),
        (dated(["secret"] * 50), "HISTORY_VALUES_INVALID"),
        (dated([True] * 50), "HISTORY_VALUES_INVALID"),
    ],
)
def test_histories_that_are_refused(history, code):
    with pytest.raises(ForecastInputError) as caught:
        forecast_headline(history, None)
    assert caught.value.code == code
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("kind", ["dates", "aware", "object", "nullable", "gaps left out"])
def test_kinds_of_lines_that_mean_the_same(kind):
    line = line_of(0.5 + np.random.default_rng(5).normal(0, 0.03, 90)).round(4)
    line.iloc[[20, 41, 58]] = np.nan
    before, given = line.copy(), line.copy()
    if kind == "dates":
        given.index = pd.Index([day.date() for day in given.index])
    elif kind == "aware":
        given.index = given.index.tz_localize("Europe/London")
    elif kind == "gaps left out":
        given = given.dropna()
        given = pd.concat([line.iloc[:1], given]) if given.index[0] != line.index[0] else given
    else:
        given = given.astype({"object": object, "nullable": "Float64"}[kind])
    pd.testing.assert_frame_equal(
        forecast_headline(given, None).ahead, forecast_headline(line, None).ahead
    )
    pd.testing.assert_series_equal(line, before)


def test_a_pooled_line_of_four_weeks():
    days = 0.5 + np.random.default_rng(9).normal(0, 0.02, 200)
    pooled = dated(days).rolling(28, min_periods=14).mean()
    ahead = forecast_headline(pooled, dated(days), window=28).ahead
    assert (np.diff(ahead[BANDS].to_numpy(), axis=1) >= 0).all()
    assert abs(ahead["mean"].iloc[0] - pooled.iloc[-1]) < 0.003


days = st.lists(
    st.one_of(st.just(np.nan), st.floats(-5, 5, allow_nan=False)), min_size=42, max_size=80
)


@settings(max_examples=30, derandomize=True)
@given(days, st.sampled_from([1e-3, 1.0, 1e3]), st.floats(-10, 10))
def test_bands_nest_and_follow_any_scale(drawn, scale, shift):
    line = line_of(drawn).where(np.isfinite(drawn))
    if line[-42:].notna().sum() < 28:
        return
    made = forecast_headline(line, dated(drawn))
    moved = forecast_headline(line * scale + shift * scale, dated(drawn) * scale + shift * scale)
    for ours, theirs in ((made.ahead, moved.ahead), (made.no_change, moved.no_change)):
        assert np.isfinite(ours.to_numpy()).all()
        assert (np.diff(ours[BANDS].to_numpy(), axis=1) >= 0).all()
        expected = (ours.to_numpy() + shift) * scale
        assert theirs.to_numpy() == pytest.approx(expected, abs=1e-6 * scale)


@pytest.mark.parametrize(
    ("came", "share", "score"),
    [(0.5, 0.8, 0.2), (0.6, 0.8, 0.2), (0.7, 0.8, 1.2), (0.3, 0.95, 4.2)],
)
def test_interval_score(came, share, score):
    given_score = interval_score(np.array(0.4), np.array(0.6), np.array(came), share)
    assert float(given_score) == pytest.approx(score)


def test_a_past_origin_knows_nothing_that_came_later():
    rng = np.random.default_rng(1)
    origins = 100 - 3 * np.arange(20)
    ahead, came = rng.normal(size=(20, 28)), rng.normal(size=(20, 28))
    tried = Tried(ahead, came, origins)
    later = came.copy()
    known = origins[:, None] + np.arange(1, 29) <= origins[5]
    later[~known] = 1e6
    assert tried.bands(5) == pytest.approx(Tried(ahead, later, origins).bands(5))


@pytest.mark.parametrize(("ours", "theirs", "better"), [(0.1, 1.0, True), (1.0, 0.1, False)])
def test_the_better_of_two(ours, theirs, better):
    came = np.random.default_rng(2).normal(size=(30, 28))
    origins = 120 - 3 * np.arange(30)
    assert (
        beats(Tried(came * (1 - ours), came, origins), Tried(came * (1 - theirs), came, origins))
        == better
    )
