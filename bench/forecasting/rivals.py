"""What the forecast is held against: simple ways to look ahead, and one heavier model."""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np

from assets.public.forecasting.backtest import Tried
from assets.public.forecasting.bank_holidays import special_days
from assets.public.forecasting.origins import origins_of, what_came
from assets.public.forecasting.windows import WEEK, windows_to

HORIZON = 14
_SEASON_WEEKS = 52

# From values (gaps NaN), origins and the first day to forecasts (origins, HORIZON).
Way = Callable[[np.ndarray, np.ndarray, date], np.ndarray]


def no_change(values: np.ndarray, origins: np.ndarray, _first: date) -> np.ndarray:
    return np.repeat(_carried_on(values)[origins][:, None], HORIZON, 1)


def seasonal_naive(values: np.ndarray, origins: np.ndarray, _first: date) -> np.ndarray:
    week = windows_to(_filled(values), origins, WEEK)
    return week[:, np.arange(HORIZON) % WEEK]


def naive2(values: np.ndarray, origins: np.ndarray, _first: date) -> np.ndarray:
    """No change of the seasonally adjusted series, as in the M competitions; tested, divided."""
    ahead = np.empty((len(origins), HORIZON))
    for row, origin in enumerate(origins):
        known = _filled(values[: origin + 1])[-_SEASON_WEEKS * WEEK :]
        index = _indices(known)
        ahead[row] = known[-1] / index[-1] * index[np.arange(HORIZON) % WEEK]
    return ahead


def ridge(values: np.ndarray, origins: np.ndarray, first: date) -> np.ndarray:
    """Ridge regression on lags, weekday and bank holidays; all days ahead in one model."""
    from sklearn.linear_model import Ridge  # noqa: PLC0415  (slow to import)

    origin = int(origins[0])
    known = values[: origin + 1]
    special = special_days(first, len(known) + HORIZON)
    flags = np.column_stack([special.bank, special.christmas, special.eve, special.after])
    past = np.arange(28, len(known) - 1)
    came = what_came(known, past, HORIZON)
    size = float(np.nanstd(known)) or 1.0
    level = np.nanmean(windows_to(known, past, 28), 1)
    features = _features(known, past, flags, level, size)
    target = ((came - level[:, None]) / size).ravel()
    seen = np.isfinite(target)
    model = Ridge(alpha=10.0)
    model.fit(features[seen], target[seen])
    here = np.array([origin])
    now = np.nanmean(windows_to(known, here, 28), 1)
    return (model.predict(_features(known, here, flags, now, size)) * size + now)[None]


RIVALS: Mapping[str, Way] = {
    "naive2": naive2,
    "seasonal naive": seasonal_naive,
    "no change": no_change,
}


def bands_of(way: Way, values: np.ndarray, first: date) -> np.ndarray:
    """Mean, lo80, hi80, lo95, hi95 of each day ahead; bands from its own past errors, as ours."""
    origins = origins_of(values)
    ahead = way(values, origins, first)
    return Tried(ahead, what_came(values, origins, HORIZON), origins).bands()


def _features(
    known: np.ndarray, origins: np.ndarray, flags: np.ndarray, level: np.ndarray, size: float
) -> np.ndarray:
    weekday = np.arange(HORIZON) % WEEK
    # A gap is taken to lie at the level.
    window = np.nan_to_num((windows_to(known, origins, 28) - level[:, None]) / size)
    same = window.reshape(len(origins), 4, WEEK)[:, :, weekday]
    recent = np.repeat(window[:, -WEEK:].mean(1)[:, None], HORIZON, 1)
    last = np.repeat(window[:, -1:], HORIZON, 1)
    ahead = np.arange(1, HORIZON + 1)
    day = origins[:, None] + ahead
    columns = [*same.transpose(1, 0, 2), *flags[day].transpose(2, 0, 1), recent, last]
    columns += [np.broadcast_to(ahead, day.shape), *(day % WEEK == one for one in range(WEEK))]
    return np.stack([np.asarray(one, dtype=float) for one in columns], axis=-1).reshape(
        len(origins) * HORIZON, -1
    )


def _indices(known: np.ndarray) -> np.ndarray:
    whole = known[len(known) % WEEK :].reshape(-1, WEEK)
    centred = known - known.mean()
    lags = [float((centred[lag:] * centred[:-lag]).sum()) for lag in range(1, WEEK + 1)]
    first = np.array(lags) / max(float((centred**2).sum()), 1e-12)
    limit = 1.645 * np.sqrt((1 + 2 * (first[:-1] ** 2).sum()) / len(known))
    if abs(first[-1]) <= limit or known.min() <= 0:
        return np.ones(WEEK)
    index = np.median(whole / whole.mean(1, keepdims=True), axis=0)
    return index / index.mean()


def _carried_on(values: np.ndarray) -> np.ndarray:
    at = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), 0))
    return values[at]


def _filled(values: np.ndarray) -> np.ndarray:
    filled = values.copy()
    for day in range(WEEK, len(filled)):
        if not np.isfinite(filled[day]):
            filled[day] = filled[day - WEEK]
    fallback = np.nanmedian(values)
    return np.where(np.isfinite(filled), filled, fallback)
