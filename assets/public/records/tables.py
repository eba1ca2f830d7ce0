"""Checks and rounds the published tables: what chart, table and data files all start from."""

import re
from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PublicationError
from assets.public.records.retractions import REASONS

DECIMALS = 3
STATUSES = ("published", "not_published", "retracted")
PEOPLE_BAND = re.compile(r"[1-9]\d{0,3}0(\+|-[1-9]\d{0,3}9)")
"""Bands of whole tens, such as "30-49" or "500+", of this and of earlier method versions."""
FIRST_VALUES = ["estimate", "standard_error", "value_7d"]
LATER_VALUES = [
    "standard_error_7d",
    "detectable_change_7d",
    "value_28d",
    "standard_error_28d",
    "detectable_change_28d",
]
PUBLISHED_VALUES = [*FIRST_VALUES, *LATER_VALUES]
BESIDE_VALUES = ["people_band", "micro_rho", "reason"]
PUBLISHED_COLUMNS = [
    "region",
    "day",
    "construct",
    *PUBLISHED_VALUES,
    "status",
    *BESIDE_VALUES,
    "method_version",
    "revision",
]
FORECAST_VALUES = ["mean", "lo80", "hi80", "lo95", "hi95"]
FORECAST_COLUMNS = [
    "region",
    "construct",
    "day",
    *FORECAST_VALUES,
    "made_on",
    "weeks_ahead",
    "method",
]
NO_WEEK = 0
"""`weeks_ahead` of a day's row."""

_KEY = ["region", "construct", "day"]
_INVALID = "PUBLISHED_TABLE_INVALID"
_DAYS = ("day", "made_on")
_WHOLE = ("micro_rho", "revision", "weeks_ahead")
_WORDS = ("people_band", "reason", "method")


def checked_published(published: pd.DataFrame, regions: Collection[str]) -> pd.DataFrame:
    """Published rows as they may be shown.

    Whatever a row that is not published holds, but for its revision and method version, is dropped
    here: what was spent or measured on such a day would tell why it is not published.

    Args:
        published: columns `PUBLISHED_COLUMNS`, in any order; one row for each region, day and
            construct. `reason` is a code of `assets.public.records.retractions.REASONS` on a
            retracted row, may be one on others, and no other word anywhere.
        regions: ids of the regions that the page names.

    Returns:
        The same columns sorted by region, construct and day; `day` as midnight timestamps; values
        rounded to 3 decimals, NaN wherever the status is not "published", where the band and
        the budget are missing, too.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    table = _checked(published, PUBLISHED_COLUMNS, regions)
    status, reason, band = table["status"], table["reason"], table["people_band"]
    explained = reason.isin(list(REASONS))
    known = [
        status.isin(STATUSES),
        explained | (reason.isna() & (status != "retracted")),
        band.isna() | band.map(_is_band),
    ]
    if not np.all(known) or np.any(table.duplicated(subset=_KEY).to_numpy()):
        raise PublicationError(_INVALID)
    hidden = status != "published"
    table.loc[hidden, PUBLISHED_VALUES] = np.nan
    table.loc[hidden, "people_band"] = None
    table.loc[hidden, "micro_rho"] = pd.NA
    table.loc[status == "not_published", "reason"] = None
    return table


def checked_forecasts(forecasts: pd.DataFrame, regions: Collection[str]) -> pd.DataFrame:
    """The newest forecast of each series, as it may be shown.

    Args:
        forecasts: columns `FORECAST_COLUMNS`, in any order; `weeks_ahead` is 0 on the rows of
            days and the number of weeks on those of weeks; earlier forecasts are left out.
        regions: ids of the regions that the page names.

    Returns:
        The same columns sorted by region, construct, weeks and day, values rounded to 3 decimals
        and cut at 0 and 1, beyond which no score lies.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    table = _checked(forecasts, FORECAST_COLUMNS, regions)
    if table.filter(items=[*FORECAST_VALUES, "weeks_ahead"]).isna().to_numpy().any():
        raise PublicationError(_INVALID)
    table[FORECAST_VALUES] = table[FORECAST_VALUES].clip(0.0, 1.0)
    newest = table.groupby(["region", "construct"])["made_on"].transform("max")
    table = table.loc[table["made_on"] == newest]
    key = ["region", "construct", "weeks_ahead", "day"]
    table = table.sort_values(key, ignore_index=True)
    is_week = table["weeks_ahead"] != NO_WEEK
    by_week = table.loc[is_week].duplicated(subset=key[:3])
    if table.duplicated(subset=key).any() or by_week.any():
        raise PublicationError(_INVALID)
    return table


def dates(days: pd.DatetimeIndex) -> tuple[date, ...]:
    """Midnight timestamps as days."""
    return tuple(day.date() for day in days)


def _checked(table: pd.DataFrame, columns: list[str], regions: Collection[str]) -> pd.DataFrame:
    if not set(columns) <= set(table.columns):
        raise PublicationError(_INVALID)
    known = table["region"].isin(list(regions)) & table["construct"].isin(CONSTRUCTS)
    if not np.all(known.to_numpy()):
        raise PublicationError(_INVALID)
    clean = _typed(table, columns)
    if clean is None:
        raise PublicationError(_INVALID)
    return clean.sort_values(_KEY, ignore_index=True)


def _typed(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame | None:
    """None instead of an exception, because pandas' own messages would quote a cell."""
    clean = table.filter(items=columns).copy()
    try:
        for column in columns:
            if column in _DAYS:
                days = pd.to_datetime(clean[column]).dt.normalize().astype("datetime64[s]")
                if np.any(days.isna().to_numpy()):
                    return None
                clean[column] = days
            elif column in (*PUBLISHED_VALUES, *FORECAST_VALUES):
                # Adding 0.0 turns -0.0, which would print as "-0.000", into 0.0.
                clean[column] = clean[column].astype("float64").round(DECIMALS) + 0.0
                if np.isinf(clean[column].to_numpy()).any():
                    return None
            elif column in _WHOLE:
                clean[column] = clean[column].astype("Int64")
            elif column in _WORDS:
                words = [_word(cell) for cell in clean[column]]
                clean[column] = pd.Series(words, index=clean.index, dtype=object)
    except (TypeError, ValueError, AttributeError):
        return None
    return clean


def _is_band(cell: object) -> bool:
    return isinstance(cell, str) and PEOPLE_BAND.fullmatch(cell) is not None


def _word(cell: object) -> str | None:
    if isinstance(cell, str):
        return cell
    if cell is None or cell is pd.NA or cell != cell:  # noqa: PLR0124 - NaN of any type
        return None
    raise TypeError
