"""Dagster's default launcher, which holds a run's lock until the run's own process does."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

from dagster._core.launcher import DefaultRunLauncher, LaunchRunContext
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage
from dagster._serdes import ConfigurableClassData

from resources.dead_runs import declare_dead
from resources.run_locks import ask_to_stop, holders

HANDOVER_SECONDS = 20.0
"""How long a run's process that has answered may take to its first event."""

_PAUSE_SECONDS = 0.1


class _Holding(Protocol):
    """What this launcher needs of the event log that dagster.yaml names."""

    def holding(self, run_id: str) -> AbstractContextManager[None]: ...


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
        log = cast("_Holding", self._instance.event_log_storage)
        with log.holding(run_id):
            super().launch_run(context)
            until = time.monotonic() + HANDOVER_SECONDS
            while time.monotonic() < until and not self._is_handed_over(run_id):
                time.sleep(_PAUSE_SECONDS)

    def _is_handed_over(self, run_id: str) -> bool:
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return True
        with self._connected() as connection:
            return holders(connection, [run_id]).get(run_id, 0) > 1

    def terminate(self, run_id: str) -> bool:
        """Interrupt the run's process wherever it is; cancel the run at once if it has none."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        if not declare_dead(self._instance, run_id):
            with self._connected() as connection:
                ask_to_stop(connection, run_id)
        return True

    def _connected(self) -> Any:
        return cast("SqlRunStorage", self._instance.run_storage).connect()
