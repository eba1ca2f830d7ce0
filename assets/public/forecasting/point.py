"""Looking ahead along a smooth line, and the days that it is done from."""

import numpy as np

from assets.public.forecasting.local_level import OF_A_SMOOTH_LINE, LocalLevel
from assets.public.forecasting.smoothing import last_and_mean, smoothed_levels
from assets.public.forecasting.windows import WEEK, windows_to

LOOK_BACK = 52 * WEEK
MONTH = 28
# Of a 7-day mean a seventh is new each day; from a week on the last value says least.
_MOST_FROM_MEANS = 0.75


def rows_to(values: np.ndarray, origins: np.ndarray) -> np.ndarray:
    """The last 52 weeks up to each origin, or as many as there are: a whole number of weeks."""
    length = min(LOOK_BACK, -(-(int(origins.max()) + 1) // WEEK) * WEEK)
    return windows_to(values, origins, length)


def smooth_line_ahead(rows: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast a line without a weekly pattern, such as a 7-day mean: (origins, horizon).

    The mean of two: a level that returns to its mean, and the last value giving way over 7 days to
    the level smoothed for a fortnight and the mean of 28 days.
    """
    last, month = last_and_mean(rows, MONTH)
    _, by_fortnight = smoothed_levels(rows)
    given_way = _MOST_FROM_MEANS * np.minimum(np.arange(1, horizon + 1), WEEK) / WEEK
    means = (by_fortnight + month) / 2
    ramp = last[:, None] + given_way * (means - last)[:, None]
    return (LocalLevel.at_end_of(rows, OF_A_SMOOTH_LINE).days_ahead(horizon) + ramp) / 2
