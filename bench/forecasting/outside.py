"""The headline's forecast from rolling origins of series that nobody here made: coverage.

Each series is brought to the form that the forecaster gets: its logarithm moved to 0.5 and scaled
so that its 7-day mean spreads by 0.025, as levels of the simulated regions do. "As it is" every day
counted is published. "As released" that level is what people are drawn about, with the release's
noise and days that are not published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.core.errors import TooFewDays
from assets.public.forecasting.headline import DAYS_AHEAD, forecast_headline
from assets.released.thresholds import MIN_DAYS_FOR_VALUE_7D
from bench.forecasting.cells import HORIZONS, LEVELS, Cells
from bench.forecasting.platform_series import WINDOW, Drawn, Sampling

FORMS = ("as it is", "as released")
SPREAD = 0.025
MOST_ORIGINS = 24
BLOCK = 6
"""Origins that are drawn together: with 28 days between them, half a year."""
DRAWS = 2000
_IQR_OF_ONE_SD = 1.349
_LOW, _HIGH = 0.02, 0.98


@dataclass(frozen=True)
class Published:
    """A series in the form that the forecaster gets."""

    line: pd.Series
    daily: pd.Series


@dataclass(frozen=True)
class Rolled:
    """One series, form and length of history: what was forecast from each origin, oldest first.

    Attributes:
        name: of the series.
        stored: the forecasts that would be stored.
        no_change: "no change" from the same days.
        chose_no_change: share of origins where that is what would be stored.
    """

    name: str
    stored: Cells
    no_change: Cells
    chose_no_change: float


def in_form(series: pd.Series, form: str, seed: int) -> Published:
    """A series as one of `FORMS`; chance of the second comes from the seed."""
    log = pd.Series(np.log1p(series.to_numpy(dtype=float)), index=series.index)
    weekly = log.rolling(WINDOW, min_periods=MIN_DAYS_FOR_VALUE_7D).mean()
    low, middle, high = np.nanpercentile(weekly, [25, 50, 75])
    level = 0.5 + (log - middle) * SPREAD * _IQR_OF_ONE_SD / (high - low)
    index = pd.DatetimeIndex(series.index)
    counted = np.isfinite(level.to_numpy())
    mean = np.clip(np.where(counted, level, 0.5), _LOW, _HIGH)
    if form == FORMS[0]:
        drawn = Drawn(mean - 0.5, np.ones_like(mean), counted)
    else:
        rng = np.random.default_rng(seed)
        drawn = Sampling.of(rng, 50).publish(rng, mean, index)
        drawn = Drawn(drawn.sums, drawn.counts, drawn.published & counted)
    return Published(pd.Series(drawn.line(), index=index), pd.Series(drawn.daily, index=index))


def origins(days: int, history: int) -> Sequence[int]:
    """Days of history before each origin, at most 24, spread evenly and whole months apart."""
    every = np.arange(days - DAYS_AHEAD, history - 1, -DAYS_AHEAD)[::-1]
    chosen = np.linspace(0, len(every) - 1, min(MOST_ORIGINS, len(every))).round().astype(int)
    return [int(one) for one in every[chosen]] if len(every) else []


def rolled(name: str, published: Published, history: int) -> Rolled | None:
    """Forecasts from every origin with so many days behind it; None if there is none."""
    stored, no_change, chosen = Cells(), Cells(), []
    line = published.line.to_numpy()
    for end in origins(len(line), history):
        known = slice(end - history, end)
        came = line[None, end : end + DAYS_AHEAD]
        try:
            made = forecast_headline(published.line.iloc[known], published.daily.iloc[known])
        except TooFewDays:
            continue
        stored.add(made.ahead.to_numpy(), came)
        no_change.add(made.no_change.to_numpy(), came)
        chosen.append(made.method == "no_change")
    return Rolled(name, stored, no_change, float(np.mean(chosen))) if chosen else None


@dataclass(frozen=True)
class Covered:
    """A cell over all series.

    Attributes:
        days_ahead: the horizon.
        level: the band's share.
        forecasts: how many were held against what came.
        share: of them within the band.
        alone: the standard error of that share if each forecast were by itself.
        low: the 2.5 % point of a bootstrap that draws series, and in each series blocks of half a
            year of origins.
        high: its 97.5 % point.
    """

    days_ahead: int
    level: float
    forecasts: int
    share: float
    alone: float
    low: float
    high: float


def covered(found: Sequence[Rolled], seed: int = 0, draws: int = DRAWS) -> Iterator[Covered]:
    """Each horizon and level: coverage over all series and how sure that is."""
    each = [np.array(one.stored.covered) for one in found]
    total = np.sum([np.nansum(one, 0) for one in each], 0)
    many = np.sum([np.isfinite(one).sum(0) for one in each], 0)
    rng = np.random.default_rng(seed)
    drawn = np.array([_resampled(each, rng) for _ in range(draws)])
    low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
    for at, days in enumerate(HORIZONS):
        for level, nominal in enumerate(LEVELS):
            share, n = float(total[at, level] / many[at, level]), int(many[at, level])
            alone = float(np.sqrt(share * (1 - share) / n))
            ends = float(low[at, level]), float(high[at, level])
            yield Covered(days, nominal, n, share, alone, *ends)


def _resampled(each: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    total, many = 0.0, 0
    for number in rng.integers(0, len(each), len(each)):
        values = each[number]
        blocks = -(-len(values) // BLOCK)
        starts = rng.integers(0, len(values), blocks)
        taken = (starts[:, None] + np.arange(BLOCK)).ravel()[: len(values)] % len(values)
        total = total + np.nansum(values[taken], 0)
        many = many + np.isfinite(values[taken]).sum(0)
    return total / np.maximum(many, 1)
