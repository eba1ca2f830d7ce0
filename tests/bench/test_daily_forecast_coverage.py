import numpy as np
import pandas as pd
import pytest

from bench.forecasting.daily_forecast import forecast
from bench.forecasting.uk_series import SPRING_START, uk_series

HORIZON = 14


def simulate(rng, days, *, persistence, shock, week):
    """A slow level, weekly pattern, sampling noise, 6% of days unpublished; or its 7-day mean."""
    level = np.zeros(days)
    for day in range(1, days):
        level[day] = persistence * level[day - 1] + rng.normal(0, shock)
    weekly = np.resize(rng.normal(0, 0.02, 7), days)
    values = 0.5 + level + weekly + rng.normal(0, 0.02, days)
    values[rng.random(days) < 0.06] = np.nan
    means = pd.Series(values).rolling(7, min_periods=4).mean().where(np.isfinite(values))
    return means.to_numpy() if week else values


# 60 days of a persistent 7-day line are a few independent errors: the hardest to cover.
@pytest.mark.parametrize(
    ("days", "persistence", "shock", "week"),
    [
        (60, 0.95, 0.012, False),
        (120, 0.5, 0.012, False),
        (150, 0.0, 0.0, False),
        (60, 0.95, 0.012, True),
        (60, 0.0, 0.0, True),
        (120, 0.95, 0.012, True),
    ],
    ids=str,
)
def test_bands_cover_what_they_claim(days, persistence, shock, week):
    rng = np.random.default_rng(7)
    inside80 = inside95 = seen = 0
    for _ in range(60):
        values = simulate(rng, days + HORIZON, persistence=persistence, shock=shock, week=week)
        index = pd.date_range("2026-01-01", periods=len(values))
        ahead = forecast(pd.Series(values[:days], index=index[:days]), HORIZON)
        actual = values[days:]
        seen += np.isfinite(actual).sum()
        inside80 += ((actual >= ahead["lo80"]) & (actual <= ahead["hi80"])).sum()
        inside95 += ((actual >= ahead["lo95"]) & (actual <= ahead["hi95"])).sum()
    # 60 forecasts of days that move together: a line's share has a standard error of some 4 %.
    reach80, reach95 = (0.10, 0.05) if week else (0.05, 0.03)
    assert abs(inside80 / seen - 0.80) <= reach80
    assert abs(inside95 / seen - 0.95) <= reach95


def test_uk_like_series_are_foretold_and_covered():
    errors, plain, inside80, inside95 = [], [], [], []
    for series in uk_series(30, 500, start=SPRING_START, days=400 + HORIZON):
        known, came = series.iloc[:400], series.to_numpy()[400:]
        size = np.nanmean(np.abs(known.to_numpy()[7:] - known.to_numpy()[:-7]))
        ahead = forecast(known, HORIZON)
        seen = np.isfinite(came)
        errors.append(np.nanmean(np.abs(came - ahead["mean"])) / size)
        week = known.ffill().to_numpy()[-7:]
        plain.append(np.nanmean(np.abs(came - np.resize(week, HORIZON))) / size)
        inside80.append(((ahead["lo80"] <= came) & (came <= ahead["hi80"]))[seen].mean())
        inside95.append(((ahead["lo95"] <= came) & (came <= ahead["hi95"]))[seen].mean())
    assert np.mean(errors) < 0.80
    assert np.mean(errors) < 0.80 * np.mean(plain)
    assert abs(np.mean(inside80) - 0.80) <= 0.05
    assert abs(np.mean(inside95) - 0.95) <= 0.03
