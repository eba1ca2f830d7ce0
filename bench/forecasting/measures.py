"""Errors and coverage of forecasts of many series, gaps never counted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from assets.public.forecasting.backtest import interval_score
from assets.public.forecasting.windows import WEEK


@dataclass
class Tally:
    """One method over one set; every list has an entry for each forecast."""

    mase: list[float] = field(default_factory=list)
    smape: list[float] = field(default_factory=list)
    in80: list[float] = field(default_factory=list)
    in95: list[float] = field(default_factory=list)
    score80: list[float] = field(default_factory=list)
    score95: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, bands: np.ndarray, came: np.ndarray, scale: float, seconds: float) -> None:
        """Count one forecast: bands of (days, 5) as `Tried.bands`, or (days, 1) of means only."""
        seen = np.isfinite(came)
        if not seen.any():
            return
        came, bands = came[seen], bands[seen]
        error = np.abs(came - bands[:, 0])
        self.mase.append(error.mean() / scale)
        size = np.maximum(np.abs(came) + np.abs(bands[:, 0]), 1e-12)
        self.smape.append((2 * error / size).mean())
        self.seconds.append(seconds)
        if bands.shape[1] == 1:
            return
        _, lo80, hi80, lo95, hi95 = bands.T
        self.in80.append(((lo80 <= came) & (came <= hi80)).mean())
        self.in95.append(((lo95 <= came) & (came <= hi95)).mean())
        self.score80.append(interval_score(lo80, hi80, came, 0.80).mean() / scale)
        self.score95.append(interval_score(lo95, hi95, came, 0.95).mean() / scale)

    def owa(self, of: "Tally") -> float:
        """Mean of the ratios of sMAPE and MASE to those of Naive2."""
        return (mean(self.mase) / mean(of.mase) + mean(self.smape) / mean(of.smape)) / 2


def mase_scale(known: np.ndarray) -> float:
    """Mean absolute error of the seasonal naive forecast within what is known."""
    return float(np.nanmean(np.abs(known[WEEK:] - known[:-WEEK])))


def mean(numbers: Iterable[float]) -> float:
    """NaN of nothing."""
    values = list(numbers)
    return float(np.mean(values)) if values else float("nan")
