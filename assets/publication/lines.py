"""One line of the page: a construct in a region, every day from the first to the last."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from assets.governance.constructs import CONSTRUCTS
from assets.publication.facts import PageFacts
from assets.publication.tables import checked_forecasts, checked_published

MISSING = "not_published"
SPARSE = "too_few_days_in_week"


@dataclass(frozen=True)
class ForecastLine:
    """A forecast, rounded to 3 decimals; all tuples have one entry a day."""

    made_on: date
    days: tuple[date, ...]
    mean: tuple[float, ...]
    lo80: tuple[float, ...]
    hi80: tuple[float, ...]
    lo95: tuple[float, ...]
    hi95: tuple[float, ...]


@dataclass(frozen=True)
class Line:
    """A construct in a region, as shown.

    Attributes:
        region: display name.
        construct: one of `CONSTRUCTS`.
        days: every day of the page, without gaps; the same for all lines.
        values: 7-day means rounded to 3 decimals; None where nothing is shown.
        states: for each day "published", "not_published", "retracted", or
            "too_few_days_in_week" where the day is published and its 7-day mean is not.
        standard_errors: of the single days' estimates; None where unpublished.
        forecast: the newest forecast, if there is one.
        no_forecast: error code that says why there is none, if known.
    """

    region: str
    construct: str
    days: tuple[date, ...]
    values: tuple[float | None, ...]
    states: tuple[str, ...]
    standard_errors: tuple[float | None, ...]
    forecast: ForecastLine | None
    no_forecast: str | None


def lines_of(published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts) -> list[Line]:
    """Every region's three lines, regions in the order of `facts`, constructs in fixed order.

    Args:
        published: see `assets.publication.tables.checked_published`. Rows after
            `facts.last_day` are left out.
        forecasts: see `assets.publication.tables.checked_forecasts`.
        facts: gives regions, last day and reasons for missing forecasts.

    Returns:
        Three lines for each region, also for one without any row.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    shown = checked_published(published, facts.regions)
    ahead = checked_forecasts(forecasts, facts.regions)
    last = pd.Timestamp(facts.last_day)
    first = min([last, *shown["day"]])
    days = pd.date_range(first, last, freq="D")
    return [
        Line(
            region=name,
            construct=construct,
            forecast=_forecast(_rows(ahead, region, construct)),
            no_forecast=facts.no_forecast.get((region, construct)),
            **_observed(_rows(shown, region, construct), days),
        )
        for region, name in facts.regions.items()
        for construct in CONSTRUCTS
    ]


def _rows(table: pd.DataFrame, region: str, construct: str) -> pd.DataFrame:
    return table[(table["region"] == region) & (table["construct"] == construct)].set_index("day")


def _observed(rows: pd.DataFrame, days: pd.DatetimeIndex) -> dict[str, tuple]:
    rows = rows.reindex(days)
    values = _or_none(rows["value_7d"].to_numpy())
    states = tuple(
        MISSING
        if not isinstance(status, str)
        else SPARSE
        if status == "published" and value is None
        else status
        for status, value in zip(rows["status"], values, strict=True)
    )
    return {
        "days": _dates(days),
        "values": values,
        "states": states,
        "standard_errors": _or_none(rows["standard_error"].to_numpy()),
    }


def _forecast(rows: pd.DataFrame) -> ForecastLine | None:
    if rows.empty:
        return None
    columns = {
        name: tuple(float(value) for value in rows[name])
        for name in ("mean", "lo80", "hi80", "lo95", "hi95")
    }
    made_on = _dates(pd.DatetimeIndex(rows["made_on"]))[0]
    return ForecastLine(made_on=made_on, days=_dates(pd.DatetimeIndex(rows.index)), **columns)


def _dates(days: pd.DatetimeIndex) -> tuple[date, ...]:
    return tuple(day.date() for day in days)


def _or_none(column: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in column)
