"""The faults that a region-day's pages show: of the run that made it, and of other shards' runs.

A run that reads all groups of a region says all there is to say of its region-days. One of a shard
says what it found, and beside it what the newest runs of the other shards did, so that whichever
ends last leaves nothing out.
"""

from collections.abc import Sequence

import dagster as dg

from assets.core.partition_events import RegionDay
from assets.core.shards import WHOLE, every_shard, shard_of, slot_of
from resources.base.runs.collect_runs import CollectRuns
from resources.stores.inbox.collection_records import CollectionRecords, Fault


def faults_at(faults: Sequence[Fault], at: RegionDay) -> list[Fault]:
    """Those that concern a region-day: its own, and those of the groups as such."""
    region, day = at
    return [one for one in faults if one.region == region and one.day in (None, day)]


class StandingFaults:
    """Looks up what the runs of other shards found.

    Args:
        instance: where the runs are.
        records: where their faults are.
    """

    def __init__(self, instance: dg.DagsterInstance, records: CollectionRecords) -> None:
        self._instance = instance
        self._records = records
        self._runs: dict[str, CollectRuns] = {}
        self._of_run: dict[str, list[Fault]] = {}

    def at(
        self, at: RegionDay, run: dg.DagsterRun | None, own: Sequence[Fault], *stages: str
    ) -> list[Fault]:
        """Faults that concern a region-day.

        Args:
            at: the region-day.
            run: the run that made it; None for one that was deleted.
            own: what it found.
            stages: where in other shards' runs a fault has to be found to be told here, too; at
                any stage where none is given.
        """
        return [*faults_at(own, at), *self.of_others(at, run, *stages)]

    def of_others(self, at: RegionDay, run: dg.DagsterRun | None, *stages: str) -> list[Fault]:
        """What other shards' runs found of it; nothing beside a run that reads all."""
        shard = WHOLE if run is None else shard_of(run.tags)
        if shard == WHOLE:
            return []
        region, day = at
        by_slot = self.runs(region).by_slot(day)
        return [
            fault
            for run_id in {one.run_id: None for one in by_slot.values()}
            for fault in faults_at(self._found(run_id), at)
            if by_slot[slot_of(fault.group_ref)].run_id == run_id
            and not shard.holds(fault.group_ref)
            and (not stages or fault.stage in stages)
        ]

    def outstanding(self, at: RegionDay, run: dg.DagsterRun) -> dict[str, int]:
        """Metadata of a shard's run: how many other shards have not read a region-day yet."""
        own = shard_of(run.tags)
        if own == WHOLE:
            return {}
        region, day = at
        runs = self.runs(region)
        left = [
            one
            for one in every_shard(own.of)
            if one != own and any(runs.awaits(slot, day) for slot in one.slots)
        ]
        return {"shards_outstanding": len(left)}

    def runs(self, region: str) -> CollectRuns:
        """The runs of a region, as they stood when this was first asked."""
        if region not in self._runs:
            self._runs[region] = CollectRuns(self._instance, region)
        return self._runs[region]

    def _found(self, run_id: str) -> list[Fault]:
        if run_id not in self._of_run:
            self._of_run[run_id] = self._records.faults_of_run(run_id)
        return self._of_run[run_id]
