"""The check of the forecasts that were stored: Great Expectations over counts by region-day."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import dagster as dg

from assets.forecasting.vintages import HORIZON_DAYS, Vintages
from assets.governance.constructs import CONSTRUCTS
from assets.governance.errors import CATALOGUE
from assets.governance.expectations import rows_out_of_range, times_failed
from assets.governance.region_day import days_by_region

BANDS_IN_ORDER = "bands_in_order"
_VALUES = 5


@dataclass(frozen=True)
class ForecastFacts:
    """How often a stored forecast is not as agreed; all 0 where it is.

    Attributes:
        constructs_missing: constructs with neither a forecast nor a code that says why.
        codes_unknown: codes that the catalogue does not know.
        days_wrong: rows missing, too many, or not of the days that follow the last one.
        not_finite: rows with a value that is not a finite number.
        bands_out_of_order: rows without lo95 <= lo80 <= mean <= hi80 <= hi95.
        made_on_wrong: 1 where the day of making is missing or before the history's last day.
    """

    constructs_missing: int = 0
    codes_unknown: int = 0
    days_wrong: int = 0
    not_finite: int = 0
    bands_out_of_order: int = 0
    made_on_wrong: int = 0


def facts_of(stored: Mapping[str, Any], last_day: date) -> ForecastFacts:
    """Count what can be wrong with what was stored from one last day."""
    found = stored.get("constructs", {})
    codes = [own for own in found.values() if isinstance(own, str)]
    forecasts = [own for own in found.values() if not isinstance(own, str)]
    ahead = [(last_day + timedelta(days=n + 1)).isoformat() for n in range(HORIZON_DAYS)]
    values = [row[1:] for own in forecasts for row in own]
    finite = [row for row in values if len(row) == _VALUES and all(map(_is_finite, row))]
    return ForecastFacts(
        constructs_missing=len(set(CONSTRUCTS) ^ set(found)),
        codes_unknown=sum(code not in CATALOGUE for code in codes),
        days_wrong=sum([row[0] for row in own] != ahead for own in forecasts),
        not_finite=len(values) - len(finite),
        bands_out_of_order=sum(
            not lo95 <= lo80 <= mean <= hi80 <= hi95 for mean, lo80, hi80, lo95, hi95 in finite
        ),
        made_on_wrong=int(not _is_day_after(stored.get("made_on"), last_day)),
    )


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _is_day_after(value: object, last_day: date) -> bool:
    try:
        return date.fromisoformat(str(value)) > last_day
    except ValueError:
        return False


@cache
def forecast_suite() -> Callable[[Sequence[object]], list[frozenset[str]]]:
    """From the `ForecastFacts` of some forecasts to the names of those that are not 0."""
    return rows_out_of_range("forecasts", dict.fromkeys(ForecastFacts.__dataclass_fields__, (0, 0)))


def define_bands_in_order(region_days: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    """The check over these partitions; where it fails, the page is not made of them."""

    @dg.asset_check(
        asset="forecast",
        name=BANDS_IN_ORDER,
        partitions_def=region_days,
        blocking=True,
        description="Each stored forecast is whole, finite, dated, and its bands lie in order.",
    )
    def bands_in_order(
        context: dg.AssetCheckExecutionContext, vintages: dg.ResourceParam[Vintages]
    ) -> dg.AssetCheckResult:
        stored = [
            (day, vintages.read(region, day))
            for region, days in days_by_region(context.partition_keys).items()
            for day in days
        ]
        rows = [facts_of(content, day) for day, content in stored if content is not None]
        failed = forecast_suite()(rows)
        return dg.AssetCheckResult(
            passed=not any(failed),
            metadata={
                "checked": len(rows),
                "refused": sum(map(bool, failed)),
                **times_failed(failed),
            },
        )

    return bands_in_order
