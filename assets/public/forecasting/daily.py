"""The one entry: a daily history in, a mean and two bands for each day ahead out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.core.errors import ForecastInputError, TooFewDays
from assets.public.forecasting.bands import PastErrors, half_widths
from assets.public.forecasting.bank_holidays import SpecialDays, special_days
from assets.public.forecasting.history import REQUIRED_DAYS, WINDOW_DAYS, complete_days
from assets.public.forecasting.origins import TRIED_DAYS, origins_of, what_came
from assets.public.forecasting.point import LOOK_BACK, rows_to, smooth_line_ahead, weekly_days_ahead
from assets.public.forecasting.special_effects import special_effects

COLUMNS = ("mean", "lo80", "hi80", "lo95", "hi95")
LONGEST_HORIZON = 366
# Differences below this part of a history's size are rounding.
ROUNDING = 1e-9
# A smooth line foretells its next days far better from its last value; a weekly one never does.
_DAYS_THAT_TELL = 3
_MUCH_BETTER = 0.9
_FEWEST_ERRORS = 20
# Beyond, only a longer past of Christmases and bank holidays would be used.
_MOST_HISTORY = 5 * LOOK_BACK


@dataclass(frozen=True)
class _Tried:
    ahead: np.ndarray
    past: PastErrors

    @property
    def errors(self) -> int:
        return int(np.isfinite(self.past.errors).sum())


def forecast(history: pd.Series, horizon: int) -> pd.DataFrame:
    """Forecast a daily series by a mean of simple methods, with bands from their past errors.

    The first row is the day after the last day in `history`, whether or not that day is NaN. Days
    of a weekly pattern and lines without one are told apart by which way of looking ahead did
    better from past days. Bank holidays in England and Christmas are set apart. The bands are
    symmetric about the mean. A constant history has bands of zero width. Nothing is clipped.

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
    daily = enough_days(history).iloc[-_MOST_HISTORY:]
    values = daily.to_numpy(dtype=float)
    index = pd.date_range(daily.index[-1], periods=int(horizon) + 1, freq="D", name="day")[1:]
    centre = float(np.nanmedian(values))
    scale = float(np.nanmax(values) - np.nanmin(values))
    if scale <= ROUNDING * float(np.nanmax(np.abs(values))):
        flat = np.full((int(horizon), len(COLUMNS)), centre)
        return pd.DataFrame(flat, index=index, columns=list(COLUMNS))

    first = daily.index[0].date()
    days = max(int(horizon), TRIED_DAYS)
    tried = _chosen((values - centre) / scale, special_days(first, len(values) + days), days)
    mean = tried.ahead[: int(horizon)] * scale + centre
    half80, half95 = (half * scale for half in half_widths(tried.past, int(horizon)))
    bands = np.column_stack([mean, mean - half80, mean + half80, mean - half95, mean + half95])
    return pd.DataFrame(bands, index=index, columns=list(COLUMNS))


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


def _chosen(values: np.ndarray, special: SpecialDays, days: int) -> _Tried:
    weekly = _weekly(values, special, days)
    if weekly.errors < _FEWEST_ERRORS:
        # A short history over Christmas has little else to go by.
        weekly = _weekly(values, special.none(), days)
    line = _line(values, days)
    ours, theirs = (one.past.mean_size(_DAYS_THAT_TELL) for one in (weekly, line))
    return line if theirs < _MUCH_BETTER * ours else weekly


def _weekly(values: np.ndarray, special: SpecialDays, days: int) -> _Tried:
    known = len(values)
    effects = special_effects(values, special)
    adjusted = values - effects[:known]
    without_christmas = np.where(special.christmas[:known], np.nan, adjusted)
    origins = origins_of(without_christmas)
    # Within Christmas the days just gone are the best guide; afterwards they mislead.
    within = special.christmas[origins][:, None]
    rows = np.where(within, rows_to(adjusted, origins), rows_to(without_christmas, origins))
    ahead = weekly_days_ahead(rows, days)
    counted = np.where(special.unlike_others[:known], np.nan, values)
    errors = what_came(counted, origins, TRIED_DAYS) - ahead[:, :TRIED_DAYS]
    return _Tried(ahead[0] + effects[known:], PastErrors(errors, known - 1 - origins))


def _line(values: np.ndarray, days: int) -> _Tried:
    origins = origins_of(values)
    ahead = smooth_line_ahead(rows_to(values, origins), days)
    errors = what_came(values, origins, TRIED_DAYS) - ahead[:, :TRIED_DAYS]
    return _Tried(ahead[0], PastErrors(errors, len(values) - 1 - origins))
