"""Dagster's PostgreSQL event log, with restricted events sealed before they are stored.

It stands on Dagster's internals: the version is pinned, the program plants a canary at start
(`resources.canary`), and the marker test is the tripwire.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from dagster import Field, StringSource
from dagster._core.events.log import EventLogEntry
from dagster._serdes import ConfigurableClassData, deserialize_value, serialize_value
from dagster_postgres import PostgresEventLogStorage
from dagster_postgres.utils import get_token_provider_from_config, pg_url_from_config

from resources.embedded_postgres import join_from_environment
from resources.lifeline import follow_lifeline
from resources.run_locks import RunLock
from resources.run_watch import RunWatch
from resources.seal import EventSeal
from resources.sealed_errors import SEALED


class SealedPostgresEventLogStorage(PostgresEventLogStorage):
    """Stores events of public jobs and steps as they come, and all others sealed.

    Args:
        known_names: names of assets, checks, jobs and regions that may be stored.
        public_jobs: jobs of the public location, which touches no text.
        public_steps: steps of the public location, for runs of single assets.
    """

    def __init__(
        self,
        *args: Any,
        known_names: Sequence[str] = (),
        public_jobs: Sequence[str] = (),
        public_steps: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self._seal = EventSeal(known_names)
        self._public_jobs = frozenset(public_jobs)
        self._public_steps = frozenset(public_steps)
        # Every process of Dagster loads this class: the embedded server must outlive them all, and
        # none may outlive `tideline dev`.
        join_from_environment()
        follow_lifeline()
        super().__init__(*args, **kwargs)
        self._runs = RunWatch(self._engine)

    @classmethod
    def config_type(cls) -> Any:
        """The parent's configuration, and ours."""
        return {
            **cast("Mapping[str, Any]", super().config_type()),
            "known_names": Field([StringSource]),
            "public_jobs": Field([StringSource]),
            "public_steps": Field([StringSource]),
        }

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "SealedPostgresEventLogStorage":
        """Make this class and not the parent, which is what the parent's method would make."""
        return cls(
            inst_data=inst_data,
            postgres_url=pg_url_from_config(config_value),
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
            token_provider=get_token_provider_from_config(config_value),
            known_names=config_value["known_names"],
            public_jobs=config_value["public_jobs"],
            public_steps=config_value["public_steps"],
        )

    def store_event(self, event: EventLogEntry) -> None:
        """Seal, then store; a run of this process is watched meanwhile (`resources.run_watch`)."""
        event = self._runs.before(event, self._instance if self.has_instance else None)
        super().store_event(self.sealed(event))
        self._runs.after(event)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Seal each, then store."""
        super().store_event_batch([self.sealed(event) for event in events])

    @contextmanager
    def holding(self, run_id: str) -> Iterator[None]:
        """Hold the lock of a run that another process is to execute."""
        lock = RunLock(self._engine, run_id)
        lock.take()
        try:
            yield
        finally:
            lock.release()

    def dispose(self) -> None:
        """Let the locks of runs go, then what the parent holds."""
        self._runs.dispose()
        super().dispose()

    def sealed(self, event: EventLogEntry) -> EventLogEntry:
        """The event as it may be stored; a bare entry in its place if it can't be sealed."""
        if self._is_public(event):
            return event
        try:
            rewritten = self._seal.seal_event(json.loads(serialize_value(event)))
            return deserialize_value(json.dumps(rewritten), EventLogEntry)
        except Exception:  # noqa: BLE001, S110  (its message may quote the event)
            pass
        return EventLogEntry(
            error_info=None,
            level=event.level,
            user_message=SEALED,
            run_id=event.run_id,
            timestamp=event.timestamp,
            step_key=self._known(event.step_key),
            job_name=self._known(event.job_name),
        )

    def _is_public(self, event: EventLogEntry) -> bool:
        if event.step_key is None:
            return event.job_name in self._public_jobs
        return event.step_key in self._public_steps

    def _known(self, name: str | None) -> str | None:
        return name if name is None or self._seal.knows(name) else SEALED
