"""At start: plant a word in an instance of its own, and refuse to run if it is found again."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from assets.core.errors import SealError
from resources.base.database.connection import Database
from resources.base.database.postgres import dagster_url
from resources.base.database.roles import Role
from resources.containment.guard import guarded
from resources.containment.marker_scan import scan_database, scan_folder
from resources.containment.quiet import quiet

CANARY_SCHEMA = "canary"


def _leaky_job(canary: str) -> dg.JobDefinition:
    """A job that tries to leak the word on every path that steps really have."""

    @dg.op
    def unguarded(context: dg.OpExecutionContext) -> None:
        context.log.warning(canary)
        context.add_output_metadata({canary: canary, "outcome": canary})
        try:
            raise KeyError(canary)  # noqa: TRY301  (the chain is what is tried)
        except KeyError as error:
            error.add_note(canary)
            raise ValueError(canary) from error

    @dg.op
    @guarded
    def guarded_step() -> None:
        raise dg.Failure(description=canary, metadata={"outcome": canary})

    @dg.job(executor_def=dg.in_process_executor)
    def canary_job() -> None:
        unguarded()
        guarded_step()

    return canary_job


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def plant_canary(database: Database, dagster_yaml: Path) -> set[tuple[str, bytes]]:
    """Run a leaky job under this very `dagster.yaml`, and report where the word persists.

    Args:
        database: with Dagster's tables in the schema `canary`, of which nothing of this is left.
        dagster_yaml: the instance configuration in use.

    Returns:
        Places that hold the word; empty if the seal holds.
    """
    canary = f"canary{secrets.token_hex(8)}"
    with (
        tempfile.TemporaryDirectory() as folder,
        _environment(DAGSTER_PG_URL=dagster_url(database.url, CANARY_SCHEMA), DAGSTER_HOME=folder),
    ):
        (Path(folder) / "dagster.yaml").write_text(dagster_yaml.read_text("utf-8"), "utf-8")
        with dg.DagsterInstance.from_config(folder) as instance:
            result = _run(_leaky_job(canary), instance)
            try:
                as_dagster = Database(database.url, Role.DAGSTER)
                with as_dagster.transaction() as connection:
                    found = scan_database(connection, [canary.encode()], [CANARY_SCHEMA])
                as_dagster.dispose()
                # A seal that stored nothing, or a job that did not fail, would prove nothing.
                if result.success or not instance.all_logs(result.run_id):
                    raise SealError("CANARY_DID_NOT_RUN")
            finally:
                instance.delete_run(result.run_id)
            return found | scan_folder(Path(folder), [canary.encode()])


def _run(job: dg.JobDefinition, instance: dg.DagsterInstance) -> Any:
    with quiet():
        return job.execute_in_process(instance=instance, raise_on_error=False)


def refuse_unless_sealed(database: Database, dagster_yaml: Path) -> None:
    """Refuse to go on unless the seal holds.

    Raises:
        SealError: `SEAL_BROKEN`, `CANARY_DID_NOT_RUN`.
        StorageError: `POSTGRES_NOT_REACHABLE`.
    """
    if plant_canary(database, dagster_yaml):
        raise SealError("SEAL_BROKEN")
