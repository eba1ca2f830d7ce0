"""How far special days lay off their weekday in this history, shrunk where that is uncertain."""

import numpy as np

from assets.public.forecasting.bank_holidays import SpecialDays
from assets.public.forecasting.week_pattern import week_pattern
from assets.public.forecasting.windows import WEEK, median_of_observed, windows_to

# Weeks to either side whose median is the level that a special day is compared with.
_WEEKS_AROUND = 2
_FEWEST = 2


def special_effects(values: np.ndarray, special: SpecialDays) -> np.ndarray:
    """Effect of each day of the history and ahead of it.

    Bank holidays, their eves and the days after have one effect each: the mean over the history,
    shrunk towards 0 by its own uncertainty (James and Stein). A day of Christmas has what the same
    date had in the years before, shrunk by how far the Christmases seen stand out from noise.

    Args:
        values: daily values, oldest first, gaps NaN.
        special: of the same days and of those ahead.

    Returns:
        One effect a day in `special`, 0 on ordinary days; for Christmas 0 within the history.
    """
    effects = np.zeros(len(special.bank))
    residuals = _residuals(values)
    ordinary = ~(special.bank | special.eve | special.after | special.christmas)[: len(values)]
    if not np.isfinite(residuals[ordinary]).any():
        return effects
    noise = float(np.nanvar(residuals[ordinary]))
    for days in (special.bank, special.eve, special.after):
        own = residuals[days[: len(values)]]
        effects[days] = _shrunk_mean(own[np.isfinite(own)], noise)
    christmas = residuals[special.christmas[: len(values)]]
    square = (
        float(np.mean(christmas[np.isfinite(christmas)] ** 2))
        if np.isfinite(christmas).any()
        else 0
    )
    if square > noise:
        for day in len(values) + np.flatnonzero(special.christmas[len(values) :]):
            same = residuals[special.of_year[: len(values)] == special.of_year[day]]
            if np.isfinite(same).any():
                effects[day] = (1 - noise / square) * float(np.nanmean(same))
    return effects


def _residuals(values: np.ndarray) -> np.ndarray:
    days = len(values)
    whole = -(-days // WEEK) * WEEK
    pattern = week_pattern(windows_to(values, np.array([days - 1]), whole))[0]
    level = values - np.resize(pattern, whole)[whole - days :]
    reach = _WEEKS_AROUND * WEEK
    around = windows_to(
        np.append(level, np.full(reach, np.nan)), np.arange(days) + reach, 2 * reach + 1
    )
    return level - median_of_observed(around, 1)


def _shrunk_mean(own: np.ndarray, noise: float) -> float:
    if len(own) < _FEWEST:
        return 0.0
    mean = float(own.mean())
    # Two or three alike by chance would look certain: their own spread is no less than the noise.
    uncertain = max(float(own.var(ddof=1)), noise) / len(own)
    return mean * max(0.0, 1 - uncertain / mean**2) if mean else 0.0
