"""Runs leave Dagster's storage after their time, and nothing of ours goes with them."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from dagster._core.storage.dagster_run import DagsterRunStatus as Status
from dagster._core.test_utils import create_run_for_test

from assets.core.names import COLLECT, LIFETIMES, RELEASE
from orchestration.runs import job_origin
from resources.base.clock import Clock
from resources.base.database.tables import metadata
from resources.base.runs import old_runs
from resources.base.runs.old_runs import AT_ONCE, KEPT, KEPT_OF_HOURLY, delete_old_runs

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 12)
ONE = timedelta(days=1)


def make_run(house: Any, job: str, status: Status, ago: timedelta) -> str:
    origin = job_origin(job)
    run = create_run_for_test(house.instance, job_name=job, status=status, remote_job_origin=origin)
    age(house, run.run_id, ago)
    return run.run_id


def age(house: Any, run_id: str, ago: timedelta) -> None:
    with house.instance.run_storage.connect() as connection:
        connection.execute(
            sa.text("UPDATE runs SET update_timestamp = :at WHERE run_id = :run_id"),
            {"at": (Clock().now() - ago).replace(tzinfo=None), "run_id": run_id},
        )


CASES = [
    (COLLECT, Status.SUCCESS, KEPT + ONE, True),
    (COLLECT, Status.FAILURE, KEPT + ONE, True),
    (COLLECT, Status.SUCCESS, KEPT - ONE, False),
    (COLLECT, Status.STARTED, KEPT + ONE, False),
    (COLLECT, Status.QUEUED, KEPT + ONE, False),
    (LIFETIMES, Status.SUCCESS, KEPT_OF_HOURLY + ONE, True),
    (LIFETIMES, Status.FAILURE, KEPT_OF_HOURLY + ONE, False),
    (LIFETIMES, Status.FAILURE, KEPT + ONE, True),
    (LIFETIMES, Status.SUCCESS, KEPT_OF_HOURLY - ONE, False),
]


def test_what_goes_and_what_stays(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {make_run(house, *one): goes for *one, goes in CASES}
    assert delete_old_runs(house.instance, [LIFETIMES], Clock().now()) == sum(made.values())
    left = {run.run_id for run in house.instance.get_runs()}
    assert left == {run_id for run_id, goes in made.items() if not goes}
    monkeypatch.setattr(old_runs, "AT_ONCE", 2)
    for _ in range(3):
        make_run(house, COLLECT, Status.SUCCESS, KEPT + ONE)
    told = [delete_old_runs(house.instance, [LIFETIMES], Clock().now()) for _ in range(3)]
    assert told == [2, 1, 0]
    assert AT_ONCE > 24 * 2


def test_of_ours_nothing_goes_with_a_run(house: Any) -> None:
    house.groups(5, DAY, DAY)
    assert house.run(COLLECT, DAY) is None
    assert house.run(RELEASE, DAY) is None
    before = contents(house)
    assert before["restricted.evidence"]
    for run in house.instance.get_runs():
        age(house, run.run_id, KEPT + ONE)
    job = house.definitions.resolve_job_def(LIFETIMES)
    house.clock.moment = Clock().now()
    result = job.execute_in_process(instance=house.instance)
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["runs_deleted"].value == 2
    assert [run.job_name for run in house.instance.get_runs()] == [LIFETIMES]
    after = contents(house)
    for name in ("restricted.evidence", "release.evidence_cards", "release.regional_values"):
        assert after[name] == before[name]
    assert after["restricted.faults"] == before["restricted.faults"]
    # A partition of which Dagster knows nothing more is made again without changing anything.
    assert house.run(COLLECT, DAY) is None
    assert contents(house)["release.regional_values"] == before["release.regional_values"]


def contents(house: Any) -> dict[str, list[Any]]:
    with house.database.transaction() as connection:
        return {
            name: sorted(map(str, connection.execute(sa.select(table))))
            for name, table in metadata.tables.items()
        }
