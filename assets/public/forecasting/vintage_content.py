"""What a vintage says: for each construct a forecast of its headline, or the code of why not."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import TooFewDays
from assets.core.london_time import LONDON
from assets.public.forecasting.backtest import WEEKS_AHEAD
from assets.public.forecasting.headline import forecast_headline

HORIZON_DAYS = 14
LATE_DAYS = 10
WITHHELD = "FORECAST_NOT_ALLOWED"
WINDOWS: Mapping[str, int] = {"value_7d": 7, "value_28d": 28}
"""The columns that can be a region's headline, and the days of each moving mean."""


def content_of(
    published: pd.DataFrame,
    last_day: date,
    made_at: datetime,
    column: str,
    withheld: Collection[str] = (),
) -> dict[str, Any]:
    """Forecast each construct from the values published up to `last_day`.

    Args:
        published: rows of one region as `PublishedValues.read` gives them, none after `last_day`.
        last_day: the last day of the history.
        made_at: the moment of making, aware.
        column: the region's headline, a key of `WINDOWS`.
        withheld: constructs of which no forecast may be shown.

    Returns:
        What `Vintages` keeps, ready for JSON: made_at, made_on (the day in London), backfilled
        (made more than 10 days after the last day), column, and for each construct a code or its
        method, method_version, days and weeks, and "no_change" with days and weeks of its own.
        A row is [day, mean, lo80, hi80, lo95, hi95]; weeks are the days 7, 14, 21 and 28 ahead.
    """
    made_on = made_at.astimezone(LONDON).date()
    return {
        "made_at": made_at.isoformat(),
        "made_on": made_on.isoformat(),
        "backfilled": (made_on - last_day).days > LATE_DAYS,
        "column": column,
        "constructs": {
            construct: WITHHELD
            if construct in withheld
            else _of_construct(published, construct, last_day, column)
            for construct in CONSTRUCTS
        },
    }


def newest_revisions(published: pd.DataFrame) -> pd.DataFrame:
    """One row for each region, construct and day, the newest revision, in order of days."""
    ordered = published.sort_values(["region", "construct", "day", "revision"], kind="stable")
    return ordered.drop_duplicates(["region", "construct", "day"], keep="last")


def shown_values(rows: pd.DataFrame, column: str) -> pd.Series:
    """The column by day (`DatetimeIndex`), NaN where the day's row is not published."""
    values = np.asarray(rows[column], dtype=float)
    values = np.where(np.asarray(rows["status"] == "published"), values, np.nan)
    return pd.Series(values, index=pd.DatetimeIndex(pd.to_datetime(list(rows["day"]))))


def _of_construct(
    published: pd.DataFrame, construct: str, last_day: date, column: str
) -> str | dict[str, Any]:
    mine = (published["construct"] == construct) & (published["day"] <= last_day)
    rows = newest_revisions(published.loc[mine, :])
    versions = rows["method_version"].to_list()
    # Back to the last break: values of two methods are not one line.
    breaks = [n for n in range(1, len(versions)) if versions[n] != versions[n - 1]]
    segment = rows.iloc[max(breaks, default=0) :]
    code, found = "", None
    try:
        found = forecast_headline(
            _until(shown_values(segment, column), last_day),
            shown_values(segment, "estimate"),
            WINDOWS[column],
        )
    except TooFewDays as error:
        code = error.code
    if found is None:
        return code
    return {
        "method": found.method,
        "method_version": versions[-1],
        **_rows_of(found.ahead),
        "no_change": _rows_of(found.no_change),
    }


def _until(values: pd.Series, last_day: date) -> pd.Series:
    end = pd.Timestamp(last_day)
    if end in values.index or values.empty:
        return values
    return pd.concat([values, pd.Series([np.nan], index=pd.DatetimeIndex([end]))])


def _rows_of(ahead: pd.DataFrame) -> dict[str, list[list[object]]]:
    days = pd.DatetimeIndex(ahead.index).strftime("%Y-%m-%d")
    rows = [[day, *map(float, values)] for day, values in zip(days, ahead.to_numpy(), strict=True)]
    return {"days": rows[:HORIZON_DAYS], "weeks": [rows[week - 1] for week in WEEKS_AHEAD]}
