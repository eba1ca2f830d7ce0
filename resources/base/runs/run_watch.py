"""What the event log does for runs: it is what each run's process writes to first and last."""

import os

import dagster as dg
import sqlalchemy as sa
from dagster._core.events.log import EventLogEntry

from resources.base.runs.dead_runs import mark, why
from resources.base.runs.run_locks import RunLock

_OVER = frozenset(
    {
        dg.DagsterEventType.RUN_SUCCESS,
        dg.DagsterEventType.RUN_FAILURE,
        dg.DagsterEventType.RUN_CANCELED,
    }
)


class RunWatch:
    """Holds the locks of the runs that this process executes, however they were launched.

    Args:
        engine: of the home's database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._locks: dict[str, RunLock] = {}

    def before(self, entry: EventLogEntry, instance: dg.DagsterInstance | None) -> EventLogEntry:
        """Before an event is stored: take the lock of a run that begins here.

        Returns:
            The event; with a code if it says, without a reason, that another process's run failed.
        """
        event = entry.dagster_event
        if event is None:
            return entry
        if _begins_here(event) and entry.run_id not in self._locks:
            lock = RunLock(self._engine, entry.run_id)
            lock.take()
            self._locks[entry.run_id] = lock
        elif (
            event.event_type is dg.DagsterEventType.RUN_FAILURE
            and event.event_specific_data is None
            and entry.run_id not in self._locks
            and instance is not None
        ):
            # Dagster's code server, of a process that it started; or a launch that did not succeed.
            run = instance.get_run_by_id(entry.run_id)
            if run is not None and not run.is_finished:
                mark(instance, run)
            return entry._replace(dagster_event=event._replace(event_specific_data=why()))
        return entry

    def after(self, entry: EventLogEntry) -> None:
        """After an event is stored: let the lock of a run go that ended here."""
        event = entry.dagster_event
        if event is not None and event.event_type in _OVER and entry.run_id in self._locks:
            self._locks.pop(entry.run_id).release()

    def dispose(self) -> None:
        """Let all locks go."""
        while self._locks:
            self._locks.popitem()[1].release()


def _begins_here(event: dg.DagsterEvent) -> bool:
    """Whether the event is the first word of a run's own process: that it started, or the run."""
    if event.event_type is dg.DagsterEventType.ENGINE_EVENT:
        pid = event.engine_event_data.metadata.get("pid")
        return pid is not None and pid.value == str(os.getpid())
    return event.event_type is dg.DagsterEventType.RUN_START
