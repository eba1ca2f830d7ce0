"""Dagster's PostgreSQL run storage, where every run, however launched, is written down first.

It stands on Dagster's internals: the version is pinned, and a test launches from every place.
"""

from collections.abc import Mapping
from typing import Any

from dagster import DagsterRun, DagsterRunStatus, RunsFilter
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresRunStorage
from dagster_postgres.utils import get_token_provider_from_config, pg_url_from_config

from assets.core.run_partitions import asks_for, cleared_tags, readable_tags
from resources.base.database.dagster_connections import keeping_a_connection
from resources.base.database.what_is_there import WhatIsThere

_RED = frozenset({DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED})


class RegionDayRunStorage(PostgresRunStorage):
    """Stores each run with the partitions that were asked for, and with tags that a person reads.

    Dagster's launchers, steps and pages all read a run's tags from here, so one place is enough:
    what a job's backfill leaves of its first partition is dropped (`cleared_tags`).

    A backfill is stored as succeeded only if it left nothing out.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._there = WhatIsThere()
        super().__init__(*args, **kwargs)
        self._engine = keeping_a_connection(self._engine)

    def dispose(self) -> None:
        """Close the connection."""
        super().dispose()
        self._engine.dispose()

    @classmethod
    def from_config_value(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "RegionDayRunStorage":
        """Make this class and not the parent, which is what the parent's method would make."""
        return cls(
            inst_data=inst_data,
            postgres_url=pg_url_from_config(config_value),
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
            token_provider=get_token_provider_from_config(config_value),
        )

    def has_run_stats_index_cols(self) -> bool:
        """Whether runs have columns for their beginning and end."""
        return self._there.has("run stats", super().has_run_stats_index_cols)

    def has_backfill_id_column(self) -> bool:
        """Whether runs have a column for their backfill."""
        return self._there.has("backfill id", super().has_backfill_id_column)

    def add_run(self, dagster_run: DagsterRun) -> DagsterRun:
        """Store the run. Returns it as it is stored, which is what Dagster goes on with."""
        tags = cleared_tags(dagster_run.tags)
        return super().add_run(dagster_run.with_tags({**tags, **readable_tags(tags)}))

    def update_backfill(self, partition_backfill: PartitionBackfill) -> None:
        """Store where the backfill stands; as failed if Dagster would have it succeed, wrongly.

        Of a backfill of assets Dagster looks at what was stored, and a run that stored what it
        could and then named a group that it could not read is red. Of a backfill of a job it looks
        at no day that it launched no run for.
        """
        if (
            partition_backfill.status is BulkActionStatus.COMPLETED_SUCCESS
            and not self._left_nothing_out(partition_backfill)
        ):
            partition_backfill = partition_backfill.with_status(BulkActionStatus.COMPLETED_FAILED)
        super().update_backfill(partition_backfill)

    def _left_nothing_out(self, backfill: PartitionBackfill) -> bool:
        runs = self.get_runs(
            RunsFilter(tags=dict(DagsterRun.tags_for_backfill_id(backfill.backfill_id)))
        )
        red = {run.run_id for run in runs if run.status in _RED}
        tried_again = {run.parent_run_id for run in runs}
        # Those of a backfill of assets are not listed here, and are counted by Dagster.
        asked = backfill.partition_names or ()
        return red <= tried_again and all(
            any(asks_for(run.tags, key) for run in runs) for key in asked
        )
