"""Empirical bands: how wrong the same method was from earlier days of the same series."""

import numpy as np

from assets.forecasting.weekday_means import WINDOW, means_ahead

ORIGINS = 120
# An origin forecasts from at least this many observed days of its 28, so that a history which
# only just qualifies still has origins in its first half.
ORIGIN_MIN_DAYS = 14
CALIBRATED_DAYS = 14
# Lower, the correction would push the 80% band of a smooth line out to its largest errors.
FEWEST_INDEPENDENT = 12.0


def half_widths(values: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Half-widths of the 80 % and 95 % bands for each day ahead.

    Errors from up to 120 rolling origins, 1 to 14 days ahead, are divided by a spread linear in
    the horizon and pooled; the quantile of their size, corrected for how many independent errors
    it rests on, times the spread is the half-width. Beyond 14 days the spread goes on along
    its line.

    Args:
        values: daily values, oldest first, gaps NaN; at least 28 of the last 42 observed.
        horizon: days ahead, from 1.

    Returns:
        Two arrays of `horizon` half-widths, each at least 0, the second nowhere below the first.
    """
    errors, ahead, target = _rolling_errors(values)
    sizes = np.abs(errors)
    level, growth = _spread(sizes, ahead)
    if level == 0:
        return np.zeros(horizon), np.zeros(horizon)
    scaled = sizes / (level + growth * ahead)
    independent = _independent_days(errors[ahead == 1], target[ahead == 1])
    spread = level + growth * np.arange(1, horizon + 1)
    half80, half95 = (
        float(np.quantile(scaled, min(1.0, share * (1 + 1 / independent)))) * spread
        for share in (0.80, 0.95)
    )
    return half80, half95


def _rolling_errors(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    errors: list[np.ndarray] = []
    ahead: list[np.ndarray] = []
    target: list[np.ndarray] = []
    last = len(values) - 1
    for origin in range(max(0, last - ORIGINS), last):
        window = values[max(0, origin - WINDOW + 1) : origin + 1]
        if np.isfinite(window).sum() < ORIGIN_MIN_DAYS:
            continue
        actual = values[origin + 1 : origin + 1 + CALIBRATED_DAYS]
        error = actual - means_ahead(window, len(actual))
        seen = np.flatnonzero(np.isfinite(error))
        errors.append(error[seen])
        ahead.append(seen + 1)
        target.append(seen + 1 + origin)
    return np.concatenate(errors), np.concatenate(ahead), np.concatenate(target)


def _independent_days(errors: np.ndarray, target: np.ndarray) -> float:
    """How many independent errors the day-ahead errors are worth, by their lag-1 correlation."""
    follows = np.flatnonzero(np.diff(target) == 1)
    square = float((errors**2).mean()) if len(errors) else 0.0
    if len(follows) == 0 or square == 0:
        return max(FEWEST_INDEPENDENT, float(len(errors)))
    lagged = float((errors[follows] * errors[follows + 1]).mean()) / square
    kept = min(max(lagged, 0.0), 0.95)
    return max(FEWEST_INDEPENDENT, len(errors) * (1 - kept) / (1 + kept))


def _spread(sizes: np.ndarray, ahead: np.ndarray) -> tuple[float, float]:
    """Level and growth of a line through the mean error size by days ahead; growth never < 0."""
    mean = float(sizes.mean())
    centred = ahead - ahead.mean()
    square = float((centred**2).sum())
    growth = max(0.0, float((centred * sizes).sum()) / square) if square > 0 else 0.0
    level = mean - growth * float(ahead.mean())
    # A line that falls below zero at the near end would make near bands vanish.
    if level < mean / 2:
        level, growth = mean / 2, (mean / 2) / float(ahead.mean())
    return level, growth
