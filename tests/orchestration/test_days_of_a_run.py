"""A run does the days that it was launched for, or none, and says which they are."""

from datetime import date

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster_postgres import PostgresRunStorage

from assets.core.errors import PartitionError
from assets.core.run_partitions import cleared_tags, days_asked_for, readable_tags
from orchestration.partitions import RANGE_END, RANGE_START, range_tags
from orchestration.runs import failure_code, job_origin
from resources.base.runs.run_storage import RegionDayRunStorage

LONDON, EAST = "greater_london", "east_of_england"
FIRST, LAST = date(2026, 10, 12), date(2026, 10, 14)
RANGE = range_tags(LONDON, FIRST, LAST)
LEFT = {"dagster/partition/day": "2026-10-12", "dagster/partition/region": EAST}
"""What Dagster leaves on every run of a job's backfill: the first partition of all."""
ONE = {
    "dagster/partition": f"2026-10-12|{LONDON}",
    "dagster/partition/day": "2026-10-12",
    "dagster/partition/region": LONDON,
}


@pytest.mark.parametrize(
    ("tags", "region", "days"),
    [
        (RANGE, LONDON, "2026-10-12 to 2026-10-14"),
        (range_tags(EAST, FIRST, FIRST), EAST, "2026-10-12"),
        (ONE, LONDON, "2026-10-12"),
        (LEFT, EAST, "2026-10-12"),
        (
            {RANGE_START: f"2026-10-12|{LONDON}", RANGE_END: f"2026-10-12|{EAST}"},
            f"{LONDON}, {EAST}",
            "2026-10-12",
        ),
    ],
)
def test_region_and_days_are_readable(tags, region, days) -> None:
    assert readable_tags(tags) == {"tideline/region": region, "tideline/days": days}


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"dagster/partition": "a word"},
        {"dagster/partition": f"20261012|{LONDON}"},
        {RANGE_START: f"2026-10-12|{LONDON}"},
        {RANGE_START: f"2026-10-12|{LONDON}", RANGE_END: "a word"},
    ],
)
def test_what_is_no_region_day_is_not_made_readable(tags) -> None:
    assert readable_tags(tags) == {}


@pytest.mark.parametrize(
    ("tags", "cleared"),
    [
        ({**RANGE, **LEFT, "other": "1"}, {**RANGE, "other": "1"}),
        ({**RANGE, **ONE}, RANGE),
        (ONE, ONE),
        (RANGE, RANGE),
    ],
)
def test_a_single_partition_beside_a_range_is_dropped(tags, cleared) -> None:
    assert cleared_tags(tags) == cleared


class Step:
    """A step that Dagster gives these partitions, in a run with these tags."""

    def __init__(self, keys, tags) -> None:
        self.partition_keys = keys
        self.run = dg.DagsterRun("collect", tags=tags)


def keys(region=LONDON, days=(12, 13, 14)):
    return [f"2026-10-{day}|{region}" for day in days]


ACROSS = {RANGE_START: f"2026-10-12|{EAST}", RANGE_END: f"2026-10-14|{LONDON}"}


@pytest.mark.parametrize(
    ("given", "tags", "agree"),
    [
        (keys(), RANGE, True),
        (keys()[::-1], RANGE, True),
        (keys(days=[12]), ONE, True),
        (keys() + keys(EAST), ACROSS, True),
        (keys() + keys(EAST) + keys("wales"), ACROSS, True),
        (keys(days=[12]), RANGE, False),
        (keys(days=[12, 14]), RANGE, False),
        (keys(days=[11, 12, 13, 14]), RANGE, False),
        (keys(EAST), RANGE, False),
        (keys() + keys(EAST), RANGE, False),
        (keys() + keys(EAST, [12, 13]), ACROSS, False),
        (keys(), ACROSS, False),
        (keys(EAST, [12]), {**RANGE, **LEFT}, False),
        (keys(), {}, False),
        ([], RANGE, False),
    ],
)
def test_a_step_refuses_other_days_than_the_run_was_launched_for(given, tags, agree) -> None:
    if not agree:
        with pytest.raises(PartitionError, match=r"^PARTITIONS_DISAGREE$"):
            days_asked_for(Step(given, tags))
        return
    found = days_asked_for(Step(given, tags))
    assert sorted(f"{day}|{region}" for region in found for day in found[region]) == sorted(given)


def launched(house, tags) -> tuple[str | None, list[tuple[str, str]]]:
    """The code of a `collect` with these tags, and the asset and partition of what it did."""
    job = house.definitions.resolve_job_def("collect")
    run = house.instance.create_run_for_job(
        job_def=job, tags=tags, remote_job_origin=job_origin("collect")
    )
    result = execute_run(InMemoryJob(job), run, house.instance)
    done = [
        (event.asset_key.to_user_string(), str(event.partition))
        for event in result.all_events
        if event.is_step_materialization and event.partition is not None
    ]
    return None if result.success else failure_code(result.all_events), done


@pytest.mark.slow
def test_what_dagster_leaves_of_a_first_partition_does_no_harm(house) -> None:
    (ref,) = house.groups(1, FIRST, LAST)
    code, done = launched(house, {**RANGE, **LEFT, "dagster/backfill": "abcdefgh"})
    assert code is None
    for asset in ("platform_export", "scrubbed_vectors", "group_scores"):
        assert sorted(key for name, key in done if name == asset) == keys()
    assert house.group_days() == {(date(2026, 10, day), ref) for day in (12, 13, 14)}
    (run,) = house.instance.get_runs()
    assert not LEFT.keys() & run.tags.keys()
    assert run.tags["tideline/days"] == "2026-10-12 to 2026-10-14"


@pytest.mark.slow
def test_without_our_storage_dagster_would_do_one_day_and_the_steps_refuse(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.groups(1, FIRST, LAST)
    assert type(house.instance.run_storage) is RegionDayRunStorage
    monkeypatch.setattr(RegionDayRunStorage, "add_run", PostgresRunStorage.add_run)
    tags = {**RANGE, **LEFT, "dagster/partition/region": LONDON}
    assert launched(house, tags) == ("PARTITIONS_DISAGREE", [])
    assert house.group_days() == set()
    # The fault itself: success, and one day of three.
    monkeypatch.setattr("assets.core.run_partitions._asked", lambda tags, given: given)
    code, done = launched(house, tags)
    assert code is None
    assert {key for _, key in done} == {f"2026-10-12|{LONDON}"}


@pytest.mark.slow
def test_a_run_of_the_command_is_listed_under_its_job_and_location(house) -> None:
    house.groups(1, FIRST, LAST)
    assert house.run("collect", FIRST, LAST) is None
    (run,) = house.instance.get_runs(
        dg.RunsFilter(
            job_name="collect",
            tags={".dagster/repository": "__repository__@restricted"},
        )
    )
    assert run.tags["tideline/region"] == LONDON
    assert run.tags["tideline/days"] == "2026-10-12 to 2026-10-14"
    assert run.tags["dagster/code_location"] == "restricted"
    assert job_origin("publish").repository_origin.get_label() == "__repository__@public"


SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
EAST_RANGE = range_tags(EAST, FIRST, LAST)
ACROSS_FIRST = {RANGE_START: f"2026-10-12|{LONDON}", RANGE_END: f"2026-10-12|{EAST}"}


BACKFILLS = {
    "both regions": (keys() + keys(EAST), [(RANGE, SUCCESS), (EAST_RANGE, SUCCESS)], True),
    "one red": (keys() + keys(EAST), [(RANGE, SUCCESS), (EAST_RANGE, FAILURE)], False),
    "one never launched": (keys() + keys(EAST), [(RANGE, SUCCESS)], False),
    "a day of both": (keys(days=[12]) + keys(EAST, [12]), [(ACROSS_FIRST, SUCCESS)], True),
    "a day never launched": (keys(days=[12, 13]), [(ACROSS_FIRST, SUCCESS)], False),
    "one day": (keys(days=[12]), [(ONE, SUCCESS)], True),
    "tried again": (keys(), [(RANGE, FAILURE), (RANGE, SUCCESS)], True),
    # Of assets: Dagster counts what they stored.
    "assets": (None, [(RANGE, SUCCESS)], True),
    "assets, one red": (None, [(RANGE, SUCCESS), (EAST_RANGE, FAILURE)], False),
}


def ended(storage, name: str) -> BulkActionStatus:
    """How a backfill ends of which Dagster says that it succeeded."""
    asked, runs, _ = BACKFILLS[name]
    origin = job_origin("collect").repository_origin.get_partition_set_origin("collect")
    backfill = PartitionBackfill(
        backfill_id=name,
        status=BulkActionStatus.REQUESTED,
        from_failure=False,
        tags={},
        backfill_timestamp=0.0,
        partition_set_origin=origin if asked else None,
        partition_names=asked,
    )
    storage.add_backfill(backfill)
    before: dict[str, str] = {}
    for tags, status in runs:
        # A run with the same days is another try of the one before.
        parent = before.get(str(tags))
        run = dg.DagsterRun(
            "collect",
            status=status,
            tags={**tags, "dagster/backfill": name},
            parent_run_id=parent,
            root_run_id=parent,
        )
        before[str(tags)] = storage.add_run(run).run_id
    storage.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
    return storage.get_backfill(name).status


@pytest.mark.slow
def test_a_backfill_is_done_only_if_nothing_was_left_out(house) -> None:
    storage = house.instance.run_storage
    assert {name: ended(storage, name).value for name in BACKFILLS} == {
        name: "COMPLETED_SUCCESS" if done else "COMPLETED_FAILED"
        for name, (_, _, done) in BACKFILLS.items()
    }
