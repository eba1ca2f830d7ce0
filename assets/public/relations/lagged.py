"""Correlation of two detrended courses at each lag, corrected for the known noise."""

from dataclasses import dataclass

import numpy as np

from assets.public.relations.release_noise import BETWEEN
from assets.public.relations.slow_trend import Detrended

LAGS = range(-4, 5)
"""Weeks by which the second course follows the first; negative where it goes before."""

PAIRS = 3
LOOKS = PAIRS * len(LAGS)
"""Looks at a region; each interval and p allows for all of them (Šidák 1967)."""

_CONFIDENCE = 0.95
_LEAST_FREEDOM = 2
_LARGEST = 0.999
_ALMOST_SURE = 1 - 1e-12


@dataclass(frozen=True)
class Lagged:
    """Two courses at one lag.

    Attributes:
        association: correlation without the known noise, in [-1, 1]; the noise is taken to be
            that of a number of people between the edges of their band.
        lo95: lower end of its interval; those of `LOOKS` looks hold together 95 times of 100.
        hi95: upper end.
        adjusted_p: chance that unrelated courses show one so large at any of `LOOKS` looks.
    """

    association: float
    lo95: float
    hi95: float
    adjusted_p: float


def lagged(first: Detrended, second: Detrended, shared: np.ndarray, lag: int) -> Lagged:
    """Compare two courses over the same W weeks at one lag.

    The correlation as seen is judged by its variance under independence, from both courses' fitted
    covariances (Bartlett 1946, without his limit of long series), as a t of as many degrees of
    freedom as an independent series with that variance would have. Its interval is then stretched
    by the signal shares, at whichever edge of the band it reaches further.

    Args:
        first: with signal shares over 0.
        second: likewise.
        shared: array (3, W), noise covariance of the two in each week, by edge of the band.
        lag: weeks by which the second course follows the first; some pair of weeks must exist.
    """
    from scipy import stats  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

    one, other = _slices(len(first.values), lag)
    both = first.observed[one] & second.observed[other]
    scale = _size(first.values[one] ** 2, second.values[other] ** 2, both)
    seen = float(first.values[one] @ second.values[other])
    # Noise of one week is spread over the lags beside 0 as the trend is taken out.
    by_noise = np.array(
        [np.trace((first.remover * week) @ second.remover, offset=lag) for week in shared]
    )
    at_edges = np.clip((seen - by_noise) / scale, -_LARGEST, _LARGEST)
    covariances = first.covariance[one, one], second.covariance[other, other]
    expected = _size(covariances[0].diagonal(), covariances[1].diagonal(), both)
    by_chance = float((covariances[0] * covariances[1])[np.ix_(both, both)].sum())
    freedom = max(expected**2 / by_chance - 1, _LEAST_FREEDOM)

    middle = float(at_edges[BETWEEN])
    student = middle * np.sqrt(freedom / (1 - middle**2))
    one_look = min(2 * float(stats.t.sf(abs(student), freedom)), _ALMOST_SURE)
    critical = float(stats.t.isf(-np.expm1(np.log(_CONFIDENCE) / LOOKS) / 2, freedom))
    # A Fisher interval as wide as the test is strict, so that it leaves out 0 where the test does.
    half = np.arctanh(critical / np.sqrt(freedom + critical**2))
    stretch = 1 / np.sqrt(first.signal_shares * second.signal_shares)
    lows = np.tanh(np.arctanh(at_edges) - half) * stretch
    highs = np.tanh(np.arctanh(at_edges) + half) * stretch
    return Lagged(
        association=_correlation(middle * stretch[BETWEEN]),
        lo95=_correlation(lows.min()),
        hi95=_correlation(highs.max()),
        adjusted_p=-float(np.expm1(LOOKS * np.log1p(-one_look))),
    )


def pairs_at(first: Detrended, second: Detrended, lag: int) -> int:
    """Pairs of weeks, `lag` apart, that both have a value."""
    one, other = _slices(len(first.values), lag)
    return int((first.observed[one] & second.observed[other]).sum())


def _size(first: np.ndarray, second: np.ndarray, both: np.ndarray) -> float:
    """Geometric mean of the squares of two courses, over the pairs of weeks."""
    return float(np.sqrt(first[both].sum() * second[both].sum()))


def _slices(weeks: int, lag: int) -> tuple[slice, slice]:
    apart = min(abs(lag), weeks)
    early, late = slice(0, weeks - apart), slice(apart, weeks)
    return (early, late) if lag >= 0 else (late, early)


def _correlation(value: float) -> float:
    return float(np.clip(value, -1, 1))
