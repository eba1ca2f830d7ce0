"""Coverage by history, truth, horizon and level, with its standard error.

Each history goes on in many futures, so that a cell tells how often the band would hold, and not
how often it did once: the same standard error takes a tenth of the forecasts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from assets.core.errors import TooFewDays
from assets.public.forecasting.backtest import WEEKS_AHEAD, interval_score
from assets.public.forecasting.headline import DAYS_AHEAD, HeadlineForecast, forecast_headline
from bench.forecasting.platform_series import platform_series

HORIZONS = (1, 3, 7, 14, 21, 28)
LEVELS = (0.80, 0.95)
FUTURES = 200
_EDGES = ((1, 2), (3, 4))
_MEASURES = ("covered", "width", "score", "error")


@dataclass
class Cells:
    """One method over many pasts; every list has an entry of (horizons, levels) for each past.

    Attributes:
        covered: share of futures within the band; NaN where none came.
        width: of the band, in units of the line.
        score: mean interval score of the futures.
        error: mean absolute error of the futures, the same at both levels.
    """

    covered: list[np.ndarray] = field(default_factory=list)
    width: list[np.ndarray] = field(default_factory=list)
    score: list[np.ndarray] = field(default_factory=list)
    error: list[np.ndarray] = field(default_factory=list)

    def add(self, bands: np.ndarray, came: np.ndarray) -> None:
        """Count one forecast.

        Args:
            bands: (28, 5), as of `forecast_headline`.
            came: (futures, 28), NaN where nothing came.
        """
        at = np.array(HORIZONS) - 1
        seen = np.isfinite(came[:, at])
        many = np.where(seen.any(0), seen.sum(0), np.nan)
        size = np.where(seen, np.abs(came[:, at] - bands[at, 0]), 0.0).sum(0) / many
        each = []
        for share, (low, high) in zip(LEVELS, _EDGES, strict=True):
            lo, hi, of = bands[at, low], bands[at, high], came[:, at]
            inside = ((lo <= of) & (of <= hi) & seen).sum(0) / many
            score = np.where(seen, interval_score(lo, hi, of, share), 0.0).sum(0) / many
            each.append((inside, np.where(seen.any(0), hi - lo, np.nan), score))
        covered, width, score = (np.stack(one, 1) for one in zip(*each, strict=True))
        self.covered.append(covered)
        self.width.append(width)
        self.score.append(score)
        self.error.append(np.stack([size, size], 1))

    def mean_and_error(self, of: str) -> tuple[np.ndarray, np.ndarray]:
        """Mean over pasts of one of the lists, and its standard error: (horizons, levels)."""
        values = np.array(getattr(self, of))
        seen = np.isfinite(values).sum(0)
        return np.nanmean(values, 0), np.nanstd(values, 0, ddof=1) / np.sqrt(seen)

    def of_weeks(self, of: str) -> np.ndarray:
        """Mean of one of the lists over pasts and weeks +1 to +4: (levels,)."""
        weeks = [HORIZONS.index(days) for days in WEEKS_AHEAD]
        return np.nanmean(np.array(getattr(self, of))[:, weeks], (0, 1))


@dataclass
class Measured:
    """A cell's forecasts as they would be stored, ours alone, and "no change"."""

    stored: Cells = field(default_factory=Cells)
    no_change: Cells = field(default_factory=Cells)
    chose_no_change: list[bool] = field(default_factory=list)

    def add(self, made: HeadlineForecast, came: np.ndarray) -> None:
        """Count one; `came` as of `Cells.add`."""
        self.stored.add(made.ahead.to_numpy(), came)
        self.no_change.add(made.no_change.to_numpy(), came)
        self.chose_no_change.append(made.method == "no_change")


def measured(truth: str, days: int, pasts: int, seed: int, futures: int = FUTURES) -> Measured:
    """Forecasts from so many pasts of one kind of truth, each held against its futures."""
    found = Measured()
    for number, one in enumerate(platform_series(pasts, seed, days, truths=(truth,))):
        try:
            made = forecast_headline(one.line, one.daily)
        except TooFewDays:
            continue
        rng = np.random.default_rng([seed, number, days])
        found.add(made, one.futures(rng, DAYS_AHEAD, futures))
    return found


def rows(name: Sequence[str], found: Cells) -> Iterator[tuple[object, ...]]:
    """A row for each horizon and level, as `table` has them."""
    means = [found.mean_and_error(one) for one in _MEASURES]
    for at, days in enumerate(HORIZONS):
        for level, share in enumerate(LEVELS):
            numbers = [float(one[at, level]) for pair in means for one in pair]
            yield (*name, days, share, *numbers)


def table(rows_of_all: Sequence[tuple[object, ...]], names: Sequence[str]) -> pd.DataFrame:
    """All rows with named columns: of each measure its mean and that mean's standard error."""
    numbers = [f"{of}{end}" for of in _MEASURES for end in ("", "_standard_error")]
    return pd.DataFrame(rows_of_all, columns=[*names, "days_ahead", "level", *numbers])
