"""What a run tells Dagster of each of its region-days, and what of itself.

A run works on a range of region-days. Dagster 1.13 stores one evaluation of a check for all of
them, without a partition, and gives each partition the metadata of the whole run; so both are said
for each region-day here (docs/decisions/0011-what-the-ui-shows.md).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import (
    DagsterEvent,
    DagsterEventBatchMetadata,
    DagsterEventType,
    generate_event_batch_id,
)

from assets.core.errors import StepFailed
from assets.core.region_day import partition_key

RegionDay = tuple[str, date]
Metadata = Mapping[str, int | str]
Targets = Mapping[RegionDay, AssetCheckEvaluationTargetMaterializationData]

OF_THE_RUN = "run_"
"""Before each count of a run's, so that none is taken for a region-day's."""
_MOST_RECORDS = 1000


@dataclass(frozen=True)
class Verdict:
    """What a check found of one region-day.

    Attributes:
        passed: whether all is well.
        metadata: counts, and codes by group reference.
        severity: of a failure.
    """

    passed: bool
    metadata: Metadata = field(default_factory=dict)
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR


def each_region_day(days: Mapping[str, Sequence[date]]) -> list[RegionDay]:
    """Every (region, day) of days by region, in order."""
    return [(region, day) for region, own in days.items() for day in own]


def verdict_of_region_day(failed: Collection[str] | None) -> Verdict:
    """Of one region-day by the names of what is wrong with it; None where nothing is stored yet."""
    return Verdict(
        not failed,
        {
            "checked": int(failed is not None),
            "refused": int(bool(failed)),
            **dict.fromkeys(sorted(failed or ()), 1),
        },
    )


def materialized(
    context: dg.AssetExecutionContext, found: Mapping[RegionDay, Metadata], run: Metadata
) -> Iterator[Any]:
    """Materialise each region-day with its own metadata; the run's totals are an observation.

    Args:
        context: of the asset.
        found: for each region-day of the run, what holds of it now.
        run: totals of the run.
    """
    for (region, day), told in found.items():
        context.add_asset_metadata(told, partition_key=partition_key(region, day))
    yield dg.MaterializeResult()
    yield dg.AssetObservation(
        context.asset_key,
        metadata={
            # Codes by group reference, and versions, can't be taken for a count of one day.
            label if isinstance(told, str) else f"{OF_THE_RUN}{label}": told
            for label, told in run.items()
        },
    )


def evaluations(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    check: dg.AssetCheckKey,
    verdicts: Mapping[RegionDay, Verdict],
    targets: Targets | None = None,
) -> Iterator[Any]:
    """An evaluation for each region-day, then the output that the check's step owes.

    What did not pass is told last, for Dagster's lists and its graph show the last one. All are
    stored at once: one by one, as Dagster does it, they cost more than the rest of an idle run.

    Args:
        context: of the step that has looked.
        check: which check.
        verdicts: by region-day.
        targets: what was looked at; by default the newest materialisations, so a check inside its
            asset's own step comes after `materialized`.

    Raises:
        StepFailed: `CHECK_FAILED` if a check that blocks did not pass.
    """
    step = context.op_execution_context
    (spec,) = (one for one in step.assets_def.check_specs if one.key == check)
    if targets is None:
        targets = newest_materializations(context, check.asset_key, list(verdicts))
    batch = generate_event_batch_id()
    told = sorted(verdicts.items(), key=lambda one: not one[1].passed)
    for number, ((region, day), verdict) in enumerate(told, 1):
        yield DagsterEvent.from_step(
            DagsterEventType.ASSET_CHECK_EVALUATION,
            step.get_step_execution_context(),
            dg.AssetCheckEvaluation(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=verdict.passed,
                metadata=verdict.metadata,
                target_materialization_data=targets.get((region, day)),
                severity=verdict.severity,
                blocking=spec.blocking,
                partition=partition_key(region, day),
            ),
            batch_metadata=DagsterEventBatchMetadata(batch, is_end=number == len(told)),
        )
    yield dg.Output(None, output_name=step.job_def.asset_layer.get_op_output_name(check))
    if spec.blocking and any(
        not one.passed and one.severity is dg.AssetCheckSeverity.ERROR for one in verdicts.values()
    ):
        raise StepFailed("CHECK_FAILED")


def newest_materializations(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    asset: dg.AssetKey,
    wanted: Sequence[RegionDay],
) -> Targets:
    """The newest materialisation of each region-day; those that have none are left out."""
    keys = {partition_key(region, day): (region, day) for region, day in wanted}
    ids = context.instance.event_log_storage.get_latest_storage_id_by_partition(
        asset, dg.DagsterEventType.ASSET_MATERIALIZATION, set(keys)
    )
    storage_ids = sorted(ids.values())
    found: dict[RegionDay, AssetCheckEvaluationTargetMaterializationData] = {}
    for start in range(0, len(storage_ids), _MOST_RECORDS):
        records = context.instance.fetch_materializations(
            dg.AssetRecordsFilter(
                asset_key=asset, storage_ids=storage_ids[start : start + _MOST_RECORDS]
            ),
            limit=_MOST_RECORDS,
        ).records
        for record in records:
            found[keys[str(record.partition_key)]] = AssetCheckEvaluationTargetMaterializationData(
                storage_id=record.storage_id,
                run_id=record.event_log_entry.run_id,
                timestamp=record.timestamp,
            )
    return found
