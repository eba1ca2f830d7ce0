"""The point forecast: the mean of the last four observed same weekdays' weeks."""

import numpy as np

WEEK = 7
WEEKS = 4
WINDOW = WEEK * WEEKS


def means_ahead(window: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast each day ahead by the mean of its weekday in the window.

    Args:
        window: the last 28 days, oldest first, gaps NaN; a shorter one is filled with gaps in
            front. At least one day must be observed.
        horizon: days ahead, from 1.

    Returns:
        `horizon` means. A weekday with no observed day in the window gets the window's mean.
    """
    padded = np.full(WINDOW, np.nan)
    padded[WINDOW - len(window) :] = window
    by_week = padded.reshape(WEEKS, WEEK)
    observed = np.isfinite(by_week)
    counts = observed.sum(axis=0)
    sums = np.where(observed, by_week, 0.0).sum(axis=0)
    overall = sums.sum() / counts.sum()
    weekday = np.where(counts > 0, sums / np.maximum(counts, 1), overall)
    # Column j of the window is the weekday of day j + 1 ahead.
    return weekday[np.arange(horizon) % WEEK]
