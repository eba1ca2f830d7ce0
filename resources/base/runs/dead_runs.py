"""Runs whose process is gone: found by their locks, and failed with a code of their own.

Dagster's default launcher can't tell whether a run's process lives; such a run would hold its slot
for good.
"""

import threading
import time
from typing import Any, cast

import dagster as dg
from dagster._core.events import JobFailureData, RunFailureReason
from dagster._core.storage.dagster_run import ACTIVE_RUN_STATUSES
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage
from dagster._core.storage.tags import (
    GRPC_INFO_TAG,
    MAX_RETRIES_TAG,
    RETRY_STRATEGY_TAG,
    RUN_FAILURE_REASON_TAG,
)
from dagster_shared.error import SerializableErrorInfo

from assets.core.errors import StepFailed
from resources.base.runs.run_locks import holders, taken

CODE = "RUN_DIED"
SECONDS_BETWEEN_LOOKS = 5.0
"""A run is declared dead if it is found without a process twice, at least this long apart.

Between the two, who launches it has handed it over, or it has got back a lock that a restart of the
database took from it."""

DIED = RunFailureReason.UNEXPECTED_TERMINATION
DIED_TAG = {RUN_FAILURE_REASON_TAG: DIED.value}


class DeadRuns:
    """Looks for dead runs, again and again, and fails them."""

    def __init__(self) -> None:
        self._first_seen: dict[str, float] = {}
        self._one_at_a_time = threading.Lock()

    def suspected(self) -> bool:
        """Whether the last look found some that only another look can tell."""
        return bool(self._first_seen)

    def fail(self, instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
        """Fail what was found without a process now and some seconds ago; says which."""
        with self._one_at_a_time:
            now = time.monotonic()
            without = {run.run_id: run for run in without_process(instance)}
            self._first_seen = {one: self._first_seen.get(one, now) for one in without}
            due = [
                one
                for one, first in self._first_seen.items()
                if now - first >= SECONDS_BETWEEN_LOOKS
            ]
            failed = [without[one] for one in due if declare_dead(instance, one)]
            for one in due:
                del self._first_seen[one]
            return failed

    def fail_now(self, instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
        """Look twice; it takes no time where the first look finds nothing."""
        failed = self.fail(instance)
        if self.suspected():
            time.sleep(SECONDS_BETWEEN_LOOKS)
            failed += self.fail(instance)
        return failed


def without_process(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The runs that hold a slot, and whose lock nobody holds at this moment."""
    active = instance.get_runs(dg.RunsFilter(statuses=ACTIVE_RUN_STATUSES))
    if not active:
        return []
    with _connected(instance) as connection:
        held = holders(connection, [run.run_id for run in active])
    return [run for run in active if run.run_id not in held]


def declare_dead(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Fail a run, or cancel it if that was asked for; False if it is over, or somebody holds it.

    The run's lock is ours meanwhile: it can't start, and nobody else declares it dead too.
    """
    with _connected(instance) as connection, taken(connection, run_id) as ours:
        run = instance.get_run_by_id(run_id)
        if not ours or run is None or run.status not in ACTIVE_RUN_STATUSES:
            return False
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, CODE)
        else:
            mark(instance, run)
            instance.report_run_failed(run, CODE, why())
        return True


def mark(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Say in the run's tags why it failed, and have it asked for once more if Dagster launched it.

    What it did is stored, and what it did not is done by the second one. A run of a command is its
    caller's to repeat.
    """
    tags = dict(DIED_TAG)
    launched = GRPC_INFO_TAG in run.tags or run.status is dg.DagsterRunStatus.STARTING
    if launched and run.remote_job_origin is not None:
        tags |= {MAX_RETRIES_TAG: "1", RETRY_STRATEGY_TAG: "ALL_STEPS"}
    instance.add_run_tags(run.run_id, tags)


def why() -> JobFailureData:
    """The code, as an event of a failed run carries it."""
    kind = StepFailed.__name__
    error = SerializableErrorInfo(message=f"{kind}: {CODE}\n", stack=[], cls_name=kind)
    return JobFailureData(error=error, failure_reason=DIED)


def _connected(instance: dg.DagsterInstance) -> Any:
    return cast("SqlRunStorage", instance.run_storage).connect()
