"""The check that reads again what `scrubbed_vectors` stored, apart from the step that stored it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from assets.core.errors import StorageError
from assets.core.expectations import times_failed
from assets.core.names import GROUP_SCORES, ONLY_VECTORS_STORED, SCRUBBED_VECTORS
from assets.core.partition_events import Verdict, each_region_day, evaluations
from assets.core.run_partitions import days_asked_for
from assets.core.shards import Shard, shard_of
from assets.restricted.collection.checks import HOW_TO_FOLLOW_UP, refusals
from assets.restricted.collection.standing_faults import StandingFaults, faults_at
from assets.restricted.scrubbing.stored_vectors import VectorFaults, faults_of, vector_suite
from resources.containment.guard import guarded, require_sealed_log
from resources.stores.inbox.collection_records import Fault
from resources.stores.vectors.vector_store import StoredVectors, VectorStore
from resources.wiring.context import RestrictedContext

_READER = GROUP_SCORES
_CODE = "VECTORS_NOT_AS_AGREED"
_NOT_READABLE = frozenset({"VECTORS_DESTROYED", "VECTORS_MISSING", "SEALED_DATA_DAMAGED"})


def define_only_vectors_stored(region_days: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    """The check over these partitions.

    It comes before `group_scores`, which refuses and destroys by itself what fails here, so that
    the other group-days of the run go on; where that step is not in the run, a failed check ends
    the run.
    """

    @dg.asset_check(  # pyright: ignore[reportArgumentType]  (it takes generators)
        asset=SCRUBBED_VECTORS,
        name=ONLY_VECTORS_STORED,
        partitions_def=region_days,
        blocking=True,
        description=(
            "Each stored file holds people by number and unit vectors, and nothing else."
            f" {HOW_TO_FOLLOW_UP}"
        ),
    )
    @guarded
    def only_vectors_stored(
        context: dg.AssetCheckExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        shard = shard_of(context.run.tags)
        rows: list[VectorFaults] = []
        looked_at: list[StoredVectors] = []
        asked = days_asked_for(context)
        for region, days in asked.items():
            wanted = [(region, day) for day in days]
            with restricted.region_day_locks.writing(wanted, shard):
                for stored in _living(restricted.vector_store, region, days, shard):
                    content = _content(restricted.vector_store, stored)
                    if content is not None:
                        looked_at.append(stored)
                        rows.append(faults_of(content))
        failed = vector_suite()(rows)
        faults = [
            Fault(one.region, one.group_ref, SCRUBBED_VECTORS, _CODE, context.run.run_id, one.day)
            for one, names in zip(looked_at, failed, strict=True)
            if names
        ]
        restricted.records.add_faults(faults, restricted.clock.now())
        severity = _severity(context)
        standing = StandingFaults(context.instance, restricted.records)
        verdicts = {}
        for at in each_region_day(asked):
            own = [
                names
                for one, names in zip(looked_at, failed, strict=True)
                if (one.region, one.day) == at
            ]
            others = [
                one
                for one in standing.of_others(at, context.run, SCRUBBED_VECTORS)
                if one.code == _CODE
            ]
            refused = [*faults_at(faults, at), *others]
            verdicts[at] = Verdict(
                not any(own) and not others,
                {"checked": len(own), **refusals(refused), **times_failed(own)},
                severity,
            )
        yield from evaluations(
            context,
            dg.AssetCheckKey(dg.AssetKey(SCRUBBED_VECTORS), ONLY_VECTORS_STORED),
            verdicts,
        )

    return only_vectors_stored


def _living(store: VectorStore, region: str, days: list[date], shard: Shard) -> list[StoredVectors]:
    return [
        one for one in store.find(region, days) if not one.destroyed and shard.holds(one.group_ref)
    ]


def _content(store: VectorStore, stored: StoredVectors) -> bytes | None:
    """The decrypted file; None where it can't be opened, which `group_scores` reports."""
    try:
        return store.content(stored)
    except StorageError as error:
        if error.code not in _NOT_READABLE:
            raise
    return None


def _severity(context: Any) -> dg.AssetCheckSeverity:
    if _READER in {node.name for node in context.job_def.nodes}:
        return dg.AssetCheckSeverity.WARN
    return dg.AssetCheckSeverity.ERROR
