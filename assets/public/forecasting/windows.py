"""Stretches of a daily series: many origins are worked on at once, as rows of one array."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

WEEK = 7


def windows_to(values: np.ndarray, origins: np.ndarray, length: int) -> np.ndarray:
    """The `length` days up to each origin.

    Args:
        values: daily values, oldest first, gaps NaN.
        origins: positions in `values`.
        length: days.

    Returns:
        One row an origin, its last column the origin's own day; days before the first are NaN.
    """
    padded = np.concatenate([np.full(length, np.nan), values])
    return sliding_window_view(padded, length)[np.asarray(origins) + 1]


def mean_of_observed(values: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    """The mean along `axis` of what is not NaN; NaN, without a warning, where nothing is."""
    observed = np.isfinite(values)
    count = observed.sum(axis)
    total = np.where(observed, values, 0.0).sum(axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def median_of_observed(values: np.ndarray, axis: int) -> np.ndarray:
    """The median along `axis` of what is not NaN; NaN, without a warning, where nothing is."""
    ordered = np.sort(values, axis)
    count = np.isfinite(values).sum(axis, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis)
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[axis] - 1), axis)
    return np.squeeze(np.where(count > 0, (low + high) / 2, np.nan), axis)


def typical_size(residuals: np.ndarray) -> np.ndarray:
    """A standard deviation that outliers do not move, of each row: 1.4826 x median |residual|."""
    sizes = np.abs(residuals).reshape(len(residuals), -1)
    return 1.4826 * median_of_observed(sizes, 1)
