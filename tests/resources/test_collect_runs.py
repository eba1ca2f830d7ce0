"""Whether a region-day still waits for a run, by what runs were asked for and what they told."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, StepMaterializationData

from assets.core.names import COLLECT, GROUP_SCORES, PLATFORM_EXPORT
from assets.core.region_day import partition_key
from assets.core.run_partitions import readable_tags
from assets.core.shards import SLOTS, WHOLE, Shard, shard_tags
from orchestration.partitions import range_tags
from resources.base.runs.collect_runs import CollectRuns

LONDON = "greater_london"
DAY, LAST = date(2026, 10, 12), date(2026, 10, 14)
FIRST, SECOND = Shard(1, 2), Shard(2, 2)
DUE = datetime(2026, 10, 14, tzinfo=UTC)
BEFORE, SINCE = DUE - timedelta(hours=4), DUE + timedelta(hours=4)
ENDED = dg.DagsterRunStatus.SUCCESS


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def ask(
    instance: dg.DagsterInstance,
    shard: Shard,
    status: dg.DagsterRunStatus,
    told_at: datetime | None,
    asset: str = GROUP_SCORES,
) -> None:
    tags = range_tags(LONDON, DAY, LAST)
    run = dg.DagsterRun(
        job_name=COLLECT,
        run_id=str(uuid.uuid4()),
        tags={**tags, **readable_tags(tags), **shard_tags(shard)},
        status=status,
    )
    instance.add_run(run)
    if told_at is None:
        return
    made = dg.AssetMaterialization(asset, partition=partition_key(LONDON, DAY))
    event = DagsterEvent(
        event_type_value=dg.DagsterEventType.ASSET_MATERIALIZATION.value,
        job_name=COLLECT,
        event_specific_data=StepMaterializationData(made),
    )
    instance.store_event(
        dg.EventLogEntry(
            error_info=None,
            level=10,
            user_message="",
            run_id=run.run_id,
            timestamp=told_at.timestamp(),
            step_key=asset,
            job_name=COLLECT,
            dagster_event=event,
        )
    )


def waiting(instance: dg.DagsterInstance, due: datetime | None = DUE) -> int:
    runs = CollectRuns(instance, LONDON)
    return sum(runs.awaits(slot, DAY, due) for slot in range(SLOTS))


@pytest.mark.parametrize("told_at", [BEFORE, SINCE])
@pytest.mark.parametrize(
    ("later", "status"),
    [
        (FIRST, dg.DagsterRunStatus.STARTING),
        (FIRST, dg.DagsterRunStatus.FAILURE),
        (WHOLE, dg.DagsterRunStatus.CANCELED),
        (Shard(1, 3), dg.DagsterRunStatus.STARTED),
    ],
)
def test_what_is_asked_for_later_holds_nothing_up_that_was_read_since_it_was_due(
    instance: dg.DagsterInstance, told_at: datetime, later: Shard, status: dg.DagsterRunStatus
) -> None:
    """The sensor asks for a shard with every new file, for all days that are open."""
    for shard in (FIRST, SECOND):
        ask(instance, shard, ENDED, told_at)
    assert waiting(instance) == 0
    ask(instance, later, status, None)
    assert waiting(instance, due=None) == len(later.slots)
    assert waiting(instance) == (0 if told_at == SINCE else len(later.slots))
    assert not any(CollectRuns(instance, LONDON).never_read(slot, DAY) for slot in range(SLOTS))


def test_a_shard_that_nobody_read_is_waited_for_whatever_else_was(
    instance: dg.DagsterInstance,
) -> None:
    ask(instance, WHOLE, ENDED, None)
    # Nobody asked for shards: of a run that reads all nobody waits to hear.
    assert waiting(instance) == 0
    ask(instance, FIRST, ENDED, SINCE)
    assert waiting(instance) == len(SECOND.slots)
    runs = CollectRuns(instance, LONDON)
    assert {slot for slot in range(SLOTS) if runs.never_read(slot, DAY)} == set(SECOND.slots)


def test_a_run_of_some_of_its_steps_has_not_read_the_day(instance: dg.DagsterInstance) -> None:
    ask(instance, FIRST, ENDED, SINCE)
    ask(instance, SECOND, dg.DagsterRunStatus.FAILURE, None)
    ask(instance, SECOND, ENDED, SINCE, asset=PLATFORM_EXPORT)
    assert waiting(instance) == len(SECOND.slots)
