"""How many runs hold messages in memory at once is limited, whatever the number of runs."""

from datetime import date
from typing import Any

import dagster as dg
import pytest
from dagster._core.instance.config import PoolGranularity
from dagster._core.op_concurrency_limits_counter import GlobalOpConcurrencyLimitsCounter
from dagster._core.storage.dagster_run import DagsterRunStatus as Status

from assets.core.names import COLLECT, LIFETIMES, RELEASE, TEXT_POOL
from orchestration.partitions import range_tags
from orchestration.runs import job_origin

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 12)


def queued(house: Any, job: str, status: Status = Status.QUEUED) -> dg.DagsterRun:
    job_def = house.definitions.resolve_job_def(job)
    return house.instance.create_run_for_job(
        job_def=job_def,
        tags=range_tags("greater_london", DAY, DAY),
        status=status,
        remote_job_origin=job_origin(job),
    )


def test_a_second_run_that_reads_waits_and_others_do_not(house: Any) -> None:
    config = house.instance.get_concurrency_config().pool_config
    assert config.pool_granularity is PoolGranularity.RUN
    assert config.default_pool_limit == 2
    house.instance.event_log_storage.set_concurrency_slots(TEXT_POOL, 1)
    going_on = queued(house, COLLECT, Status.STARTED)
    waiting = [queued(house, job) for job in (COLLECT, RELEASE, LIFETIMES)]
    # As the daemon counts before it takes runs from the queue.
    counter = GlobalOpConcurrencyLimitsCounter(
        house.instance,
        waiting,
        house.instance.get_run_records(dg.RunsFilter(run_ids=[going_on.run_id])),
        concurrency_keys=house.instance.event_log_storage.get_concurrency_keys(),
        pool_limits=house.instance.event_log_storage.get_pool_limits(),
        pool_granularity=config.pool_granularity,
    )
    assert [counter.is_blocked(run) for run in waiting] == [True, False, False]


def test_the_steps_that_read_text_are_of_the_pool(house: Any) -> None:
    pools = {
        asset.key.to_user_string(): asset.op.pool
        for asset in house.definitions.assets
        if isinstance(asset, dg.AssetsDefinition)
    }
    assert {name for name, pool in pools.items() if pool == TEXT_POOL} == {
        "platform_export",
        "scrubbed_vectors",
    }
