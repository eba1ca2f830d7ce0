"""The queue of runs: dead ones leave it before it is looked at, and deletion never stands in it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import dagster as dg
from dagster import Field, StringSource
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.run_coordinator.queued_run_coordinator import RunQueueConfig
from dagster._serdes import ConfigurableClassData

from resources.base.runs.dead_runs import CODE, DeadRuns

LAUNCHES_AGAIN = 5
SECONDS_TO_LAUNCH_AGAIN = 10
"""A code server that was killed is gone for as long as it takes to start."""


class RunQueue(QueuedRunCoordinator):
    """Dagster's queue.

    Args:
        never_wait: jobs whose runs are launched as they are asked for, whatever else runs.
    """

    def __init__(self, *, never_wait: Sequence[str] = (), **kwargs: Any) -> None:
        self._never_wait = frozenset(never_wait)
        self._dead = DeadRuns()
        self._is_the_daemons = False
        super().__init__(**kwargs)

    @classmethod
    def config_type(cls) -> Any:
        """Ours; how many may run at once stands in `concurrency`."""
        return {"never_wait": Field([StringSource])}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> "RunQueue":
        """Make this class."""
        return cls(
            inst_data=inst_data,
            never_wait=config_value["never_wait"],
            max_user_code_failure_retries=LAUNCHES_AGAIN,
            user_code_failure_retry_delay=SECONDS_TO_LAUNCH_AGAIN,
        )

    @property
    def dequeue_interval_seconds(self) -> int:
        """Asked by Dagster's daemon alone, as it starts to look at the queue."""
        self._is_the_daemons = True
        return super().dequeue_interval_seconds

    def get_run_queue_config(self) -> RunQueueConfig:
        """The limits. The daemon asks for them before each look at the queue, every five seconds.

        That is the moment to fail what is dead: its slot is free in the look that follows. Steps
        and the web UI ask as well, and only get the answer.
        """
        if self._is_the_daemons:
            for run in self._dead.fail(cast("dg.DagsterInstance", self._instance)):
                self._logger.warning("%s: run %s of %s", CODE, run.run_id, run.job_name)
        return super().get_run_queue_config()

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Launch at once what must never wait, queue the rest."""
        run = context.dagster_run
        if run.job_name in self._never_wait and run.status is dg.DagsterRunStatus.NOT_STARTED:
            return self._instance.launch_run(run.run_id, context.workspace)
        return super().submit_run(context)
