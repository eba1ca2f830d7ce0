"""What counts as a daily history, and how its missing days become NaN."""

import datetime as dt

import numpy as np
import pandas as pd

from assets.core.errors import ForecastInputError

WINDOW_DAYS = 42
REQUIRED_DAYS = 28


def complete_days(history: pd.Series) -> pd.Series:
    """Give every day from the first to the last a row.

    Args:
        history: as in `assets.public.forecasting.forecast_headline`.

    Returns:
        The same values as float64 on a gapless daily `DatetimeIndex`; missing days are NaN. An
        empty history stays empty.

    Raises:
        ForecastInputError: `HISTORY_INDEX_INVALID` if the index holds anything but days, twice
            the same day, or days out of order; `HISTORY_VALUES_INVALID` if a value is infinite or
            not a number.
    """
    days = _days(history.index)
    values = _values(history)
    if len(days) == 0:
        return pd.Series(values, index=days)
    if not (days.is_monotonic_increasing and days.is_unique):
        raise ForecastInputError("HISTORY_INDEX_INVALID")
    return pd.Series(values, index=days).reindex(pd.date_range(days[0], days[-1], freq="D"))


def _days(index: pd.Index) -> pd.DatetimeIndex:
    if isinstance(index, pd.DatetimeIndex):
        days = index.tz_localize(None)
    elif all(isinstance(day, dt.date) and not isinstance(day, dt.datetime) for day in index):
        days = pd.DatetimeIndex(pd.to_datetime(list(index)))
    else:
        raise ForecastInputError("HISTORY_INDEX_INVALID")
    if days.hasnans or not bool((days == days.normalize()).all()):
        raise ForecastInputError("HISTORY_INDEX_INVALID")
    return days.as_unit("us")


def _values(history: pd.Series) -> np.ndarray:
    values: np.ndarray | None = None
    if history.dtype != bool:
        try:
            values = history.to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError):
            # Raised below: this exception's own message would quote the value.
            values = None
    if values is None or np.isinf(values).any():
        raise ForecastInputError("HISTORY_VALUES_INVALID")
    return values
