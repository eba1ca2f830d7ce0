"""Dagster's own tables, made and migrated here so that no other process has to change a table.

Left alone, Dagster makes them wherever it first connects, and not as one act: killed in between, it
takes half of its tables for all of them.
"""

import tempfile
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
import yaml
from dagster._core.storage.event_log.schema import SqlEventLogStorageMetadata
from dagster._core.storage.runs.schema import RunStorageSqlMetadata
from dagster._core.storage.schedules.schema import ScheduleStorageSqlMetadata
from dagster._core.storage.sql import stamp_alembic_rev
from dagster_postgres.run_storage import run_storage
from dagster_postgres.utils import pg_alembic_config
from sqlalchemy.engine import URL

from resources.containment.quiet import quiet

_TABLES = (RunStorageSqlMetadata, SqlEventLogStorageMetadata, ScheduleStorageSqlMetadata)


def make_tables(connection: sa.Connection) -> None:
    """Make what is missing, within the caller's transaction and search path."""
    inspector = sa.inspect(connection)
    new = "alembic_version" not in inspector.get_table_names()
    for tables in _TABLES:
        tables.create_all(connection)
    # Who may only read, as an auditor's web UI, could not give the storage its name.
    connection.execute(
        sa.text(
            "INSERT INTO instance_info (run_storage_id) SELECT gen_random_uuid()::text"
            " WHERE NOT EXISTS (SELECT FROM instance_info)"
        )
    )
    if new:
        stamp_alembic_rev(pg_alembic_config(run_storage.__file__), connection)


def migrate_tables(url: URL) -> None:
    """Bring tables of an older Dagster to this one's; again, it does nothing.

    Args:
        url: the owner's, with the search path on which the tables are.
    """
    written = url.render_as_string(hide_password=False)
    configuration = {
        "storage": {"postgres": {"postgres_url": written}},
        "telemetry": {"enabled": False},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dagster.yaml"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(configuration), "utf-8")
        # It shows its progress on standard error.
        with quiet(), dg.DagsterInstance.from_config(folder) as instance:
            instance.upgrade()
            instance.reindex()
