"""Exponential smoothing of a level, its weight chosen by what it foretold best."""

import numpy as np

from assets.public.forecasting.week_pattern import CUT, NO_SIZE
from assets.public.forecasting.windows import (
    WEEK,
    mean_of_observed,
    median_of_observed,
    typical_size,
)

WEIGHTS = np.array([0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.19, 0.25, 0.33, 0.43, 0.55, 0.7, 0.85, 1])
FORTNIGHT = 14
_FIRST = 14


def smoothed_levels(level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The level at each origin, smoothed twice.

    A day without a value moves nothing; an error counts as at most 2.5 standard deviations.

    Args:
        level: rows of daily values without their weekly pattern, gaps NaN; something observed in
            each.

    Returns:
        For each row the level by the weight that foretold the next day best (that of Theta
        without its drift), and by the one that foretold the mean of the next 14 best.
    """
    rows, days = level.shape
    weekly = level[:, days % WEEK :].reshape(rows, -1, WEEK)
    size = typical_size(weekly - median_of_observed(weekly, 2)[:, :, None])
    most = np.where(size > NO_SIZE, CUT * size, np.inf)[:, None]
    observed = np.isfinite(level)
    now = np.repeat(_first_level(level, observed)[:, None], len(WEIGHTS), 1)
    square = np.zeros_like(now)
    path = np.empty((days, *now.shape))
    for day in range(days):
        error = np.clip(level[:, day, None] - now, -most, most)
        error = np.where(observed[:, day, None], error, 0.0)
        square += error**2
        now = now + WEIGHTS * error
        path[day] = now
    each = np.arange(rows)
    by_day = now[each, _least(square)]
    return by_day, now[each, _least(_by_fortnight(level, observed, path, most))]


def _first_level(level: np.ndarray, observed: np.ndarray) -> np.ndarray:
    first = np.where(observed & (observed.cumsum(1) <= _FIRST), level, np.nan)
    return median_of_observed(first, 1)


def _least(square: np.ndarray) -> np.ndarray:
    # Of equals the first, that rounding may not choose.
    return (square <= square.min(1, keepdims=True) * (1 + 1e-9) + 1e-18).argmax(1)


def _by_fortnight(
    level: np.ndarray, observed: np.ndarray, path: np.ndarray, most: np.ndarray
) -> np.ndarray:
    total = np.where(observed, level, 0.0).cumsum(1)
    count = observed.cumsum(1)
    ahead = total[:, FORTNIGHT:] - total[:, :-FORTNIGHT]
    seen = count[:, FORTNIGHT:] - count[:, :-FORTNIGHT]
    counts = (count[:, :-FORTNIGHT] >= _FIRST) & (seen > 0)
    mean = np.where(counts, ahead / np.maximum(seen, 1), 0.0)
    error = mean[:, :, None] - path[:-FORTNIGHT].transpose(1, 0, 2)
    error = np.clip(error, -most[:, None], most[:, None])
    return (np.where(counts[:, :, None], error, 0.0) ** 2).sum(1)


def last_and_mean(values: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray]:
    """The last observed value of each row, and the mean of its last `days`, else of all."""
    observed = np.isfinite(values)
    last = values.shape[1] - 1 - observed[:, ::-1].argmax(1)
    recent = mean_of_observed(values[:, -days:], 1)
    return values[np.arange(len(values)), last], np.where(
        np.isfinite(recent), recent, mean_of_observed(values, 1)
    )
