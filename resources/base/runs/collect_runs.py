"""Which runs of `collect` were to read each group of a region-day, and when they had.

Told only of days that were ever asked for in shards: otherwise one run reads all groups of a
region, and nobody waits to hear that it has ended.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

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
        tags: with the days that it was asked for.
    """

    run_id: str
    shard: Shard
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
        self._collected: dict[str, Mapping[str, datetime]] = {}
        self._asked: dict[date, list[CollectRun]] = {}
        # One narrow look for the homes that have no shards, which are most.
        self._runs = _runs(instance, region) if instance.get_run_tags(tag_keys=[SHARD]) else []

    def by_slot(self, day: date) -> dict[int, CollectRun]:
        """For each slot the newest run that was to read its groups on a day.

        Returns:
            By slot; slots that no run was asked for are left out. Nothing where no run was asked
            for the day that reads a shard.
        """
        # Of the oldest first, so that the newest stays.
        return {slot: run for run in reversed(self._asked_for(day)) for slot in run.shard.slots}

    def awaits(self, slot: int, day: date, due: datetime | None = None) -> bool:
        """Whether a day of a slot's groups still waits for a run that is to read them.

        A run has read a day once its scores are told, whatever came after; one that died, was
        stopped or never came has not. The newest counts, for it was asked for because there was
        something to read, unless another has read the day since it was due: then nothing that is
        asked for later can make it wait again.

        Args:
            slot: the slot.
            day: the day.
            due: from when on a reading is enough; None where it is never.
        """
        asked = [run for run in self._asked_for(day) if slot in run.shard.slots]
        if not asked:
            return bool(self._asked_for(day))
        read = self._read_at(asked[0], day) is not None
        return not read and (due is None or not self._read_since(asked, day, due))

    def never_read(self, slot: int, day: date) -> bool:
        """Whether no run has ever read a day of a slot's groups, of a day asked for in shards."""
        asked = [run for run in self._asked_for(day) if slot in run.shard.slots]
        return bool(self._asked_for(day)) and all(self._read_at(run, day) is None for run in asked)

    def _asked_for(self, day: date) -> list[CollectRun]:
        """Newest first; none where none of them reads a shard."""
        if day not in self._asked:
            key = partition_key(self._region, day)
            asked = [run for run in self._runs if asks_for(run.tags, key)]
            divided = any(run.shard != WHOLE for run in asked)
            self._asked[day] = asked if divided else []
        return self._asked[day]

    def _read_since(self, asked: list[CollectRun], day: date, due: datetime) -> bool:
        return any((at := self._read_at(run, day)) is not None and at >= due for run in asked)

    def _read_at(self, run: CollectRun, day: date) -> datetime | None:
        # Also of a run that succeeded: it may have been asked for some of its steps alone.
        if run.run_id not in self._collected:
            self._collected[run.run_id] = _scored(self._instance, run.run_id)
        return self._collected[run.run_id].get(partition_key(self._region, day))


def _runs(instance: dg.DagsterInstance, region: str) -> list[CollectRun]:
    """Of one region, newest first."""
    asked = dg.RunsFilter(job_name=COLLECT, tags={REGION: region})
    found = []
    for run in instance.get_runs(asked, limit=MOST_RUNS):
        # Its tag is one that somebody typed, and it read nothing.
        with suppress(PartitionError):
            found.append(CollectRun(run.run_id, shard_of(run.tags), run.tags))
    return found


def _scored(instance: dg.DagsterInstance, run_id: str) -> dict[str, datetime]:
    """Partitions whose scores a run has told, and when."""
    told = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    return {
        str(event.partition): datetime.fromtimestamp(one.timestamp, UTC)
        for one in told
        if (event := one.dagster_event) is not None and event.asset_key == dg.AssetKey(GROUP_SCORES)
    }
