"""Ranges of region-days, as commands, runs and their tags name them."""

from datetime import date, timedelta

from assets.core.errors import PartitionError
from assets.core.region_day import partition_key
from assets.core.run_partitions import RANGE_END, RANGE_START

TIMEZONE = "Europe/London"


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
