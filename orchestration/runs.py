"""Running the jobs in this process, a range of days at a time."""

from collections.abc import Iterable, Sequence
from datetime import date

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.definitions.repository_definition.valid_definitions import (
    SINGLETON_REPOSITORY_NAME,
)
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from assets.core.coded_failures import code_of_run, code_of_step
from assets.core.errors import StepFailed
from assets.core.names import PUBLIC_JOBS
from assets.core.shards import WHOLE, Shard, shard_tags
from orchestration.partitions import range_tags


def run_job(
    definitions: dg.Definitions,
    job: str,
    instance: dg.DagsterInstance,
    *,
    region: str,
    first: date,
    last: date,
    shard: Shard = WHOLE,
) -> str | None:
    """Run a job over all days from `first` to `last` of a region, as one run.

    Args:
        definitions: of the job's location.
        job: its name.
        instance: the home's.
        region: the region.
        first: first day.
        last: last day.
        shard: of `collect`: which of the region's groups it reads.

    Returns:
        None if it succeeded, else the code that it failed with.
    """
    # Not `execute_in_process`: its runs are of no code location, so no page of the UI lists them
    # under their job, and the timeline leaves them out.
    job_def = definitions.resolve_job_def(job)
    run = instance.create_run_for_job(
        job_def=job_def,
        tags={**job_def.run_tags, **range_tags(region, first, last), **shard_tags(shard)},
        remote_job_origin=job_origin(job),
    )
    result = execute_run(InMemoryJob(job_def), run, instance)
    return None if result.success else failure_code(result.all_events)


def job_origin(job: str) -> RemoteJobOrigin:
    """Where the UI finds the job: its code location of workspace.yaml."""
    location = RegisteredCodeLocationOrigin("public" if job in PUBLIC_JOBS else "restricted")
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME), job)


def failure_code(events: Iterable[dg.DagsterEvent]) -> str:
    """The code of the first failed step or check; `STEP_BROKEN` if it has none of its own.

    `GROUPS_REFUSED` counts only where nothing else failed: it does not stop the steps after it.
    Where no step failed the run itself did.
    """
    told = list(events)
    codes = [code_of_step(event) for event in told if event.is_step_failure]
    return first_code(codes or [code_of_run(event) for event in told if event.is_run_failure])


def first_code(codes: Sequence[str]) -> str:
    """What a run ended with, of the codes of its steps in order; as `failure_code`."""
    others = [code for code in codes if code != "GROUPS_REFUSED"]
    return next(iter(others or codes), "STEP_BROKEN")


def raise_for(code: str | None) -> None:
    """Raise what a run ended with.

    Raises:
        StepFailed: unless it ended well.
    """
    if code is not None:
        raise StepFailed(code)
