"""Published values of a made-up region: truth, sampling, release noise, days not published."""

from collections.abc import Iterator
from dataclasses import dataclass

import holidays
import numpy as np
import pandas as pd

# rho 0.05 a region-day, nine tenths of it for three sums of sensitivity 0.5, one for the count.
NOISE_SUM = 0.5 / np.sqrt(2 * 0.05 * 0.9 / 3)
NOISE_COUNT = 1 / np.sqrt(2 * 0.05 * 0.1)
PERSON_SD = 0.25
LEAST_COUNT = 30
LEAST_DAYS = 4
TRUTHS = ("mean_reverting", "random_walk", "flat")


@dataclass(frozen=True)
class PlatformSeries:
    """One region and construct.

    Attributes:
        truth: kind of level, one of `TRUTHS`.
        daily: published daily estimates; a day not published is NaN.
        line: `value_7d` of the same days.
    """

    truth: str
    daily: pd.Series
    line: pd.Series


def platform_series(
    count: int,
    seed: int,
    days: int,
    *,
    truths: tuple[str, ...] = TRUTHS,
    least_people: float = 50,
) -> Iterator[PlatformSeries]:
    """Series of so many days, the kinds of truth in turn; `least_people` to 200 a day."""
    for number, child in enumerate(np.random.SeedSequence([seed, 77]).spawn(count)):
        rng = np.random.default_rng(child)
        yield _one(rng, days, truths[number % len(truths)], least_people)


def _one(rng: np.random.Generator, days: int, truth: str, least: float) -> PlatformSeries:
    index = pd.date_range("2026-01-05", periods=days) + pd.Timedelta(days=int(rng.integers(0, 700)))
    level = 0.5 + rng.normal(0, 0.06) + _level(rng, days, truth)
    week = rng.normal(0, rng.uniform(0.005, 0.02), 7)
    mean = level + (week - week.mean())[index.day_of_week.to_numpy()]
    bank = holidays.country_holidays("GB", subdiv="ENG", years=sorted(set(index.year)))
    closed = np.array([day.date() in bank for day in index])
    mean = np.clip(mean + np.where(closed, rng.normal(-0.01, 0.02), 0.0), 0.02, 0.98)

    typical = np.exp(rng.uniform(np.log(least), np.log(200)))
    of_weekday = np.array([1, 1, 1, 1, 1, 0.8, 0.75])[index.day_of_week.to_numpy()]
    people = np.maximum(3, rng.poisson(typical * of_weekday * np.where(closed, 0.7, 1.0)))
    sums = people * (mean - 0.5) + rng.normal(0, PERSON_SD * np.sqrt(people))
    noisy_sums = sums + rng.normal(0, NOISE_SUM, days)
    noisy_counts = people + rng.normal(0, NOISE_COUNT, days)
    published = (noisy_counts >= LEAST_COUNT) & (rng.random(days) >= rng.uniform(0, 0.06))
    away = rng.random(days) < 0.4 / 100
    for first in np.flatnonzero(away):
        published[first : first + int(rng.integers(2, 8))] = False
    daily = np.where(published, 0.5 + noisy_sums / np.maximum(noisy_counts, 1), np.nan)
    line = _line(noisy_sums, noisy_counts, published)
    return PlatformSeries(truth, pd.Series(daily, index=index), pd.Series(line, index=index))


def _level(rng: np.random.Generator, days: int, truth: str) -> np.ndarray:
    if truth == "flat":
        return np.zeros(days)
    spread = rng.uniform(0.01, 0.035)
    if truth == "random_walk":
        steps = rng.normal(0, spread / np.sqrt(60), days)
        return np.cumsum(steps)
    persistence = rng.uniform(0.85, 0.98)
    steps = rng.normal(0, spread * np.sqrt(1 - persistence**2), days)
    shocks = np.where(rng.random(days) < 1 / 90, rng.normal(0, 1.5 * spread, days), 0.0)
    level = np.empty(days)
    last = rng.normal(0, spread)
    for day in range(days):
        last = level[day] = persistence * last + steps[day] + shocks[day]
    return level


def _line(sums: np.ndarray, counts: np.ndarray, published: np.ndarray) -> np.ndarray:
    line = np.full(len(sums), np.nan)
    for day in np.flatnonzero(published):
        of_week = [d for d in range(max(0, day - 6), day + 1) if published[d]]
        if len(of_week) >= LEAST_DAYS:
            line[day] = 0.5 + sums[of_week].sum() / counts[of_week].sum()
    return line
