"""How a region-day is written as a partition key."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date


def partition_key(region: str, day: date) -> str:
    """The key of a region-day, such as `2026-10-05|greater_london`."""
    return f"{day.isoformat()}|{region}"


def days_by_region(keys: Iterable[str]) -> dict[str, list[date]]:
    """Days by region of some partition keys, each list in order."""
    found: dict[str, list[date]] = defaultdict(list)
    for key in keys:
        day, region = str(key).split("|")
        found[region].append(date.fromisoformat(day))
    return {region: sorted(days) for region, days in found.items()}
