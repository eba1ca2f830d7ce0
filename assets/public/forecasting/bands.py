"""Bands from how wrong the same method was from earlier days of the same series."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

SHARES = (0.80, 0.95)
# An error loses 1.5 % of its weight with each day of age: half after six weeks.
DECAY = 0.985
# So many independent errors weigh as much as what they are blended with.
TRUSTED = 10.0
# Of a moving mean's spread, a day ahead: its level times so much. Tuned on simulated regions.
USUAL_GROWTH = 0.4 / 28
_LEAST_FREE = 3.0
_LAGS = 5
_CORRELATED = 0.1
_LEAST_RATIO = 0.1
_NO_WEIGHT = 1e-300
_Number = TypeVar("_Number", float, np.ndarray)


@dataclass(frozen=True)
class PastErrors:
    """Errors made from past origins; rows are origins, columns days ahead.

    Attributes:
        errors: what came less what was forecast; NaN where nothing came or it doesn't count.
        age: days from each origin to the last day, the newest origin first.
    """

    errors: np.ndarray
    age: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """What each error weighs by the age of the day it was made for; 0 where there is none."""
        ahead = np.arange(1, self.errors.shape[1] + 1)
        age = np.maximum(self.age[:, None] - ahead, 0)
        return np.where(np.isfinite(self.errors), DECAY**age, 0.0)


def half_widths(past: PastErrors, horizon: int, window: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Half-widths of the 80 % and 95 % bands for each day ahead.

    Errors are divided by a spread and pooled. The half-width is that spread times a quantile: the
    weighted conformal one, blended with Student's by how many independent errors there are (errors
    of one origin, and of origins that overlap, move together). Barber et al., Conformal prediction
    beyond exchangeability (2023), for the weights.

    The spread of a moving mean is linear in the days ahead, times the root of the share of its
    days that are ahead (of a mean of 7 days, the next one knows 6). Its growth is drawn from the
    usual one to that of these errors, and each day's spread to the mean size of the errors so many
    days ahead, both by how many of them are independent. As each day's mean is off by a chance of
    its own, isotonic regression (each day weighted by what its spread rests on) then keeps the
    spread from falling with the days ahead.

    Args:
        past: at least one finite error.
        horizon: days ahead, from 1; beyond the errors' own the spread goes on along its line.
        window: days of the moving mean that is forecast; 1 of single days.

    Returns:
        Two arrays of `horizon`, each at least 0 and nowhere falling, the second nowhere below the
        first.
    """
    weights, errors = past.weights, np.nan_to_num(past.errors)
    spread = _spread(errors, weights, max(horizon, errors.shape[1]), window)
    if not spread.any():
        return np.zeros(horizon), np.zeros(horizon)
    factor80, factor95 = band_factors(errors / spread[: errors.shape[1]], weights)
    spread = spread[:horizon]
    return factor80 * spread, max(factor80, factor95) * spread


def band_factors(scaled: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """By what to multiply the spread, so that 80 % and 95 % lie within.

    Args:
        scaled: errors divided by their spread; rows are origins 3 days apart, newest first.
        weights: of the same shape, 0 where there is no error; not all 0.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

    free = independent_errors(scaled, weights)
    trust = _trust(free)
    # From the mean size, not the mean square: outliers would widen the 80 % band.
    deviation = np.sqrt(np.pi / 2) * float((weights * np.abs(scaled)).sum() / weights.sum())
    factors = []
    for share in SHARES:
        seen = _weighted_quantile(np.abs(scaled), weights, share, free)
        student = deviation * float(stdtrit(max(free, _LEAST_FREE), (1 + share) / 2))
        factors.append(trust * seen + (1 - trust) * student)
    return factors[0], factors[1]


def independent_errors(scaled: np.ndarray, weights: np.ndarray) -> float:
    """How many independent errors these are worth, at least 2.

    Kish's size of a weighted sample, divided by how much more the origins' mean errors vary than
    means of independent errors would, and by how far those means follow each other.
    """
    total = weights.sum(1)
    made = total > 0
    weights, scaled, total = weights[made], scaled[made], total[made]
    kish = float(total.sum() ** 2 / (weights**2).sum())
    square = float((weights * scaled**2).sum() / total.sum())
    mean = (weights * scaled).sum(1) / total
    if square <= 0 or not mean.any():
        return max(2.0, kish)
    in_each = float((total**2 / (weights**2).sum(1)).mean())
    together = max(1.0, float((total * mean**2).sum() / total.sum()) / square * in_each)
    following = 1.0
    for lag in range(1, min(_LAGS, len(mean) - 2) + 1):
        correlation = float((mean[lag:] * mean[:-lag]).mean() / (mean**2).mean())
        if correlation < _CORRELATED:
            break
        following += 2 * correlation
    return max(2.0, kish / (together * following))


def _spread(errors: np.ndarray, weights: np.ndarray, horizon: int, window: int) -> np.ndarray:
    """About how large errors are by days ahead: (horizon,), all 0 where they are."""
    ahead = np.arange(1, horizon + 1)
    tried = slice(0, errors.shape[1])
    if window == 1:
        level, growth = _linear_spread(np.abs(errors), weights, 1.0)
        return level + growth * ahead
    reach = np.sqrt(np.minimum(ahead, window) / window)
    scaled, by_reach = errors / reach[tried], weights * reach[tried] ** 2
    level, growth = _linear_spread(
        np.abs(scaled), by_reach, _trust(independent_errors(scaled, weights))
    )
    spread = reach * (level + growth * ahead)
    if level <= 0:
        return spread
    total, line = weights.sum(0), spread[tried]
    of_each = (weights * np.abs(errors)).sum(0) / np.maximum(total, _NO_WEIGHT)
    # Origins whose days overlap tell of the same turn of luck.
    independent = total**2 / np.maximum((weights**2).sum(0), _NO_WEIGHT) / ahead[tried]
    spread[tried] = line * np.maximum(of_each / line, _LEAST_RATIO) ** _trust(independent)
    rests_on = np.full(horizon, TRUSTED)
    rests_on[tried] += independent
    return _nowhere_falling(spread, rests_on)


def _nowhere_falling(spread: np.ndarray, weights: np.ndarray) -> np.ndarray:
    from scipy.optimize import isotonic_regression  # noqa: PLC0415  (as above)

    return isotonic_regression(spread, weights=weights).x


def _linear_spread(sizes: np.ndarray, weights: np.ndarray, trust: float) -> tuple[float, float]:
    """Level and growth of a line through the mean size of errors by days ahead; never falling.

    Args:
        sizes: of errors; rows are origins, columns days ahead.
        weights: of the same shape, not all 0.
        trust: from 0, the usual growth, to 1, that of these errors.
    """
    ahead = np.broadcast_to(np.arange(1, sizes.shape[1] + 1), sizes.shape)
    total = weights.sum()
    mean = float((weights * sizes).sum() / total)
    middle = float((weights * ahead).sum() / total)
    square = float((weights * (ahead - middle) ** 2).sum())
    slope = float((weights * (ahead - middle) * sizes).sum())
    usual = USUAL_GROWTH * mean / (1 + USUAL_GROWTH * middle)
    own = slope / square if square > 0 else 0.0
    growth = max(0.0, trust * own + (1 - trust) * usual)
    level = mean - growth * middle
    # A line that falls below zero at the near end would make near bands vanish.
    return (level, growth) if level >= mean / 10 else (mean / 10, 0.9 * mean / middle)


def _trust(independent: _Number) -> _Number:
    return independent / (independent + TRUSTED)


def _weighted_quantile(
    sizes: np.ndarray, weights: np.ndarray, share: float, independent: float
) -> float:
    counted = weights > 0
    order = np.argsort(sizes[counted])
    size, weight = sizes[counted][order], weights[counted][order]
    position = (weight.cumsum() - weight / 2) / weight.sum()
    # Half of the finite-sample correction: the blend with Student's makes up for the other half.
    corrected = share + (share - 0.5) / (2 * independent)
    return float(np.interp(min(1.0, corrected), position, size))
