"""Past origins: days from which the same method can be tried on what came after."""

import numpy as np

from assets.public.forecasting.windows import windows_to

STEP = 3
MOST = 30
_OBSERVED_OF = 28
_OBSERVED = 14


def origins_of(values: np.ndarray, most: int = MOST) -> np.ndarray:
    """The last day, then every third day before it, with 14 of its last 28 observed.

    An origin has 28 days behind it, or half the history if that is less: from fewer, errors are
    larger than those to come.

    Args:
        values: daily values, oldest first, gaps NaN.
        most: so many before the last day at most.

    Returns:
        Positions in `values`, the last day first whether or not enough is observed there.
    """
    last = len(values) - 1
    back = last - STEP * np.arange(most + 1)
    back = back[back + 1 >= min(_OBSERVED_OF, len(values) // 2)]
    observed = np.isfinite(windows_to(values, back, _OBSERVED_OF)).sum(1)
    return back[(observed >= _OBSERVED) | (back == last)]


def what_came(values: np.ndarray, origins: np.ndarray, days: int) -> np.ndarray:
    """The days after each origin, (origins, days); NaN where unobserved or after the last day."""
    beyond = np.concatenate([values, np.full(days, np.nan)])
    return beyond[origins[:, None] + np.arange(1, days + 1)]
