"""Published values of a made-up region: truth, sampling, release noise, days not published."""

from collections.abc import Iterator
from dataclasses import dataclass

import holidays
import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoiseScales
from assets.released.thresholds import MIN_DAYS_FOR_VALUE_7D

_SCALES = NoiseScales.of(GAUSSIAN_1.micro_rho)
NOISE_SUM = _SCALES.of_sum_milli / 1000
NOISE_COUNT = _SCALES.of_count
PERSON_SD = 0.25
LEAST_COUNT = 30
WINDOW = 7
TRUTHS = ("mean_reverting", "random_walk", "flat")
OTHER_TRUTHS = ("steps", "two_levels", "bursts", "season")
"""Kinds of level that nothing was tuned on."""
_SHOCK_A_DAY = 1 / 90
_STEP_A_DAY = 1 / 45
_OTHER_LEVEL_A_DAY = 1 / 40
_AWAY_A_DAY = 0.4 / 100


@dataclass(frozen=True)
class Drawn:
    """What was drawn for days of a region; arrays of (days,) or (futures, days).

    Attributes:
        sums: noisy sums of the people's scores less 0.5.
        counts: noisy numbers of people.
        published: whether the day was.
    """

    sums: np.ndarray
    counts: np.ndarray
    published: np.ndarray

    @property
    def daily(self) -> np.ndarray:
        """Published daily estimates; NaN where a day was not published."""
        return np.where(self.published, 0.5 + self.sums / np.maximum(self.counts, 1), np.nan)

    def line(self) -> np.ndarray:
        """`value_7d` of each day; NaN where it or too much of its week was not published."""
        before = np.zeros((*self.sums.shape[:-1], WINDOW - 1))
        sums, counts, days = (
            _sums_of_weeks(np.concatenate([before, one * self.published], -1))
            for one in (self.sums, self.counts, np.ones_like(self.sums))
        )
        told = self.published & (days >= MIN_DAYS_FOR_VALUE_7D)
        return np.where(told, 0.5 + sums / np.where(told, counts, 1.0), np.nan)

    def last(self, days: int) -> "Drawn":
        """The last days alone."""
        return Drawn(self.sums[-days:], self.counts[-days:], self.published[-days:])


@dataclass(frozen=True)
class Sampling:
    """How many people a region-day draws on, and how many days are not published.

    Attributes:
        people: of a weekday.
        missed: share of the days that are not published by chance.
    """

    people: float
    missed: float

    @classmethod
    def of(cls, rng: np.random.Generator, least_people: float) -> "Sampling":
        """`least_people` to 200 people."""
        people = np.exp(rng.uniform(np.log(least_people), np.log(200)))
        return cls(float(people), float(rng.uniform(0, 0.06)))

    def publish(self, rng: np.random.Generator, mean: np.ndarray, index: pd.DatetimeIndex) -> Drawn:
        """Sample people about a mean, add the release's noise, leave days out.

        Args:
            rng: where chance comes from.
            mean: true daily means in [0, 1], (days,) or (futures, days).
            index: the days.
        """
        of_weekday = np.array([1, 1, 1, 1, 1, 0.8, 0.75])[index.day_of_week.to_numpy()]
        expected = self.people * of_weekday * np.where(closed_on(index), 0.7, 1.0)
        people = np.maximum(3, rng.poisson(expected, mean.shape))
        sums = people * (mean - 0.5) + rng.normal(0, PERSON_SD * np.sqrt(people))
        sums = sums + rng.normal(0, NOISE_SUM, mean.shape)
        counts = people + rng.normal(0, NOISE_COUNT, mean.shape)
        published = (counts >= LEAST_COUNT) & (rng.random(mean.shape) >= self.missed)
        for first in np.argwhere(rng.random(mean.shape) < _AWAY_A_DAY):
            *of, day = first
            published[(*of, slice(day, day + int(rng.integers(2, 8))))] = False
        return Drawn(sums, counts, published)


@dataclass(frozen=True)
class MadeUpRegion:
    """What a region and construct is drawn from.

    Attributes:
        truth: kind of level, one of `TRUTHS` or `OTHER_TRUTHS`.
        level: its mean.
        spread: standard deviation of the level about it; of 60 days' change of a random walk; of a
            step.
        persistence: of the level from day to day.
        week: what each weekday adds, from Monday.
        on_bank_holidays: what those add.
        sampling: how its people are drawn.
        phase: where the year stands on the first of January, of `season` alone.
    """

    truth: str
    level: float
    spread: float
    persistence: float
    week: np.ndarray
    on_bank_holidays: float
    sampling: Sampling
    phase: float = 0.0

    @classmethod
    def of(cls, rng: np.random.Generator, truth: str, least_people: float) -> "MadeUpRegion":
        """Draw one."""
        week = rng.normal(0, rng.uniform(0.005, 0.02), 7)
        return cls(
            truth,
            0.5 + rng.normal(0, 0.06),
            0.0 if truth == "flat" else rng.uniform(0.01, 0.035),
            1.0 if truth == "random_walk" else rng.uniform(0.85, 0.98),
            week - week.mean(),
            rng.normal(-0.01, 0.02),
            Sampling.of(rng, least_people),
            rng.uniform(0, 2 * np.pi) if truth == "season" else 0.0,
        )

    def wander(
        self, rng: np.random.Generator, days: int, last: float | None = None, futures: int = 1
    ) -> np.ndarray:
        """How far the level lies off its mean: (futures, days).

        Args:
            rng: where chance comes from.
            days: how many.
            last: where it lay the day before; drawn if left out.
            futures: how many ways it goes on from there.
        """
        shape = (futures, days)
        if self.truth == "random_walk":
            return (last or 0.0) + rng.normal(0, self.spread / np.sqrt(60), shape).cumsum(1)
        if self.truth == "steps":
            steps = np.where(
                rng.random(shape) < _STEP_A_DAY, rng.normal(0, self.spread, shape), 0.0
            )
            return (last or 0.0) + steps.cumsum(1)
        if self.truth == "two_levels":
            turns = np.where(rng.random(shape) < _OTHER_LEVEL_A_DAY, -1, 1).cumprod(1)
            return turns * (rng.choice([-1, 1]) * self.spread if last is None else last)
        own = self.spread * np.sqrt(1 - self.persistence**2)
        shocked = rng.random(shape) < _SHOCK_A_DAY
        if self.truth == "bursts":
            steps = own * rng.standard_t(3, shape) / np.sqrt(3)
        else:
            steps = rng.normal(0, own, shape)
        steps += np.where(shocked, rng.normal(0, 1.5 * self.spread, shape), 0.0)
        off = np.empty(shape)
        now = np.full(futures, rng.normal(0, self.spread) if last is None else last)
        for day in range(days):
            now = off[:, day] = self.persistence * now + steps[:, day]
        return off

    def means(self, off: np.ndarray, index: pd.DatetimeIndex) -> np.ndarray:
        """True daily means, where the level lies so far off its own."""
        of_day = self.week[index.day_of_week.to_numpy()]
        of_day = of_day + np.where(closed_on(index), self.on_bank_holidays, 0.0)
        if self.truth == "season":
            turn = 2 * np.pi * index.day_of_year.to_numpy() / 365.25
            of_day = of_day + np.sqrt(2) * self.spread * np.sin(turn + self.phase)
        return np.clip(self.level + off + of_day, 0.02, 0.98)


@dataclass(frozen=True)
class PlatformSeries:
    """One region and construct.

    Attributes:
        region: what it was drawn from.
        off: how far its level lay off its mean, by day.
        drawn: what was drawn for each day.
        index: the days.
    """

    region: MadeUpRegion
    off: np.ndarray
    drawn: Drawn
    index: pd.DatetimeIndex

    @property
    def truth(self) -> str:
        """Kind of level."""
        return self.region.truth

    @property
    def daily(self) -> pd.Series:
        """Published daily estimates; a day not published is NaN."""
        return pd.Series(self.drawn.daily, index=self.index)

    @property
    def line(self) -> pd.Series:
        """`value_7d` of the same days."""
        return pd.Series(self.drawn.line(), index=self.index)

    def futures(self, rng: np.random.Generator, days: int, count: int) -> np.ndarray:
        """The line after the last day in so many futures of this one past: (count, days)."""
        index = pd.date_range(self.index[-1], periods=days + 1, freq="D")[1:]
        off = self.region.wander(rng, days, float(self.off[-1]), count)
        ahead = self.region.sampling.publish(rng, self.region.means(off, index), index)
        past = self.drawn.last(WINDOW - 1)
        both = (
            np.concatenate([np.repeat(getattr(past, of)[None], count, 0), getattr(ahead, of)], 1)
            for of in ("sums", "counts", "published")
        )
        return Drawn(*both).line()[:, WINDOW - 1 :]


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
        first = pd.Timestamp("2026-01-05") + pd.Timedelta(days=int(rng.integers(0, 700)))
        index = pd.date_range(first, periods=days)
        region = MadeUpRegion.of(rng, truths[number % len(truths)], least_people)
        off = region.wander(rng, days)[0]
        drawn = region.sampling.publish(rng, region.means(off, index), index)
        yield PlatformSeries(region, off, drawn, index)


def closed_on(index: pd.DatetimeIndex) -> np.ndarray:
    """Whether each day is a bank holiday in England."""
    bank = holidays.country_holidays("GB", subdiv="ENG", years=sorted(set(index.year)))
    return np.array([day.date() in bank for day in index])


def _sums_of_weeks(values: np.ndarray) -> np.ndarray:
    return sliding_window_view(values, WINDOW, -1).sum(-1)
