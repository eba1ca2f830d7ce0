"""A daily history long enough to be forecast."""

import numpy as np
import pandas as pd

from assets.core.errors import TooFewDays
from assets.public.forecasting.history import REQUIRED_DAYS, WINDOW_DAYS, complete_days

COLUMNS = ("mean", "lo80", "hi80", "lo95", "hi95")
# Differences below this part of a history's size are rounding.
ROUNDING = 1e-9


def enough_days(history: pd.Series) -> pd.Series:
    """As `complete_days`, refusing what has under 28 observed of its last 42 days.

    Raises:
        TooFewDays: `TOO_FEW_DAYS`.
        ForecastInputError: `HISTORY_INDEX_INVALID`, `HISTORY_VALUES_INVALID`.
    """
    daily = complete_days(history)
    if np.count_nonzero(np.isfinite(daily.to_numpy()[-WINDOW_DAYS:])) < REQUIRED_DAYS:
        raise TooFewDays("TOO_FEW_DAYS")
    return daily
