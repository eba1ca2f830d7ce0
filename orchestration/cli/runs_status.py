"""What `tideline dev` and `tideline status` tell of runs: what goes on, what died, what is next."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.storage.dagster_run import ACTIVE_RUN_STATUSES
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, WILL_RETRY_TAG
from rich.console import RenderableType
from rich.text import Text

from assets.core.errors import CATALOGUE
from assets.core.london_time import LONDON
from assets.core.shards import SHARD
from orchestration.cli.console import table
from orchestration.cli.session import Session
from orchestration.partitions import RANGE_END, RANGE_START
from resources.base.runs.dead_runs import CODE, DIED_TAG, DeadRuns, without_process

HOURS_TOLD = 24
"""How long `status` tells of a run that died."""

_PARTITION = "dagster/partition"
_AGAIN = {
    dg.DagsterRunStatus.SUCCESS: "asked for again: done",
    dg.DagsterRunStatus.FAILURE: "asked for again: failed, see its page",
    dg.DagsterRunStatus.CANCELED: "asked for again: canceled",
}


def freed(instance: dg.DagsterInstance) -> Iterator[str]:
    """Fail the runs that died, then say which and what is next; nothing if there were none."""
    failed = DeadRuns().fail_now(instance)
    for run in failed:
        yield f"{CODE}: {run.job_name} {_days(run)}".rstrip()
    if failed:
        waiting = instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
        yield CATALOGUE[CODE].next_step
        yield f"Runs that wait and start now: {waiting}"


def runs_report(session: Session) -> Iterator[RenderableType]:
    """Runs that go on, wait, have no process, or died lately; nothing if there are none."""
    os.environ.update(session.environment())
    with dg.DagsterInstance.from_config(str(session.home.dagster)) as instance:
        dead = {run.run_id for run in without_process(instance)}
        rows = table("run", "job", "days", "state", "next step", title="Runs")
        for run in instance.get_runs(
            dg.RunsFilter(statuses=[*ACTIVE_RUN_STATUSES, dg.DagsterRunStatus.QUEUED])
        ):
            rows.add_row(run.run_id[:8], run.job_name, _days(run), *_of_unfinished(run, dead))
        since = datetime.now(UTC) - timedelta(hours=HOURS_TOLD)
        died = dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.FAILURE], tags=DIED_TAG, updated_after=since
        )
        for record in instance.get_run_records(died):
            run = record.dagster_run
            ended = datetime.fromtimestamp(record.end_time or 0, LONDON)
            state = f"{CODE} {ended:%Y-%m-%d %H:%M}"
            rows.add_row(run.run_id[:8], run.job_name, _days(run), state, _after(run, instance))
    if rows.row_count:
        yield rows
        if dead:
            yield Text(f"{CODE}: {CATALOGUE[CODE].happened}")


def _of_unfinished(run: dg.DagsterRun, dead: set[str]) -> tuple[str, str]:
    if run.run_id in dead:
        return "has no process", "`tideline dev` frees its slot within a minute"
    if run.status is dg.DagsterRunStatus.QUEUED:
        return "waits", "starts when a slot is free, while `tideline dev` runs"
    return run.status.value.lower(), ""


def _after(run: dg.DagsterRun, instance: dg.DagsterInstance) -> str:
    again = instance.get_run_by_id(run.tags.get(AUTO_RETRY_RUN_ID_TAG, ""))
    if again is not None:
        return _AGAIN.get(again.status, f"asked for again: {again.status.value.lower()}")
    if run.tags.get(WILL_RETRY_TAG) == "true":
        return "`tideline dev` asks for it again"
    return "repeat it, or leave its days to the next morning"


def _days(run: dg.DagsterRun) -> str:
    """The partitions that the run is of, and which groups, as its tags have them."""
    ends = [run.tags[one] for one in (RANGE_START, RANGE_END) if one in run.tags]
    days = " to ".join(dict.fromkeys(ends)) or run.tags.get(_PARTITION, "")
    return f"{days} (shard {run.tags[SHARD]})" if SHARD in run.tags else days
