"""The forecast of single days that the headline's stands on: no published number is made by it.

It is kept to hold the parts that they share against rivals, day by day.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.public.forecasting.bands import PastErrors, half_widths
from assets.public.forecasting.bank_holidays import SpecialDays, special_days
from assets.public.forecasting.daily import COLUMNS, ROUNDING, enough_days
from assets.public.forecasting.local_level import OF_NOISY_DAYS, LocalLevel
from assets.public.forecasting.origins import origins_of, what_came
from assets.public.forecasting.point import LOOK_BACK, rows_to, smooth_line_ahead
from assets.public.forecasting.smoothing import smoothed_levels
from assets.public.forecasting.special_effects import special_effects
from assets.public.forecasting.week_pattern import cut_outliers, week_pattern
from assets.public.forecasting.windows import WEEK, mean_of_observed, median_of_observed

TRIED_DAYS = 14
WEEKS_OF_MEANS = 8
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
        horizon: days ahead, from 1.

    Returns:
        `horizon` rows indexed by day (`DatetimeIndex` named "day", no time zone), columns mean,
        lo80, hi80, lo95, hi95 in the units of `history`, with
        lo95 <= lo80 <= mean <= hi80 <= hi95.

    Raises:
        TooFewDays: `TOO_FEW_DAYS`, under 28 of the last 42 days up to the last one are observed.
        ForecastInputError: `HISTORY_INDEX_INVALID`, `HISTORY_VALUES_INVALID`.
    """
    daily = enough_days(history).iloc[-_MOST_HISTORY:]
    values = daily.to_numpy(dtype=float)
    index = pd.date_range(daily.index[-1], periods=horizon + 1, freq="D", name="day")[1:]
    centre = float(np.nanmedian(values))
    scale = float(np.nanmax(values) - np.nanmin(values))
    if scale <= ROUNDING * float(np.nanmax(np.abs(values))):
        flat = np.full((horizon, len(COLUMNS)), centre)
        return pd.DataFrame(flat, index=index, columns=list(COLUMNS))

    first = daily.index[0].date()
    days = max(horizon, TRIED_DAYS)
    tried = _chosen((values - centre) / scale, special_days(first, len(values) + days), days)
    mean = tried.ahead[:horizon] * scale + centre
    half80, half95 = (half * scale for half in half_widths(tried.past, horizon))
    bands = np.column_stack([mean, mean - half80, mean + half80, mean - half95, mean + half95])
    return pd.DataFrame(bands, index=index, columns=list(COLUMNS))


def weekly_days_ahead(rows: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast days that follow a weekly pattern: (origins, horizon).

    The mean of four: the pattern upon a level smoothed for tomorrow (Theta without its drift),
    smoothed for a fortnight, and filtered as returning to a mean; and weekday means of 8 weeks.
    """
    weekday = np.arange(horizon) % WEEK
    pattern = week_pattern(rows)
    level = rows - np.tile(pattern, rows.shape[1] // WEEK)
    by_day, by_fortnight = smoothed_levels(level)
    levels = (by_day + by_fortnight)[:, None] + LocalLevel.at_end_of(
        level, OF_NOISY_DAYS
    ).days_ahead(horizon)
    means = weekday_means(rows, WEEKS_OF_MEANS)[:, weekday]
    return (levels + 3 * pattern[:, weekday] + means) / 4


def weekday_means(windows: np.ndarray, weeks: int) -> np.ndarray:
    """The mean of each weekday over the last weeks.

    Args:
        windows: rows of days up to an origin, gaps NaN, at least one of the last weeks observed.
        weeks: how many weeks back.

    Returns:
        A row of 7 for each, column j the weekday of day j + 1 ahead. A weekday with no value gets
        the mean of them all.
    """
    last = windows[:, -WEEK * weeks :].reshape(len(windows), -1, WEEK)
    centre = median_of_observed(last, 1)
    means = centre + mean_of_observed(cut_outliers(last - centre[:, None]), 1)
    overall = mean_of_observed(means, 1)
    return np.where(np.isfinite(means), means, overall[:, None])


def _chosen(values: np.ndarray, special: SpecialDays, days: int) -> _Tried:
    weekly = _weekly(values, special, days)
    if weekly.errors < _FEWEST_ERRORS:
        # A short history over Christmas has little else to go by.
        weekly = _weekly(values, _none_of(special), days)
    line = _line(values, days)
    ours, theirs = (_mean_size(one.past, _DAYS_THAT_TELL) for one in (weekly, line))
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
    counted = np.where((special.bank | special.after | special.christmas)[:known], np.nan, values)
    errors = what_came(counted, origins, TRIED_DAYS) - ahead[:, :TRIED_DAYS]
    return _Tried(ahead[0] + effects[known:], PastErrors(errors, known - 1 - origins))


def _line(values: np.ndarray, days: int) -> _Tried:
    origins = origins_of(values)
    ahead = smooth_line_ahead(rows_to(values, origins), days)
    errors = what_came(values, origins, TRIED_DAYS) - ahead[:, :TRIED_DAYS]
    return _Tried(ahead[0], PastErrors(errors, len(values) - 1 - origins))


def _mean_size(past: PastErrors, horizon: int) -> float:
    """The weighted mean of the absolute errors up to so many days ahead."""
    weights = past.weights[:, :horizon]
    sizes = np.abs(np.nan_to_num(past.errors[:, :horizon]))
    return float((weights * sizes).sum() / max(weights.sum(), 1e-12))


def _none_of(special: SpecialDays) -> SpecialDays:
    no = np.zeros_like(special.bank)
    return SpecialDays(no, no, no, no, special.of_year)
