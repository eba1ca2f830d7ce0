"""How the restricted steps show that something of a group was refused."""

from collections.abc import Sequence

import dagster as dg

from assets.governance.errors import StepFailed
from resources.collection_records import CollectionRecords, Fault

STEPS = ("platform_export", "scrubbed_vectors", "group_scores", "regional_aggregates")
"""In the order in which they run."""
HOW_TO_FOLLOW_UP = (
    "If it fails, its metadata name each group reference with its code; `tideline status` says"
    " what to do, as does docs/errors.md."
)


def refusals(faults: Sequence[Fault]) -> dict[str, int | str]:
    """Metadata: how many groups were refused, and the code of each beside its reference."""
    codes = {fault.group_ref: fault.code for fault in faults}
    return {"refused": len(codes), **codes}


def fail_if_last(context: dg.AssetExecutionContext, records: CollectionRecords, step: str) -> None:
    """Fail the last restricted step of a run in which any of them refused something.

    An earlier step may not fail, for the later ones would not run for the other groups.

    Args:
        context: of the step, at its end.
        records: where the run's faults are.
        step: the step's name.

    Raises:
        StepFailed: `GROUPS_REFUSED`; the other groups' work is stored by then.
    """
    of_this_run = {node.name for node in context.job_def.nodes}
    if of_this_run.intersection(STEPS[STEPS.index(step) + 1 :]):
        return
    if records.faults_of_run(context.run_id):
        raise StepFailed("GROUPS_REFUSED")
