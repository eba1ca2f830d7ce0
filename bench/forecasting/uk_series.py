"""Daily series such as UK shops and cash machines have, made up: nothing is fitted to any data.

Level, weekly and yearly season, bank holidays and their eves, Christmas, outliers, gaps and a
noise whose size drifts; every series draws its own sizes of all of them.
"""

import datetime as dt
from collections.abc import Iterator

import holidays
import numpy as np
import pandas as pd

DAYS = 791
FIRST_ORIGIN = 735
ORIGINS = (FIRST_ORIGIN, FIRST_ORIGIN + 21, FIRST_ORIGIN + 42)
# The calendar that puts the three origins around Easter, three months after Christmas.
SPRING_START = dt.date(1996, 3, 18)


def uk_series(
    count: int, seed: int, *, start: dt.date | None = None, days: int = DAYS
) -> Iterator[pd.Series]:
    """Series of positive values, gaps NaN, each with a first day of its own or all with `start`."""
    for child in np.random.SeedSequence(seed).spawn(count):
        rng = np.random.default_rng(child)
        first = start or dt.date(2005, 1, 1) + dt.timedelta(days=int(rng.integers(0, 6500)))
        yield _one(rng, pd.date_range(first, periods=days, freq="D"))


def _one(rng: np.random.Generator, index: pd.DatetimeIndex) -> pd.Series:
    days = len(index)
    log = np.log(rng.lognormal(3, 0.6)) + _level(rng, days) + _year(rng, index)
    log += _week(rng)[index.day_of_week.to_numpy()] + _holidays(rng, index)
    log += _noise(rng, index)
    values = np.exp(log)
    outliers = rng.random(days) < rng.uniform(0.002, 0.015)
    values[outliers] *= np.where(
        rng.random(outliers.sum()) < 0.5,
        rng.uniform(0.0, 0.5, outliers.sum()),
        rng.uniform(1.5, 2.6, outliers.sum()),
    )
    values[_gaps(rng, days, rng.uniform(0.005, 0.04))] = np.nan
    return pd.Series(values, index=index)


def _level(rng: np.random.Generator, days: int) -> np.ndarray:
    persistence, spread = rng.uniform(0.95, 0.998), rng.uniform(0.02, 0.16)
    steps = rng.normal(0, spread * np.sqrt(1 - persistence**2), days)
    level = np.empty(days)
    last = rng.normal(0, spread)
    for day in range(days):
        last = level[day] = persistence * last + steps[day]
    shifts = rng.random(days) < 0.8 / 365
    return level + np.cumsum(np.where(shifts, rng.normal(0, 0.15, days), 0.0))


def _year(rng: np.random.Generator, index: pd.DatetimeIndex) -> np.ndarray:
    turn = 2 * np.pi * index.day_of_year.to_numpy() / 365.25
    waves = [np.cos(turn), np.sin(turn), np.cos(2 * turn), np.sin(2 * turn)]
    return np.sum([rng.normal(0, 0.05) * wave for wave in waves], axis=0)


def _week(rng: np.random.Generator) -> np.ndarray:
    common = np.array([-0.1, -0.05, 0.0, 0.15, 0.35, 0.15, -0.5])
    week = rng.uniform(0.3, 1.2) * common + rng.normal(0, rng.uniform(0.03, 0.2), 7)
    return week - week.mean()


def _holidays(rng: np.random.Generator, index: pd.DatetimeIndex) -> np.ndarray:
    years = sorted(set(index.year))
    bank = holidays.country_holidays("GB", subdiv="ENG", years=years)
    closed = np.array([day.date() in bank for day in index])
    eve = np.array([(day + pd.Timedelta(days=1)).date() in bank for day in index])
    after = np.array([(day - pd.Timedelta(days=1)).date() in bank for day in index])
    effect = np.zeros(len(index))
    for days, mean, spread in ((closed, -0.35, 0.25), (eve, 0.12, 0.12), (after, 0.05, 0.1)):
        own = rng.normal(mean, spread)
        effect += np.where(days, own + rng.normal(0, 0.12, len(index)), 0.0)
    month_day = index.month.to_numpy() * 100 + index.day.to_numpy()
    ramp, lull = rng.normal(0.25, 0.15), rng.normal(-0.25, 0.15)
    effect += np.where((month_day >= 1216) & (month_day <= 1224), ramp, 0.0)
    effect += np.where((month_day >= 1227) | (month_day <= 103), lull, 0.0)
    return effect + np.where(month_day == 1225, rng.normal(-0.7, 0.3), 0.0)


def _noise(rng: np.random.Generator, index: pd.DatetimeIndex) -> np.ndarray:
    days = len(index)
    size = rng.uniform(0.08, 0.28)
    drift = np.zeros(days)
    steps = rng.normal(0, 0.03, days)
    for day in range(1, days):
        drift[day] = 0.99 * drift[day - 1] + steps[day]
    of_weekday = rng.uniform(0.75, 1.3, 7)[index.day_of_week.to_numpy()]
    shocks = rng.standard_t(5, days) * np.sqrt(3 / 5)
    lag = rng.uniform(0.0, 0.35)
    noise = np.empty(days)
    last = 0.0
    for day in range(days):
        last = noise[day] = lag * last + np.sqrt(1 - lag**2) * shocks[day]
    return size * np.exp(drift) * of_weekday * noise


def _gaps(rng: np.random.Generator, days: int, share: float) -> np.ndarray:
    gaps = rng.random(days) < share / 1.5
    longer = np.flatnonzero(rng.random(days) < share / 15)
    for first in longer:
        gaps[first : first + int(rng.integers(3, 9))] = True
    return gaps
