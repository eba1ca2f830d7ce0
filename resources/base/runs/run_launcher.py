"""Dagster's default launcher, which holds a run's lock until the run's own process does."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

import dagster as dg
from dagster._core.launcher import DefaultRunLauncher, LaunchRunContext
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage
from dagster._serdes import ConfigurableClassData

from resources.base.runs.dead_runs import declare_dead
from resources.base.runs.run_locks import ask_to_stop, holders

HANDOVER_SECONDS = 20.0
"""How long a run's process that has answered may take to its first event."""

_PAUSE_SECONDS = 0.1


class HoldsLocks(Protocol):
    """What this launcher needs of the event log that dagster.yaml names."""

    def holding(self, run_id: str) -> AbstractContextManager[None]:
        """Hold the lock of a run that another process is to execute."""
        ...


def wait_for_handover(
    instance: dg.DagsterInstance, run_id: str, seconds: float, pause: float
) -> None:
    """Wait until the run's process holds its lock as well as we do, or the run is over.

    Args:
        instance: the run's.
        run_id: the run's.
        seconds: how long at most.
        pause: seconds between two looks.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return
        with connected(instance) as connection:
            if holders(connection, [run_id]).get(run_id, 0) > 1:
                return
        time.sleep(pause)


def connected(instance: dg.DagsterInstance) -> Any:
    """A connection to the database of an instance."""
    return cast("SqlRunStorage", instance.run_storage).connect()


class LockedRunLauncher(DefaultRunLauncher):
    """Launches runs so that a living one always has its lock held, and stops them by it."""

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData,
        config_value: Mapping[str, Any],  # noqa: ARG003  (Dagster passes it)
    ) -> "LockedRunLauncher":
        """Make this class."""
        return cls(inst_data=inst_data)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Hold the lock, launch, and wait for the run's process to hold it too."""
        run_id = context.dagster_run.run_id
        log = cast("HoldsLocks", self._instance.event_log_storage)
        with log.holding(run_id):
            super().launch_run(context)
            wait_for_handover(self._instance, run_id, HANDOVER_SECONDS, _PAUSE_SECONDS)

    def terminate(self, run_id: str) -> bool:
        """Interrupt the run's process wherever it is; cancel the run at once if it has none."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        if not declare_dead(self._instance, run_id):
            with connected(self._instance) as connection:
                ask_to_stop(connection, run_id)
        return True
