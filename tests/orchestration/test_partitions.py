from datetime import date, timedelta

import dagster as dg
import pytest

from assets.core.errors import PartitionError
from assets.core.region_day import days_by_region, partition_key
from orchestration.partition_definitions import region_day_partitions
from orchestration.partitions import (
    RANGE_END,
    RANGE_START,
    check_range,
    days_between,
    range_tags,
)
from resources.base.home import DEFAULT_REGIONS

FIRST = date(2026, 3, 1)
REGIONS = tuple(DEFAULT_REGIONS)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 10, 2), date(2026, 10, 1), "DAYS_REVERSED"),
        (date(2026, 10, 1), date(2026, 10, 15), "DAY_NOT_OVER"),
        (date(2026, 10, 16), date(2026, 10, 20), "DAY_NOT_OVER"),
        (date(2026, 2, 28), date(2026, 10, 1), "DAY_BEFORE_FIRST"),
        (date(2026, 3, 1), date(2026, 10, 14), None),
        (date(2026, 10, 14), date(2026, 10, 14), None),
    ],
)
def test_a_range_that_no_run_could_work_on_is_refused(first, last, code: str | None) -> None:
    def check() -> None:
        check_range(first, last, first_partition=FIRST, today=date(2026, 10, 15))

    if code is None:
        check()
        return
    with pytest.raises(PartitionError, match=f"^{code}$"):
        check()


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 3, 28), date(2026, 3, 30), 3),
        (date(2026, 10, 24), date(2026, 10, 26), 3),
        (date(2026, 10, 1), date(2026, 10, 1), 1),
    ],
)
def test_the_tags_name_every_day_of_one_region_also_where_clocks_change(
    first: date, last: date, days: int
) -> None:
    tags = range_tags("greater_london", first, last)
    keys = region_day_partitions(FIRST, REGIONS).get_partition_keys_in_range(
        dg.PartitionKeyRange(tags[RANGE_START], tags[RANGE_END])
    )
    assert days_by_region(keys) == {"greater_london": days_between(first, last)}
    assert len(keys) == days


def test_each_region_has_each_day_once() -> None:
    keys = region_day_partitions(FIRST, REGIONS).get_partition_keys()
    found = days_by_region(keys)
    assert tuple(sorted(found)) == tuple(sorted(REGIONS))
    for days in found.values():
        assert days == days_between(FIRST, FIRST + timedelta(days=len(days) - 1))


def test_a_key_is_read_back_as_it_was_written() -> None:
    key = partition_key("east_of_england", FIRST)
    assert key == "2026-03-01|east_of_england"
    assert days_by_region([key]) == {"east_of_england": [FIRST]}
