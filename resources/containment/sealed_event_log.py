"""Dagster's PostgreSQL event log, with restricted events sealed before they are stored.

It stands on Dagster's internals: the version is pinned, the program plants a canary at start
(`resources.containment.canary`), and the marker test is the tripwire.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import dagster as dg
import sqlalchemy as sa
from dagster import Field, StringSource
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)
from dagster._serdes import ConfigurableClassData, deserialize_value, serialize_value
from dagster_postgres import PostgresEventLogStorage
from dagster_postgres.utils import get_token_provider_from_config, pg_url_from_config

from resources.base.database.dagster_connections import keeping_a_connection
from resources.base.database.embedded_postgres import join_from_environment, leave_all
from resources.base.database.what_is_there import WhatIsThere
from resources.base.runs.lifeline import follow_lifeline
from resources.base.runs.run_locks import RunLock
from resources.base.runs.run_watch import RunWatch
from resources.containment.seal import EventSeal
from resources.containment.sealed_errors import SEALED

_EVALUATED = dg.DagsterEventType.ASSET_CHECK_EVALUATION


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
        self._there = WhatIsThere()
        self._public_jobs = frozenset(public_jobs)
        self._public_steps = frozenset(public_steps)
        # Every process of Dagster loads this class: the embedded server must outlive them all, and
        # none may outlive `tideline dev`.
        join_from_environment()
        follow_lifeline(leave_all)
        super().__init__(*args, **kwargs)
        self._engine = keeping_a_connection(self._engine)
        self._runs = RunWatch(self._engine)

    def has_table(self, table_name: str) -> bool:
        """Whether Dagster's table is there."""
        return self._there.has(table_name, partial(super().has_table, table_name))

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether the table of assets has this column."""
        ask = partial(super().has_asset_key_col, column_name)
        return self._there.has(f"asset {column_name}", ask)

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
        """Seal, then store; a run of this process is watched meanwhile (see `run_watch`)."""
        event = self._runs.before(event, self._instance if self.has_instance else None)
        super().store_event(self.sealed(event))
        self._runs.after(event)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Seal each, then store; evaluations of checks too, which Dagster stores one by one."""
        sealed = [self.sealed(event) for event in events]
        if {event.dagster_event_type for event in sealed} == {_EVALUATED}:
            self._store_evaluations(sealed)
        else:
            super().store_event_batch(sealed)

    def _store_evaluations(self, events: Sequence[EventLogEntry]) -> None:
        with self._connect() as connection:
            statement = self.prepare_insert_event_batch(events)
            found = connection.execute(statement.returning(SqlEventLogStorageTable.c.id))
            ids = [row[0] for row in found]
        with self.index_transaction() as connection:
            for event in events:
                _drop_earlier(connection, event)
            rows = [_evaluation_row(*each) for each in zip(events, ids, strict=True)]
            connection.execute(AssetCheckExecutionsTable.insert(), rows)

    def _update_asset_check_evaluation(self, event: EventLogEntry, event_id: int | None) -> None:
        # Anew, and not in the row of the plan: of a check's rows Dagster's pages take the last, and
        # what did not pass is told last (`assets.core.partition_events`).
        with self.index_transaction() as connection:
            _drop_earlier(connection, event)
        super()._update_asset_check_evaluation(event, event_id)

    @contextmanager
    def holding(self, run_id: str) -> Iterator[None]:
        """Hold the lock of a run that another process is to execute."""
        lock = RunLock(self._engine, run_id, executes=False)
        lock.take()
        try:
            yield
        finally:
            lock.release()

    def dispose(self) -> None:
        """Let the locks of runs go, then what the parent holds, then the connection."""
        self._runs.dispose()
        super().dispose()
        self._engine.dispose()

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


def _evaluation_of(event: EventLogEntry) -> dg.AssetCheckEvaluation:
    return cast("dg.AssetCheckEvaluation", event.get_dagster_event().event_specific_data)


def _drop_earlier(connection: sa.Connection, event: EventLogEntry) -> None:
    """Delete what the run said of it before: the plan, or the evaluation of an earlier try."""
    evaluation = _evaluation_of(event)
    table = AssetCheckExecutionsTable
    connection.execute(
        table.delete().where(
            table.c.asset_key == evaluation.asset_key.to_string(),
            table.c.check_name == evaluation.check_name,
            table.c.run_id == event.run_id,
            table.c.partition.is_not_distinct_from(evaluation.partition),
        )
    )


def _evaluation_row(event: EventLogEntry, event_id: int) -> dict[str, Any]:
    """As Dagster writes it for one evaluation."""
    evaluation = _evaluation_of(event)
    target = evaluation.target_materialization_data
    status = (
        AssetCheckExecutionRecordStatus.SUCCEEDED
        if evaluation.passed
        else AssetCheckExecutionRecordStatus.FAILED
    )
    return {
        "asset_key": evaluation.asset_key.to_string(),
        "check_name": evaluation.check_name,
        "partition": evaluation.partition,
        "run_id": event.run_id,
        "execution_status": status.value,
        "evaluation_event": serialize_value(event),
        "evaluation_event_timestamp": datetime.fromtimestamp(event.timestamp, UTC).replace(
            tzinfo=None
        ),
        "evaluation_event_storage_id": event_id,
        "materialization_event_storage_id": target.storage_id if target else None,
    }
