"""The asset `lifetimes_enforced`: every hour, what is past its lifetime is deleted and counted."""

import dagster as dg

from resources import ledger
from resources.clock import Clock
from resources.guard import guarded, require_sealed_log
from resources.inbox import Inbox
from resources.lifetimes import Lifetimes


@dg.asset(
    group_name="restricted",
    kinds={"python"},
    owners=["team:data-engineering"],
    output_required=False,
    description=(
        "Exports, scores and counts past their lifetime are deleted, counted here and in the"
        " ledger. A failed run means that something is kept longer than promised."
    ),
)
@guarded
def lifetimes_enforced(
    context: dg.AssetExecutionContext,
    inbox: dg.ResourceParam[Inbox],
    lifetimes: dg.ResourceParam[Lifetimes],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """One look at the inbox and the scores.

    Raises:
        StorageError: what `Lifetimes.enforce` raises.
        SetupError: what `Inbox.refuse_versioned` raises, for a bucket's versioning can be switched
            on while the program runs.
    """
    require_sealed_log(context.instance)
    deleted = lifetimes.enforce(clock.now())
    inbox.refuse_versioned()
    return dg.MaterializeResult(
        metadata={
            "files_deleted": deleted[ledger.Kind.EXPORT_DELETED],
            "scores_deleted": deleted[ledger.Kind.SCORES_DELETED],
            "records_deleted": deleted[ledger.Kind.SCRUB_RECORDS_DELETED],
        }
    )
