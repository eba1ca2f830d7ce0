"""Bands from what a method expects to be off by, and how wrong it was from earlier days."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

SHARES = (0.80, 0.95)
# An error loses 1.5 % of its weight with each day of age: half after six weeks.
DECAY = 0.985
# So many independent errors weigh as much as what they are blended with.
TRUSTED = 10.0
# Of a moving mean's spread without a model, a day ahead: its level times so much. This and the next
# two were tuned on simulated regions.
USUAL_GROWTH = 0.4 / 28
# By so much more than the model says the next day is off: its weekdays, holidays and people are
# taken as known, and the mean of two forecasts is not the model's. None is left a whole window on.
_NEAR_EXCESS = 0.15
# What the model says of its own size weighs as much as so many independent errors.
_MODEL_WORTH = 4.0
_DEVIATION_BY_SIZE = float(np.sqrt(np.pi / 2))
"""Standard deviation of what is normal, by its mean size."""
_GROWN = (0.2, 5.0)
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


def half_widths(
    past: PastErrors, horizon: int, window: int = 1, model: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Half-widths of the 80 % and 95 % bands for each day ahead.

    Errors are divided by a spread and pooled. The half-width is that spread times a quantile: the
    weighted conformal one, blended with Student's by how many independent errors there are (errors
    of one origin, and of origins that overlap, move together). Barber et al., Conformal prediction
    beyond exchangeability (2023), for the weights.

    The spread of a moving mean begins with what is expected: the model's own standard deviations,
    or, where there are none, the usual shape at the mean size of these errors. What these errors
    tell of its growth and of each day's size draws it away, by how many of them are independent. As
    each day's mean size is off by a chance of its own, isotonic regression (each day weighted by
    what its spread rests on) then keeps the spread from falling with the days ahead.

    Args:
        past: at least one finite error.
        horizon: days ahead, from 1; beyond the errors' own the spread goes on along its line.
        window: days of the moving mean that is forecast; 1 of single days.
        model: of a moving mean, the standard deviation of each day ahead, (horizon,), all above 0,
            by the model that made the forecast; None if it has none.

    Returns:
        Two arrays of `horizon`, each at least 0 and nowhere falling, the second nowhere below the
        first.
    """
    weights, errors = past.weights, np.nan_to_num(past.errors)
    if window == 1:
        level, growth = _linear_spread(np.abs(errors), weights)
        spread = level + growth * np.arange(1, max(horizon, errors.shape[1]) + 1)
        if not spread.any():
            return np.zeros(horizon), np.zeros(horizon)
        factor80, factor95 = band_factors(errors / spread[: errors.shape[1]], weights)
    else:
        expected = _expected(errors, weights, max(horizon, errors.shape[1]), window, model)
        if not expected.any():
            return np.zeros(horizon), np.zeros(horizon)
        relative, rests_on, free = _relative_spread(errors, weights, expected)
        scaled = errors / (expected * relative)[: errors.shape[1]]
        known = free + (_MODEL_WORTH if model is not None else 0.0)
        factor80, factor95 = _blended(scaled, weights, free, known, 1.0)
        spread = _nowhere_falling(expected * relative, rests_on)
    spread = spread[:horizon]
    return factor80 * spread, max(factor80, factor95) * spread


def band_factors(scaled: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """By what to multiply the spread, so that 80 % and 95 % lie within.

    Args:
        scaled: errors divided by their spread; rows are origins 3 days apart, newest first.
        weights: of the same shape, 0 where there is no error; not all 0.
    """
    free = independent_errors(scaled, weights)
    # From the mean size, not the mean square: outliers would widen the 80 % band.
    deviation = _DEVIATION_BY_SIZE * float((weights * np.abs(scaled)).sum() / weights.sum())
    return _blended(scaled, weights, free, free, deviation)


def _blended(
    scaled: np.ndarray, weights: np.ndarray, free: float, known: float, deviation: float
) -> tuple[float, float]:
    """Quantiles of these errors, blended with Student's of so many degrees of freedom."""
    from scipy.special import stdtrit  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

    trust = _trust(free)
    factors = []
    for share in SHARES:
        seen = _weighted_quantile(np.abs(scaled), weights, share, free)
        student = deviation * float(stdtrit(max(known, _LEAST_FREE), (1 + share) / 2))
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


def _expected(
    errors: np.ndarray, weights: np.ndarray, horizon: int, window: int, model: np.ndarray | None
) -> np.ndarray:
    """Standard deviation of each day ahead before growth and days of the errors tell: (horizon,).

    All 0 where there is no model and all errors are.
    """
    ahead = np.arange(1, horizon + 1)
    if model is not None:
        beyond = np.full(horizon - len(model), model[-1])
        near = np.maximum(window - ahead, 0) / (window - 1)
        return np.concatenate([model, beyond]) * (1 + _NEAR_EXCESS * near)
    # A moving mean's next days are known in part.
    usual = np.sqrt(np.minimum(ahead, window) / window) * (1 + USUAL_GROWTH * ahead)
    sizes = np.abs(errors) / usual[: errors.shape[1]]
    return usual * _DEVIATION_BY_SIZE * float((weights * sizes).sum() / weights.sum())


def _relative_spread(
    errors: np.ndarray, weights: np.ndarray, expected: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """By what these errors draw the spread away from the expected one.

    Returns:
        A factor for each day ahead; what each rests on; how many independent errors there are.
    """
    ahead = np.arange(1, len(expected) + 1)
    tried = slice(0, errors.shape[1])
    scaled = errors / expected[tried]
    sizes = _DEVIATION_BY_SIZE * np.abs(scaled)
    free = independent_errors(scaled, weights)
    growth, middle = _growth(sizes, weights)
    relative = np.clip(1 + _trust(free) * growth * (ahead - middle), *_GROWN)
    total = weights.sum(0)
    of_each = (weights * sizes).sum(0) / np.maximum(total, _NO_WEIGHT)
    # Origins whose days overlap tell of the same turn of luck.
    independent = total**2 / np.maximum((weights**2).sum(0), _NO_WEIGHT) / ahead[tried]
    drawn = np.maximum(of_each / relative[tried], _LEAST_RATIO) ** _trust(independent)
    relative[tried] *= np.where(total > 0, drawn, 1.0)
    rests_on = np.full(len(expected), TRUSTED)
    rests_on[tried] += independent
    return relative, rests_on, free


def _nowhere_falling(spread: np.ndarray, weights: np.ndarray) -> np.ndarray:
    from scipy.optimize import isotonic_regression  # noqa: PLC0415  (as above)

    return isotonic_regression(spread, weights=weights).x


def _slope(sizes: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    """Weighted mean of sizes, of their days ahead, and the slope of a line through them."""
    ahead = np.broadcast_to(np.arange(1, sizes.shape[1] + 1), sizes.shape)
    total = weights.sum()
    mean = float((weights * sizes).sum() / total)
    middle = float((weights * ahead).sum() / total)
    square = float((weights * (ahead - middle) ** 2).sum())
    slope = float((weights * (ahead - middle) * sizes).sum())
    return mean, middle, slope / square if square > 0 else 0.0


def _growth(sizes: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """By what part of their mean sizes grow each day, and the middle of the days ahead."""
    mean, middle, slope = _slope(sizes, weights)
    return (slope / mean if mean > 0 else 0.0), middle


def _linear_spread(sizes: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Level and growth of a line through the mean size of errors by days ahead; never falling.

    Args:
        sizes: of errors; rows are origins, columns days ahead.
        weights: of the same shape, not all 0.
    """
    mean, middle, slope = _slope(sizes, weights)
    growth = max(0.0, slope)
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
