"""Checks and rounds the published tables: what chart, table and CSV all start from."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import PublicationError

DECIMALS = 3
STATUSES = ("published", "not_published", "retracted")
PUBLISHED_VALUES = ["estimate", "standard_error", "value_7d"]
PUBLISHED_COLUMNS = [
    "region",
    "day",
    "construct",
    *PUBLISHED_VALUES,
    "status",
    "method_version",
    "revision",
]
FORECAST_VALUES = ["mean", "lo80", "hi80", "lo95", "hi95"]
FORECAST_COLUMNS = ["region", "construct", "day", *FORECAST_VALUES, "made_on"]
_KEY = ["region", "construct", "day"]
_INVALID = "PUBLISHED_TABLE_INVALID"


def checked_published(published: pd.DataFrame, regions: Collection[str]) -> pd.DataFrame:
    """Published rows as they may be shown.

    Args:
        published: columns `PUBLISHED_COLUMNS`, in any order; one row for each region, day and
            construct.
        regions: ids of the regions that the page names.

    Returns:
        The same columns sorted by region, construct and day; `day` as midnight timestamps; values
        rounded to 3 decimals, NaN wherever the status is not "published".

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    table = _checked(published, PUBLISHED_COLUMNS, PUBLISHED_VALUES, ["day"], regions)
    if not np.all(table["status"].isin(STATUSES).to_numpy()):
        raise PublicationError(_INVALID)
    if table.duplicated(subset=_KEY).any():
        raise PublicationError(_INVALID)
    table.loc[table["status"] != "published", PUBLISHED_VALUES] = np.nan
    return table


def checked_forecasts(forecasts: pd.DataFrame, regions: Collection[str]) -> pd.DataFrame:
    """The newest forecast of each series, as it may be shown.

    Args:
        forecasts: columns `FORECAST_COLUMNS`, in any order; earlier forecasts are left out.
        regions: ids of the regions that the page names.

    Returns:
        The same columns sorted by region, construct and day, values rounded to 3 decimals.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    table = _checked(forecasts, FORECAST_COLUMNS, FORECAST_VALUES, ["day", "made_on"], regions)
    if table.filter(items=FORECAST_VALUES).isna().to_numpy().any():
        raise PublicationError(_INVALID)
    newest = table.groupby(["region", "construct"])["made_on"].transform("max")
    table = table.loc[table["made_on"] == newest].reset_index(drop=True)
    if table.duplicated(subset=_KEY).any():
        raise PublicationError(_INVALID)
    return table


def _checked(
    table: pd.DataFrame,
    columns: list[str],
    values: list[str],
    days: list[str],
    regions: Collection[str],
) -> pd.DataFrame:
    if not set(columns) <= set(table.columns):
        raise PublicationError(_INVALID)
    known = table["region"].isin(list(regions)) & table["construct"].isin(CONSTRUCTS)
    if not np.all(known.to_numpy()):
        raise PublicationError(_INVALID)
    clean = _typed(table, columns, values, days)
    if clean is None:
        raise PublicationError(_INVALID)
    return clean.sort_values(_KEY, ignore_index=True)


def _typed(
    table: pd.DataFrame, columns: list[str], values: list[str], days: list[str]
) -> pd.DataFrame | None:
    """None instead of an exception, because pandas' own messages would quote a cell."""
    clean = table.filter(items=columns).copy()
    try:
        for column in days:
            clean[column] = pd.to_datetime(clean[column]).dt.normalize().astype("datetime64[s]")
            if np.any(clean[column].isna().to_numpy()):
                return None
        for column in values:
            # Adding 0.0 turns -0.0, which would print as "-0.000", into 0.0.
            clean[column] = clean[column].astype("float64").round(DECIMALS) + 0.0
            if np.isinf(clean[column].to_numpy()).any():
                return None
        if "revision" in columns:
            clean["revision"] = clean["revision"].astype("Int64")
    except (TypeError, ValueError, AttributeError):
        return None
    return clean
