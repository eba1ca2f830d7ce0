"""The check of the forecasts that were stored: Great Expectations over counts by region-day."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args

import dagster as dg

from assets.core.coded_failures import coded
from assets.core.constructs import CONSTRUCTS
from assets.core.errors import CATALOGUE
from assets.core.expectations import judge
from assets.core.london_time import LONDON
from assets.core.names import BANDS_IN_ORDER, FORECAST
from assets.core.partition_events import evaluations, verdict_of_region_day
from assets.core.run_partitions import days_asked_for
from assets.public.forecasting.backtest import WEEKS_AHEAD
from assets.public.forecasting.headline import Method
from assets.public.forecasting.vintage_content import HORIZON_DAYS, LATE_DAYS, WINDOWS
from assets.public.forecasting.vintages import Vintages

_VALUES = 5


@dataclass(frozen=True)
class ForecastFacts:
    """How often a stored forecast is not as agreed; all 0 where it is.

    Attributes:
        constructs_missing: constructs with neither a forecast nor a code that says why.
        codes_unknown: codes that the catalogue does not know.
        methods_unknown: forecasts by no method that there is, or of a column that is no headline.
        days_wrong: constructs of which rows are missing, too many, or of other days than the 14
            and the 4 weeks that follow the last one; "no change" counts by itself.
        not_finite: rows with a value that is not a finite number.
        bands_out_of_order: constructs with a row without lo95 <= lo80 <= mean <= hi80 <= hi95.
        made_at_wrong: 1 where the moment of making is missing, not aware, not after the history's
            last day, or at odds with the day of making or with whether it was backfilled.
    """

    constructs_missing: int = 0
    codes_unknown: int = 0
    methods_unknown: int = 0
    days_wrong: int = 0
    not_finite: int = 0
    bands_out_of_order: int = 0
    made_at_wrong: int = 0


def facts_of(stored: Mapping[str, Any], last_day: date) -> ForecastFacts:
    """Count what can be wrong with what was stored from one last day."""
    found = stored.get("constructs", {})
    codes = [own for own in found.values() if isinstance(own, str)]
    forecasts = [own for own in found.values() if not isinstance(own, str)]
    tables = [table for own in forecasts for table in (own, own.get("no_change", {}))]
    values = [row[1:] for table in tables for row in _rows(table)]
    finite = [row for row in values if _is_whole(row)]
    return ForecastFacts(
        constructs_missing=len(set(CONSTRUCTS) ^ set(found)),
        codes_unknown=sum(code not in CATALOGUE for code in codes),
        methods_unknown=sum(own.get("method") not in get_args(Method) for own in forecasts)
        + (stored.get("column") not in WINDOWS),
        days_wrong=sum(not _days_follow(table, last_day) for table in tables),
        not_finite=len(values) - len(finite),
        bands_out_of_order=sum(
            any(
                _is_whole(row[1:]) and not _is_in_order(row[1:])
                for row in [*_rows(own), *_rows(own.get("no_change", {}))]
            )
            for own in forecasts
        ),
        made_at_wrong=int(not _is_dated(stored, last_day)),
    )


def _rows(table: Mapping[str, Any]) -> list[list[Any]]:
    return [*table.get("days", []), *table.get("weeks", [])]


def _days_follow(table: Mapping[str, Any], last_day: date) -> bool:
    ahead = [*range(1, HORIZON_DAYS + 1), *WEEKS_AHEAD]
    expected = [(last_day + timedelta(days=days)).isoformat() for days in ahead]
    return [row[0] for row in _rows(table)] == expected


def _is_whole(values: Sequence[object]) -> bool:
    return len(values) == _VALUES and all(
        isinstance(value, int | float) and math.isfinite(value) for value in values
    )


def _is_in_order(values: Sequence[float]) -> bool:
    mean, lo80, hi80, lo95, hi95 = values
    return lo95 <= lo80 <= mean <= hi80 <= hi95


def _is_dated(stored: Mapping[str, Any], last_day: date) -> bool:
    try:
        made_at = datetime.fromisoformat(str(stored.get("made_at")))
    except ValueError:
        return False
    if made_at.tzinfo is None:
        return False
    made_on = made_at.astimezone(LONDON).date()
    return (
        made_on > last_day
        and stored.get("made_on") == made_on.isoformat()
        and stored.get("backfilled") is ((made_on - last_day).days > LATE_DAYS)
    )


def forecast_suite() -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """From the `ForecastFacts` of some forecasts to the names of those that are not 0."""
    return judge(dict.fromkeys(ForecastFacts.__dataclass_fields__, (0, 0)))


def define_bands_in_order(region_days: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    """The check over these partitions; where it fails, the page is not made of them."""

    @dg.asset_check(  # pyright: ignore[reportArgumentType]  (it takes generators)
        asset=FORECAST,
        name=BANDS_IN_ORDER,
        partitions_def=region_days,
        blocking=True,
        description="Each stored forecast is whole, finite, dated, and its bands lie in order.",
    )
    @coded
    def bands_in_order(
        context: dg.AssetCheckExecutionContext, vintages: dg.ResourceParam[Vintages]
    ) -> Iterator[Any]:
        stored = {
            (region, day): vintages.read(region, day)
            for region, days in days_asked_for(context).items()
            for day in days
        }
        facts = {
            at: facts_of(content, at[1]) for at, content in stored.items() if content is not None
        }
        failed = dict(zip(facts, forecast_suite()(list(facts.values())), strict=True))
        yield from evaluations(
            context,
            dg.AssetCheckKey(dg.AssetKey(FORECAST), BANDS_IN_ORDER),
            {at: verdict_of_region_day(failed.get(at)) for at in stored},
        )

    return bands_in_order
