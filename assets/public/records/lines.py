"""One line of the page: a construct in a region, every day from the first to the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.core.points import point_id
from assets.public.forecasting.scores import BesideNoChange, HitRate
from assets.public.records.facts import MethodBreak, PageFacts
from assets.public.records.forecast_lines import ForecastLine, forecast_line
from assets.public.records.headlines import DEFAULT, HEADLINES, Headline
from assets.public.records.tables import DECIMALS, checked_forecasts, checked_published, dates

MISSING = "not_published"
RETRACTED = "retracted"
SPARSE = "too_few_days_pooled"
VALUE_RETRACTED = "pooled_value_retracted"
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Line:
    """A construct in a region, as shown. All tuples but `breaks` have one entry a day.

    Attributes:
        region: display name.
        region_id: its id.
        construct: one of `CONSTRUCTS`.
        headline: the pooled value that is shown.
        days: every day of the page, without gaps; the same for all lines.
        values: the headline's values rounded to 3 decimals; None where nothing is shown.
        half_bands: half the 95% band of each value, from its published standard error; None
            where either is missing.
        changes: the value's smallest detectable change; None where it is missing.
        estimates: of single days; None where unpublished.
        states: for each day "published", "not_published", "retracted", or, where the day is
            published and its pooled value is not, "pooled_value_retracted" or
            "too_few_days_pooled".
        reasons: public code of a retraction; None elsewhere.
        revised: whether a published day is a revision of what was published first.
        breaks: positions of days from which another method version holds, in order.
        forecast: the newest forecast, if there is one.
        no_forecast: error code that says why there is none, if known.
        hit_rate: how past forecasts did, if any was scored.
        beside: how they did beside "no change", by weeks ahead.
        people: band of people a day behind the latest value; None if not given.
        latest_point: id of the latest value's point; None without one.
    """

    region: str
    region_id: str
    construct: str
    headline: Headline
    days: tuple[date, ...]
    values: tuple[float | None, ...]
    half_bands: tuple[float | None, ...]
    changes: tuple[float | None, ...]
    estimates: tuple[float | None, ...]
    states: tuple[str, ...]
    reasons: tuple[str | None, ...]
    revised: tuple[bool, ...]
    breaks: tuple[int, ...]
    forecast: ForecastLine | None
    no_forecast: str | None
    hit_rate: HitRate | None
    beside: tuple[BesideNoChange, ...] = ()
    people: str | None = None
    latest_point: str | None = None

    @property
    def latest(self) -> int | None:
        """Position of the last value shown."""
        shown = [at for at, value in enumerate(self.values) if value is not None]
        return shown[-1] if shown else None

    def segments(self) -> list[tuple[int, int]]:
        """First and last position of each stretch of days under one method version."""
        edges = [0, *self.breaks, len(self.days)]
        return [(first, after - 1) for first, after in pairwise(edges)]

    def runs(self) -> list[tuple[int, int]]:
        """First and last position of each unbroken run of values under one method version."""
        shown = [value is not None for value in self.values]
        return [
            (first + start, first + end)
            for first, last in self.segments()
            for start, end in runs_of(shown[first : last + 1])
        ]


def lines_of(published: pd.DataFrame, forecasts: pd.DataFrame, facts: PageFacts) -> list[Line]:
    """Every region's three lines, regions in the order of `facts`, constructs in fixed order.

    Args:
        published: see `assets.public.records.tables.checked_published`. Rows after
            `facts.last_day` are left out.
        forecasts: see `assets.public.records.tables.checked_forecasts`.
        facts: gives regions, last day, headlines, breaks and what is known of forecasts.

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
        _line(facts, region, construct, _rows(shown, region, construct), ahead, days)
        for region in facts.regions
        for construct in CONSTRUCTS
    ]


def _line(
    facts: PageFacts,
    region: str,
    construct: str,
    rows: pd.DataFrame,
    ahead: pd.DataFrame,
    days: pd.DatetimeIndex,
) -> Line:
    headline = headline_of(region, facts)
    return Line(
        region=facts.regions[region],
        region_id=region,
        construct=construct,
        headline=headline,
        forecast=forecast_line(_rows(ahead, region, construct)),
        no_forecast=facts.no_forecast.get((region, construct)),
        hit_rate=facts.hit_rates.get((region, construct)),
        beside=tuple(facts.beside_no_change.get((region, construct), ())),
        people=_people(rows, headline),
        latest_point=_latest_point(rows.loc[: pd.Timestamp(facts.last_day)], headline),
        **_observed(rows, days, headline, facts.breaks),
    )


def headline_of(region: str, facts: PageFacts) -> Headline:
    """The pooled value that a region's lines show."""
    return HEADLINES[facts.headline.get(region, DEFAULT.column)]


def runs_of(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last position of every unbroken run of True."""
    edges = [False, *flags, False]
    changes = [at for at, (before, after) in enumerate(pairwise(edges)) if before != after]
    return [(start, end - 1) for start, end in zip(changes[::2], changes[1::2], strict=True)]


def _rows(table: pd.DataFrame, region: str, construct: str) -> pd.DataFrame:
    return table[(table["region"] == region) & (table["construct"] == construct)].set_index("day")


def _people(rows: pd.DataFrame, headline: Headline) -> str | None:
    bands = rows.loc[rows[headline.column].notna(), "people_band"]
    return bands.iloc[-1] if len(bands) and isinstance(bands.iloc[-1], str) else None


def _latest_point(rows: pd.DataFrame, headline: Headline) -> str | None:
    with_value = rows[rows[headline.column].notna()].reset_index()
    if with_value.empty:
        return None
    newest = with_value.iloc[-1]
    return point_id(
        str(newest["region"]),
        newest["day"].date(),
        str(newest["construct"]),
        int(newest["revision"]),
    )


def _observed(
    rows: pd.DataFrame, days: pd.DatetimeIndex, headline: Headline, breaks: Sequence[MethodBreak]
) -> Mapping[str, tuple]:
    rows = rows.reindex(days)
    values = _or_none(rows[headline.column].to_numpy())
    reasons = tuple(code if isinstance(code, str) else None for code in rows["reason"])
    errors = _or_none(rows[headline.error_column].to_numpy())
    return {
        "days": dates(days),
        "values": values,
        "half_bands": tuple(
            None if value is None or error is None else round(NORMAL_95 * error, DECIMALS)
            for value, error in zip(values, errors, strict=True)
        ),
        "changes": _or_none(rows[headline.change_column].to_numpy()),
        "estimates": _or_none(rows["estimate"].to_numpy()),
        "states": tuple(map(_state, rows["status"], values, reasons)),
        "reasons": reasons,
        "revised": tuple(
            status == "published" and bool(number > 0)
            for status, number in zip(rows["status"], rows["revision"], strict=True)
        ),
        "breaks": _breaks(rows, days, breaks),
    }


def _state(status: object, value: float | None, reason: str | None) -> str:
    if not isinstance(status, str):
        return MISSING
    if status != "published" or value is not None:
        return status
    return VALUE_RETRACTED if reason else SPARSE


def _breaks(
    rows: pd.DataFrame, days: pd.DatetimeIndex, listed: Sequence[MethodBreak]
) -> tuple[int, ...]:
    """Breaks that were announced, and any change of version between two published rows."""
    found = {(one.day - dates(days)[0]).days for one in listed}
    versions = [
        (at, version)
        for at, (version, status) in enumerate(
            zip(rows["method_version"], rows["status"], strict=True)
        )
        if status == "published"
    ]
    announced = sorted(found)
    for (before, old), (at, new) in pairwise(versions):
        if old != new and not any(before < place <= at for place in announced):
            found.add(at)
    return tuple(sorted(at for at in found if 0 < at < len(days)))


def _or_none(column: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in column)
