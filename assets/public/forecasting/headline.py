"""The forecast of a headline: a line of moving means, looked ahead from itself and its days."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from assets.public.forecasting.backtest import Tried, beats
from assets.public.forecasting.bank_holidays import SpecialDays, special_days
from assets.public.forecasting.daily import COLUMNS, ROUNDING, enough_days
from assets.public.forecasting.history import REQUIRED_DAYS, WINDOW_DAYS, complete_days
from assets.public.forecasting.local_level import OF_NOISY_DAYS, LocalLevel
from assets.public.forecasting.origins import origins_of, what_came
from assets.public.forecasting.point import rows_to, smooth_line_ahead
from assets.public.forecasting.smoothing import last_and_mean
from assets.public.forecasting.special_effects import special_effects
from assets.public.forecasting.week_pattern import week_pattern
from assets.public.forecasting.windows import WEEK, mean_of_observed, windows_to

DAYS_AHEAD = 28
ORIGINS = 60
Method = Literal["local_level", "no_change"]


@dataclass(frozen=True)
class HeadlineForecast:
    """A forecast of 28 days, and what "no change" would have said.

    Attributes:
        method: "local_level", or "no_change" where nothing better was found.
        ahead: 28 rows indexed by day (`DatetimeIndex`), columns as of `forecast`.
        no_change: the same of the last value with bands from its own past errors.
    """

    method: Method
    ahead: pd.DataFrame
    no_change: pd.DataFrame


def forecast_headline(
    line: pd.Series, daily: pd.Series | None, window: int = WEEK
) -> HeadlineForecast:
    """Forecast a line of moving means, unless "no change" does as well.

    The mean of two: the line carried on as a smooth line; and, where days are published, the
    moving mean of a level that wanders and returns to a mean, with weekday pattern and bank
    holidays set apart. The better of that and "no change" by interval score over weeks +1 to +4
    from past days of the same line, if any could be tried, is the forecast.

    Args:
        line: the headline as published by day, gaps NaN or left out; see `forecast`.
        daily: the single days behind it, of the same method; None if they are not published.
        window: days of the moving mean.

    Returns:
        Forecast and "no change", each with lo95 <= lo80 <= mean <= hi80 <= hi95, never clipped.

    Raises:
        TooFewDays: `TOO_FEW_DAYS`, under 28 of the last 42 days of the line are observed.
        ForecastInputError: `HISTORY_INDEX_INVALID`, `HISTORY_VALUES_INVALID`.
    """
    whole = enough_days(line)
    values = whole.to_numpy(dtype=float)
    index = pd.date_range(whole.index[-1], periods=DAYS_AHEAD + 1, freq="D", name="day")[1:]
    days = np.full(len(values), np.nan)
    if daily is not None:
        days = complete_days(daily).reindex(whole.index).to_numpy(dtype=float)
    centre = float(np.nanmedian(values))
    scale = float(np.nanmax(values) - np.nanmin(values))
    if scale <= ROUNDING * float(np.nanmax(np.abs(values))):
        flat = _table(np.full((DAYS_AHEAD, len(COLUMNS)), centre), index)
        return HeadlineForecast("no_change", flat, flat)

    values, days = (values - centre) / scale, (days - centre) / scale
    origins = origins_of(values, ORIGINS)
    rows = rows_to(values, origins)
    came = what_came(values, origins, DAYS_AHEAD)
    ahead = smooth_line_ahead(rows, DAYS_AHEAD)
    deviations = None
    if np.isfinite(days[-WINDOW_DAYS:]).sum() >= REQUIRED_DAYS:
        first = date.fromisoformat(str(whole.index[0])[:10])
        special = special_days(first, len(values) + DAYS_AHEAD)
        from_days, deviations = _from_days(values, days, origins, special, window)
        ahead = (ahead + from_days) / 2
    last, _ = last_and_mean(rows, WEEK)
    ours = Tried(ahead, came, origins, window, deviations)
    theirs = Tried(np.repeat(last[:, None], DAYS_AHEAD, 1), came, origins, window)
    no_change = _table(theirs.bands() * scale + centre, index)
    if not beats(ours, theirs):
        return HeadlineForecast("no_change", no_change, no_change)
    return HeadlineForecast("local_level", _table(ours.bands() * scale + centre, index), no_change)


def _from_days(
    line: np.ndarray, days: np.ndarray, origins: np.ndarray, special: SpecialDays, window: int
) -> tuple[np.ndarray, np.ndarray]:
    known = len(days)
    effects = special_effects(days, special)
    rows = rows_to(days - effects[:known], origins)
    pattern = week_pattern(rows)
    level = rows - np.tile(pattern, rows.shape[1] // WEEK)
    # An origin early in the history may have no day before it.
    level = np.where(np.any(np.isfinite(level), axis=1, keepdims=True), level, 0.0)
    shared = windows_to(days, origins, window)[:, 1:]
    plain = level[:, -(window - 1) :] if window > 1 else level[:, :0]
    filtered = LocalLevel.at_end_of(level, OF_NOISY_DAYS)
    means, deviations = filtered.means_over(plain, DAYS_AHEAD)

    beyond = np.concatenate([effects, np.zeros(DAYS_AHEAD)])
    off = np.nan_to_num(shared - plain)
    counted = np.isfinite(shared)
    # The line weighs days by their people, we do not: what is shared with it keeps the difference.
    plainly = mean_of_observed(windows_to(days, origins, window), 1)
    apart = np.nan_to_num(line[origins] - plainly)
    for ahead in range(1, DAYS_AHEAD + 1):
        future = np.arange(max(1, ahead - window + 1), ahead + 1)
        past = slice(min(ahead - 1, window - 1), None)
        total = off[:, past].sum(1) + pattern[:, (future - 1) % WEEK].sum(1)
        total += beyond[origins[:, None] + future].sum(1)
        means[:, ahead - 1] += total / (counted[:, past].sum(1) + len(future))
        means[:, ahead - 1] += apart * max(0.0, 1 - ahead / window)
    return means, deviations


def _table(bands: np.ndarray, index: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame(bands, index=index, columns=list(COLUMNS))
