import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime

import pytest

from assets.core.errors import StorageError
from assets.core.shards import WHOLE, Shard
from resources.base.database.connection import Database
from resources.base.database.tables import regional_values
from resources.stores.region_days import RegionDays

DAY, NEXT = date(2026, 10, 1), date(2026, 10, 2)
LONDON, EAST = "greater_london", "east_of_england"


@pytest.fixture
def region_days(database: Database) -> RegionDays:
    return RegionDays(database)


def test_a_region_day_has_one_writer(region_days: RegionDays) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def write(_: int) -> None:
        nonlocal inside, most
        with region_days.writing([(LONDON, DAY), (LONDON, NEXT)]):
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with guard:
                inside -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(8)))
    assert most == 1


def test_another_region_day_does_not_wait(
    region_days: RegionDays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    with (
        region_days.writing([(LONDON, DAY)]),
        region_days.writing([(LONDON, NEXT), (EAST, DAY)]),
    ):
        pass


def test_two_overlapping_ranges_do_not_wait_for_each_other(region_days: RegionDays) -> None:
    ranges = [[(LONDON, DAY), (EAST, DAY)], [(EAST, DAY), (LONDON, DAY)]]

    def write(number: int) -> int:
        with region_days.writing(ranges[number % 2]):
            return number

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(write, range(20), timeout=30)) == list(range(20))


def test_a_busy_region_day_is_given_up_on(
    region_days: RegionDays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    with (
        region_days.writing([(LONDON, DAY)]),
        pytest.raises(StorageError, match=r"^REGION_DAY_BUSY$"),
        region_days.writing([(LONDON, NEXT), (LONDON, DAY)]),
    ):
        pytest.fail("two writers")
    # What the one that gave up held is free again.
    with region_days.writing([(LONDON, NEXT), (LONDON, DAY)]):
        pass


def test_a_failed_writer_lets_go(region_days: RegionDays, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    with pytest.raises(ZeroDivisionError), region_days.writing([(LONDON, DAY)]):
        _ = 1 / 0
    with region_days.writing([(LONDON, DAY)]):
        pass


def test_closed_is_what_has_a_released_row(database: Database, region_days: RegionDays) -> None:
    with database.transaction() as connection:
        connection.execute(
            regional_values.insert().values(
                region=LONDON,
                day=DAY,
                construct="burnout",
                method_version="m",
                revision=0,
                status="not_published",
                closed_at=datetime(2026, 10, 4, tzinfo=UTC),
            )
        )
    assert region_days.closed(LONDON, [DAY, NEXT]) == {DAY}
    assert region_days.closed(EAST, [DAY, NEXT]) == frozenset()
    assert region_days.closed(LONDON, []) == frozenset()


def test_who_writes_for_the_holder_writes_until_the_turn_is_over(
    region_days: RegionDays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    with region_days.writing([(LONDON, DAY), (LONDON, NEXT)]) as turn:
        with region_days.writing_for(turn, LONDON, [DAY, NEXT], "g-1"):
            # Of two that were given one group the second waits; another group goes on beside it.
            with region_days.writing_for(turn, LONDON, [DAY], "g-2"):
                pass
            with (
                pytest.raises(StorageError, match=r"^REGION_DAY_BUSY$"),
                region_days.writing_for(turn, LONDON, [DAY, NEXT], "g-1"),
            ):
                pytest.fail("two writers of a group")
        for region in (EAST, LONDON):
            days = [DAY, date(2026, 10, 3)]
            with (
                pytest.raises(StorageError, match=r"^REGION_DAY_TURN_OVER$"),
                region_days.writing_for(turn, region, days, "g-1"),
            ):
                pytest.fail("what nobody holds was written")
    with (
        region_days.writing([(LONDON, DAY), (LONDON, NEXT)]),
        pytest.raises(StorageError, match=r"^REGION_DAY_TURN_OVER$"),
        region_days.writing_for(turn, LONDON, [DAY], "g-1"),
    ):
        pytest.fail("the turn of another")


def test_the_next_writer_waits_for_who_still_writes_for_a_dead_one(
    region_days: RegionDays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    with ExitStack() as left, ExitStack() as dying:
        turn = dying.enter_context(region_days.writing([(LONDON, DAY)]))
        left.enter_context(region_days.writing_for(turn, LONDON, [DAY], "g-1"))
        dying.close()
        with (
            pytest.raises(StorageError, match=r"^REGION_DAY_BUSY$"),
            region_days.writing([(LONDON, DAY)]),
        ):
            pytest.fail("two writers")
        left.close()
        with region_days.writing([(LONDON, DAY)]):
            pass


def busy(region_days: RegionDays, days: list[date], shard: Shard = WHOLE) -> bool:
    """Whether somebody else writes what this one would."""
    try:
        with region_days.writing([(LONDON, day) for day in days], shard):
            return False
    except StorageError as error:
        return error.code == "REGION_DAY_BUSY"


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (Shard(1, 2), Shard(2, 2), False),
        (Shard(1, 2), Shard(2, 4), False),
        (Shard(1, 2), Shard(1, 2), True),
        # Of another division, with groups in common.
        (Shard(1, 2), Shard(1, 3), True),
        (Shard(2, 2), Shard(2, 4), True),
        (Shard(2, 2), WHOLE, True),
        (WHOLE, Shard(1, 2), True),
    ],
)
def test_a_group_has_one_writer_whatever_the_division(
    region_days: RegionDays,
    monkeypatch: pytest.MonkeyPatch,
    first: Shard,
    second: Shard,
    waits: bool,
) -> None:
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    with region_days.writing([(LONDON, DAY), (LONDON, NEXT)], first):
        assert busy(region_days, [NEXT], second) is waits
        with region_days.writing([(EAST, NEXT)], second):
            pass
    assert not busy(region_days, [DAY, NEXT], second)


def test_a_shard_waits_for_who_still_writes_for_a_dead_run_of_all_groups(
    region_days: RegionDays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    with ExitStack() as left, ExitStack() as dying:
        turn = dying.enter_context(region_days.writing([(LONDON, DAY)]))
        left.enter_context(region_days.writing_for(turn, LONDON, [DAY], "g-1"))
        dying.close()
        assert busy(region_days, [DAY], Shard(1, 2))
        left.close()
        assert not busy(region_days, [DAY], Shard(1, 2))


def test_nobody_writes_for_a_shard(region_days: RegionDays) -> None:
    """Its region-days are not its own, so a worker of it could not tell when its turn is over."""
    with (
        region_days.writing([(LONDON, DAY)], Shard(1, 2)) as turn,
        pytest.raises(StorageError, match=r"^REGION_DAY_TURN_OVER$"),
        region_days.writing_for(turn, LONDON, [DAY], "g-1"),
    ):
        pytest.fail("a worker of a shard")
