from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from assets.public.forecasting.bank_holidays import special_days
from assets.public.forecasting.special_effects import special_effects
from bench.forecasting.daily_forecast import forecast

FIRST = date(2024, 12, 1)


def year(days, *, christmas=0.0, bank=0.0, noise=0.01):
    """A weekly pattern with noise; Christmas and bank holidays lie off it by so much."""
    rng = np.random.default_rng(8)
    index = pd.date_range(FIRST, periods=days)
    special = special_days(FIRST, days)
    values = 0.5 + np.array([0, 0, 0, 0.02, 0.05, -0.02, -0.05])[index.day_of_week]
    values = values + christmas * special.christmas + bank * special.bank
    return pd.Series(values + rng.normal(0, noise, days), index=index)


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2025, 12, 24), {"christmas"}),
        (date(2026, 1, 1), {"christmas"}),
        (date(2026, 1, 4), set()),
        (date(2026, 4, 2), {"eve"}),
        (date(2026, 4, 3), {"bank"}),
        (date(2026, 4, 4), {"after"}),
        (date(2026, 4, 6), {"bank"}),
        (date(2026, 4, 7), {"after"}),
        (date(2026, 8, 31), {"bank"}),
        (date(2026, 8, 3), set()),
    ],
)
def test_which_days_are_special(day, kinds):
    special = special_days(day - timedelta(days=40), 80)
    names = ("bank", "eve", "after", "christmas")
    assert {name for name in names if getattr(special, name)[40]} == kinds


def test_a_dip_at_christmas_does_not_drag_january():
    until = (date(2026, 1, 10) - FIRST).days
    plain, dipped = (forecast(year(until, christmas=dip), 14)["mean"] for dip in (0.0, -0.3))
    assert abs(dipped - plain).max() < 0.005


def test_last_christmas_tells_of_the_next():
    until = (date(2025, 12, 15) - FIRST).days
    ahead = forecast(year(until, christmas=-0.3), 14)["mean"]
    without = forecast(year(until), 14)["mean"]
    dip = (ahead - without)[ahead.index >= "2025-12-22"]
    assert dip.between(-0.33, -0.2).all()
    assert abs((ahead - without)[ahead.index < "2025-12-22"]).max() < 0.01


def test_a_bank_holiday_ahead_is_as_those_before():
    until = (date(2025, 8, 20) - FIRST).days
    moved = forecast(year(until, bank=-0.2), 14)["mean"] - forecast(year(until), 14)["mean"]
    assert moved["2025-08-25"] == pytest.approx(-0.2, abs=0.04)
    assert abs(moved.drop(pd.Timestamp("2025-08-25"))).max() < 0.01


def test_bank_holidays_that_differ_by_chance_mostly_have_no_effect():
    special = special_days(FIRST, 330)
    without = 0
    for seed in range(20):
        drawn = np.random.default_rng(seed).normal(0.5, 0.03, 300)
        without += not special_effects(drawn, special)[special.bank].any()
    assert without >= 10


def test_a_month_over_christmas_still_has_a_forecast():
    first = date(2025, 12, 8)
    values = 0.5 + np.random.default_rng(2).normal(0, 0.02, 28)
    ahead = forecast(pd.Series(values, index=pd.date_range(first, periods=28)), 14)
    assert ahead.notna().all(axis=None)
    assert (ahead["hi80"] > ahead["lo80"]).all()
