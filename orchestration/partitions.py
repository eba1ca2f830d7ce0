"""Region-days: the partitions of everything up to the forecast."""

from collections.abc import Sequence
from datetime import date, timedelta

import dagster as dg

from assets.core.errors import PartitionError
from assets.core.region_day import partition_key
from assets.core.run_partitions import RANGE_END, RANGE_START

TIMEZONE = "Europe/London"


def region_day_partitions(first_day: date, regions: Sequence[str]) -> dg.MultiPartitionsDefinition:
    """Every day from `first_day` to yesterday, in every region."""
    return dg.MultiPartitionsDefinition(
        {
            "day": dg.DailyPartitionsDefinition(first_day.isoformat(), timezone=TIMEZONE),
            "region": dg.StaticPartitionsDefinition(list(regions)),
        }
    )


def range_tags(
    region: str, first: date, last: date, *, last_region: str | None = None
) -> dict[str, str]:
    """Run tags that make one run of all days from `first` to `last` in a region.

    Args:
        region: the region.
        first: first day.
        last: last day.
        last_region: if given, all regions from `region` to this one, in the home's order.
    """
    return {
        RANGE_START: partition_key(region, first),
        RANGE_END: partition_key(last_region or region, last),
    }


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def check_range(first: date, last: date, *, first_partition: date, today: date) -> None:
    """Refuse a range that no run could work on.

    Raises:
        PartitionError: `DAYS_REVERSED`, `DAY_NOT_OVER`, `DAY_BEFORE_FIRST`.
    """
    if last < first:
        raise PartitionError("DAYS_REVERSED")
    if last >= today:
        raise PartitionError("DAY_NOT_OVER")
    if first < first_partition:
        raise PartitionError("DAY_BEFORE_FIRST")
