"""Which run of `collect` was last to read each group of a region-day, and whether it has.

Told only of days that were ever asked for in shards: otherwise one run reads all groups of a
region, and nobody waits to hear that it has ended.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import dagster as dg

from assets.core.errors import PartitionError
from assets.core.names import COLLECT, GROUP_SCORES
from assets.core.region_day import partition_key
from assets.core.run_partitions import REGION, asks_for
from assets.core.shards import SHARD, WHOLE, Shard, shard_of

MOST_RUNS = 1000
"""So many of a region are looked at, the newest: more than a month of a dozen shards each day."""


@dataclass(frozen=True)
class CollectRun:
    """A run of `collect` in one region.

    Attributes:
        run_id: its id.
        shard: the groups that it reads.
        status: where it stands.
        tags: with the days that it was asked for.
    """

    run_id: str
    shard: Shard
    status: dg.DagsterRunStatus
    tags: Mapping[str, str] = field(repr=False)


class CollectRuns:
    """The runs of a region, as they stood when this was made.

    Args:
        instance: where they are.
        region: the region.
    """

    def __init__(self, instance: dg.DagsterInstance, region: str) -> None:
        self._instance = instance
        self._region = region
        self._collected: dict[str, frozenset[str]] = {}
        self._by_slot: dict[date, dict[int, CollectRun]] = {}
        # One narrow look for the homes that have no shards, which are most.
        self._runs = _runs(instance, region) if instance.get_run_tags(tag_keys=[SHARD]) else []

    def by_slot(self, day: date) -> dict[int, CollectRun]:
        """For each slot the newest run that was to read its groups on a day.

        Returns:
            By slot; slots that no run was asked for are left out. Nothing where no run was asked
            for the day that reads a shard.
        """
        if day not in self._by_slot:
            key = partition_key(self._region, day)
            asked = [run for run in self._runs if asks_for(run.tags, key)]
            divided = any(run.shard != WHOLE for run in asked)
            # Of the oldest first, so that the newest stays.
            self._by_slot[day] = {
                slot: run for run in reversed(asked) if divided for slot in run.shard.slots
            }
        return self._by_slot[day]

    def awaits(self, by_slot: Mapping[int, CollectRun], slot: int, day: date) -> bool:
        """Whether a day of a slot's groups still waits for the run that is to read them.

        A run has read a day once its scores are told, whatever came after; one that died, was
        stopped or never came has not.

        Args:
            by_slot: of the day.
            slot: the slot.
            day: the day.
        """
        run = by_slot.get(slot)
        return bool(by_slot) and (run is None or not self._has_read(run, day))

    def _has_read(self, run: CollectRun, day: date) -> bool:
        if run.status is dg.DagsterRunStatus.SUCCESS:
            return True
        if run.run_id not in self._collected:
            self._collected[run.run_id] = _scored(self._instance, run.run_id)
        return partition_key(self._region, day) in self._collected[run.run_id]


def _runs(instance: dg.DagsterInstance, region: str) -> list[CollectRun]:
    """Of one region, newest first."""
    asked = dg.RunsFilter(job_name=COLLECT, tags={REGION: region})
    found = []
    for run in instance.get_runs(asked, limit=MOST_RUNS):
        # Its tag is one that somebody typed, and it read nothing.
        with suppress(PartitionError):
            found.append(CollectRun(run.run_id, shard_of(run.tags), run.status, run.tags))
    return found


def _scored(instance: dg.DagsterInstance, run_id: str) -> frozenset[str]:
    """Partitions whose scores a run has told."""
    told = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    events = [one.dagster_event for one in told if one.dagster_event is not None]
    return frozenset(
        str(one.partition) for one in events if one.asset_key == dg.AssetKey(GROUP_SCORES)
    )
