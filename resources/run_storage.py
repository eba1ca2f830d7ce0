"""Dagster's PostgreSQL run storage, where every run, however launched, is written down first.

It stands on Dagster's internals: the version is pinned, and a test launches from every place.
"""

from collections.abc import Mapping
from typing import Any

from dagster import DagsterRun
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresRunStorage
from dagster_postgres.utils import get_token_provider_from_config, pg_url_from_config

from assets.governance.run_partitions import cleared_tags, readable_tags


class RegionDayRunStorage(PostgresRunStorage):
    """Stores each run with the partitions that were asked for, and with tags that a person reads.

    Dagster's launchers, steps and pages all read a run's tags from here, so one place is enough:
    what a job's backfill leaves of its first partition is dropped (`cleared_tags`).
    """

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

    def add_run(self, dagster_run: DagsterRun) -> DagsterRun:
        """Store the run. Returns it as it is stored, which is what Dagster goes on with."""
        tags = cleared_tags(dagster_run.tags)
        return super().add_run(dagster_run.with_tags({**tags, **readable_tags(tags)}))
