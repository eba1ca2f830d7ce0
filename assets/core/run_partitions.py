"""Which region-days a run was asked for, by its tags, and whether a step was given them.

Dagster writes a single partition and a range of partitions into different tags of a run. Its
backfill of a whole job (1.13) leaves tags of the backfill's first partition beside those of each
run's range, and its steps prefer them: see docs/decisions/0010-the-days-of-a-run.md.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from assets.core.errors import PartitionError
from assets.core.region_day import days_by_region, partition_key

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
SINGLE = "dagster/partition"
SINGLE_DAY = "dagster/partition/day"
SINGLE_REGION = "dagster/partition/region"
REGION = "tideline/region"
DAYS = "tideline/days"
_OF_A_SINGLE_ONE = frozenset({SINGLE, SINGLE_DAY, SINGLE_REGION})


class _Context(Protocol):
    @property
    def partition_keys(self) -> Sequence[str]: ...

    @property
    def run(self) -> Any: ...


def days_asked_for(context: _Context) -> dict[str, list[date]]:
    """Days by region of a step or check, each list in order.

    Args:
        context: of the asset or the check.

    Raises:
        PartitionError: `PARTITIONS_DISAGREE` where Dagster gives the step other region-days than
            the run's tags ask for.
    """
    given = days_by_region(context.partition_keys)
    if given != _asked(context.run.tags, given):
        raise PartitionError("PARTITIONS_DISAGREE")
    return given


def cleared_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """A run's tags without those of a single partition where there are those of a range.

    The range is what Dagster's pages show and count, so it is what is done.
    """
    if RANGE_START not in tags or RANGE_END not in tags:
        return dict(tags)
    return {name: value for name, value in tags.items() if name not in _OF_A_SINGLE_ONE}


def readable_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Region and days that the tags ask for, as a person reads them; nothing if they ask for none.

    Two regions, or the first and the last of several, stand with a comma.
    """
    ends = _ends(tags)
    if ends is None:
        return {}
    (first, region), (last, last_region) = ends
    return {
        REGION: region if region == last_region else f"{region}, {last_region}",
        DAYS: first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}",
    }


def asks_for(tags: Mapping[str, str], key: str) -> bool:
    """Whether a run with these tags was launched for a region-day.

    A range over several regions names the first and the last of them; it counts for all.
    """
    ends, asked = _ends(tags), _region_day(key)
    if ends is None or asked is None:
        return False
    (first, region), (last, last_region) = ends
    return first <= asked[0] <= last and (asked[1] == region or region != last_region)


def _asked(
    tags: Mapping[str, str], given: Mapping[str, list[date]]
) -> dict[str, list[date]] | None:
    ends = _ends(tags)
    if ends is None:
        return None
    (first, region), (last, last_region) = ends
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    # A range over several regions names only the first and the last of them.
    between = given if region != last_region else ()
    return dict.fromkeys({region, last_region, *between}, days)


def _ends(tags: Mapping[str, str]) -> tuple[tuple[date, str], tuple[date, str]] | None:
    """First and last region-day, None where the tags name none."""
    single = tags.get(SINGLE)
    if single is None and SINGLE_DAY in tags and SINGLE_REGION in tags:
        single = f"{tags[SINGLE_DAY]}|{tags[SINGLE_REGION]}"
    first, last = tags.get(RANGE_START, single), tags.get(RANGE_END, single)
    if first is None or last is None:
        return None
    start, end = _region_day(first), _region_day(last)
    return None if start is None or end is None else (start, end)


def _region_day(key: str) -> tuple[date, str] | None:
    day, _, region = key.partition("|")
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return None
    return (parsed, region) if partition_key(region, parsed) == key else None
