import numpy as np
import pandas as pd
import pytest

from assets.forecasting import forecast

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


@pytest.mark.parametrize(
    ("days", "week"), [(60, False), (120, False), (365, False), (120, True), (365, True)], ids=str
)
@pytest.mark.parametrize(
    ("persistence", "shock"), [(0.95, 0.012), (0.5, 0.012), (0.0, 0.0)], ids=str
)
def test_bands_cover_what_they_claim(days, week, persistence, shock):
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
    assert 0.70 <= inside80 / seen <= 0.90
    # A 7-day mean has few independent errors, so its wide band leans to the careful side.
    assert 0.88 <= inside95 / seen <= (0.995 if week else 0.99)
