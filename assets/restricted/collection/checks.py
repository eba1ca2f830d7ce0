"""How the restricted steps show that something of a group was refused."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from assets.core.errors import StepFailed, code_and_remedy
from assets.core.names import (
    EVERY_EXPORT_READ,
    GROUP_SCORES,
    NO_GROUP_REFUSED,
    PLATFORM_EXPORT,
    SCRUBBED_VECTORS,
)
from assets.core.partition_events import (
    RegionDay,
    Verdict,
    each_region_day,
    evaluations,
    newest_materializations,
)
from assets.core.run_partitions import days_asked_for
from assets.core.shards import WHOLE, shard_of
from assets.restricted.collection.standing_faults import StandingFaults
from resources.containment.guard import guarded, require_sealed_log
from resources.stores.inbox.collection_records import CollectionRecords, Fault
from resources.wiring.context import RestrictedContext

CHECKS_OF_REFUSALS: Mapping[str, tuple[str, str]] = {
    PLATFORM_EXPORT: (EVERY_EXPORT_READ, "The newest export of every group could be read."),
    SCRUBBED_VECTORS: (NO_GROUP_REFUSED, "Every group could be read and scrubbed."),
    GROUP_SCORES: (NO_GROUP_REFUSED, "Every stored group-day could be scored."),
}
"""By step, in the order in which they run, the check that turns red for what it refused, and what
holds where it passes."""
HOW_TO_FOLLOW_UP = (
    "If it fails, its metadata name each group reference with its code and what to do next."
)


def refusals(faults: Sequence[Fault]) -> dict[str, int | str]:
    """Metadata: how many groups were refused, and for each its code and what to do next."""
    codes = {fault.group_ref: code_and_remedy(fault.code) for fault in faults}
    return {"refused": len(codes), **codes}


def define_check_of_refusals(
    step: str, region_days: dg.PartitionsDefinition
) -> dg.AssetChecksDefinition:
    """The check that turns red where a step refused something of a group.

    It is a step by itself, for a step that fails holds up all that come after it
    (docs/decisions/0003-a-red-run-that-did-its-work.md). It looks at the faults of the run that
    made each region-day last, so that it says the same when it is run again.

    Args:
        step: the asset, one of `CHECKS_OF_REFUSALS`.
        region_days: the partitions.
    """
    name, description = CHECKS_OF_REFUSALS[step]
    key = dg.AssetCheckKey(dg.AssetKey(step), name)

    @dg.asset_check(  # pyright: ignore[reportArgumentType]  (it takes generators)
        asset=step,
        name=name,
        partitions_def=region_days,
        description=f"{description} {HOW_TO_FOLLOW_UP}",
    )
    @guarded
    def refused_nothing(
        context: dg.AssetCheckExecutionContext, restricted: dg.ResourceParam[RestrictedContext]
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        wanted = each_region_day(days_asked_for(context))
        targets = newest_materializations(context, key.asset_key, wanted)
        # Of several shards' runs another may have made it since; each is to say what it found.
        is_whole = shard_of(context.run.tags) == WHOLE
        made_by = {at: one.run_id for at, one in targets.items() if is_whole}
        runs: dict[str, dg.DagsterRun | None] = {context.run.run_id: context.run}
        for run_id in {*made_by.values()} - {context.run.run_id}:
            runs[run_id] = context.instance.get_run_by_id(run_id)
        of_runs = {
            run_id: [one for one in restricted.records.faults_of_run(run_id) if one.stage == step]
            for run_id in runs
        }
        standing = StandingFaults(context.instance, restricted.records)
        found: dict[RegionDay, list[Fault]] = {}
        for at in wanted:
            run_id = made_by.get(at, context.run.run_id)
            found[at] = standing.at(at, runs[run_id], of_runs[run_id], step)
        yield from evaluations(
            context,
            key,
            {at: Verdict(not faults, refusals(faults)) for at, faults in found.items()},
            targets,
        )
        if any(found.values()) if is_whole else of_runs[context.run.run_id]:
            raise StepFailed("GROUPS_REFUSED")

    return refused_nothing


def fail_where_unchecked(
    context: dg.AssetExecutionContext, records: CollectionRecords, step: str
) -> None:
    """Fail the last step of a run that refused something where no check of the run will.

    Somebody may launch an asset without its checks. An earlier step may not fail, for the later
    ones would not run for the other groups.

    Args:
        context: of the step, at its end.
        records: where the run's faults are.
        step: the step's name.

    Raises:
        StepFailed: `GROUPS_REFUSED`; the other groups' work is stored by then.
    """
    of_this_run = {node.name for node in context.job_def.nodes}
    steps = list(CHECKS_OF_REFUSALS)
    if of_this_run.intersection(steps[steps.index(step) + 1 :]):
        return
    unchecked = {
        name
        for name, (check, _) in CHECKS_OF_REFUSALS.items()
        if f"{name}_{check}" not in of_this_run
    }
    if any(fault.stage in unchecked for fault in records.faults_of_run(context.run_id)):
        raise StepFailed("GROUPS_REFUSED")
