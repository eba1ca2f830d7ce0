"""The weekly pattern of a series; outliers are cut."""

import numpy as np

from assets.public.forecasting.windows import (
    WEEK,
    mean_of_observed,
    median_of_observed,
    typical_size,
)

# A value farther than this many standard deviations off its weekday counts as this far off.
CUT = 2.5
# Histories come scaled to a range of 1: where most residuals are below this, they are rounding.
NO_SIZE = 1e-9
_ROUNDS = 3


def week_pattern(windows: np.ndarray) -> np.ndarray:
    """How far each weekday lies from its week's level.

    Args:
        windows: rows of days up to an origin, a whole number of weeks, gaps NaN.

    Returns:
        A row of 7 for each, summing to 0: column j belongs to the weekday of day j + 1 ahead. A
        weekday without any value gets 0. What noise alone would make of a pattern is shrunk away
        (James and Stein).
    """
    weeks = windows.reshape(len(windows), -1, WEEK)
    pattern = np.zeros((len(windows), WEEK))
    for _ in range(_ROUNDS):
        level = median_of_observed(weeks - pattern[:, None], 2)
        pattern = _centred(median_of_observed(weeks - level[:, :, None], 1))
    left = weeks - median_of_observed(weeks - pattern[:, None], 2)[:, :, None] - pattern[:, None]
    cut = cut_outliers(left)
    pattern = _centred(pattern + np.nan_to_num(mean_of_observed(cut, 1)))
    return _shrunk(pattern, cut)


def _centred(pattern: np.ndarray) -> np.ndarray:
    filled = np.nan_to_num(pattern)
    return filled - filled.mean(1, keepdims=True)


def _shrunk(pattern: np.ndarray, left: np.ndarray) -> np.ndarray:
    days = np.isfinite(left).sum((1, 2))
    # Of n weeks' 7 n residuals, n levels and 6 weekdays were fitted.
    free = np.maximum(days - days / WEEK - (WEEK - 1), 1)
    noise = np.nansum(left**2, axis=(1, 2)) / free * WEEK / np.maximum(days, 1)
    square = (pattern**2).sum(1)
    by_chance = (WEEK - 3) * noise
    kept = np.where(square > by_chance, 1 - by_chance / np.maximum(square, 1e-300), 0.0)
    return pattern * kept[:, None]


def cut_outliers(residuals: np.ndarray) -> np.ndarray:
    """Residuals of each row, those farther off than `CUT` typical sizes set to that."""
    size = typical_size(residuals)
    # Where most residuals are 0, nothing tells an outlier.
    most = np.where(size > NO_SIZE, CUT * size, np.inf)[:, None, None]
    return np.clip(residuals, -most, most)
