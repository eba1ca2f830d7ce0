"""The one entry: a daily history in, a mean and two bands for each day ahead out."""

import numpy as np
import pandas as pd

from assets.forecasting.bands import half_widths
from assets.forecasting.history import REQUIRED_DAYS, WINDOW_DAYS, complete_days
from assets.forecasting.weekday_means import WINDOW, means_ahead
from assets.governance.errors import ForecastInputError, TooFewDays

COLUMNS = ("mean", "lo80", "hi80", "lo95", "hi95")
LONGEST_HORIZON = 366


def forecast(history: pd.Series, horizon: int) -> pd.DataFrame:
    """Forecast a daily series by same-weekday means of four weeks, with empirical bands.

    The first row is the day after the last day in `history`, whether or not that day is NaN. The
    bands are symmetric about the mean: quantiles of the errors that the same method made from
    earlier days of this history, pooled over horizons with a spread that grows linearly. A
    constant history has bands of zero width. Nothing is clipped.

    Args:
        history: one value a day on any scale, in day order; the index is a `DatetimeIndex` at
            midnight or holds `datetime.date`; a gap is a NaN or a day left out. Time zones are
            dropped.
        horizon: days ahead, 1 to 366.

    Returns:
        `horizon` rows indexed by day (`DatetimeIndex` named "day", no time zone), columns mean,
        lo80, hi80, lo95, hi95 in the units of `history`, with
        lo95 <= lo80 <= mean <= hi80 <= hi95.

    Raises:
        TooFewDays: `TOO_FEW_DAYS`, under 28 of the last 42 days up to the last one are observed.
        ForecastInputError: `HORIZON_INVALID`, `HISTORY_INDEX_INVALID`, `HISTORY_VALUES_INVALID`.
    """
    if (
        isinstance(horizon, bool)
        or not isinstance(horizon, (int, np.integer))
        or not 1 <= horizon <= LONGEST_HORIZON
    ):
        raise ForecastInputError("HORIZON_INVALID")
    daily = complete_days(history)
    values = daily.to_numpy(dtype=float)
    if np.count_nonzero(np.isfinite(values[-WINDOW_DAYS:])) < REQUIRED_DAYS:
        raise TooFewDays("TOO_FEW_DAYS")

    # At most 14 days of the last 42 are missing, so the last 28 always hold one.
    mean = means_ahead(values[-WINDOW:], int(horizon))
    half80, half95 = half_widths(values, int(horizon))
    index = pd.date_range(daily.index[-1], periods=int(horizon) + 1, freq="D", name="day")[1:]
    bands = np.column_stack([mean, mean - half80, mean + half80, mean - half95, mean + half95])
    return pd.DataFrame(bands, index=index, columns=list(COLUMNS))
