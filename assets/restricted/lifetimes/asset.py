"""The asset `lifetimes_enforced`: every hour, what is past its lifetime is deleted and counted."""

from datetime import timedelta

import dagster as dg

from assets.core.names import LIFETIMES, LIFETIMES_ENFORCED
from resources.base.runs.old_runs import delete_old_runs
from resources.containment.guard import guarded, require_sealed_log
from resources.stores import ledger
from resources.stores.portal.floods import refuse_flood
from resources.wiring.context import RestrictedContext


@dg.asset(
    name=LIFETIMES_ENFORCED,
    group_name="restricted",
    kinds={"python"},
    owners=["team:data-engineering"],
    output_required=False,
    description=(
        "What is past its lifetime, and what groups that left have left behind, is deleted and"
        " counted here and in the ledger. A failed run means that something is kept too long, or"
        " that the portal is flooded; its code says which."
        " What admins answered on the portal comes into the register."
    ),
)
@guarded
def lifetimes_enforced(
    context: dg.AssetExecutionContext,
    restricted: dg.ResourceParam[RestrictedContext],
) -> dg.MaterializeResult:
    """One look at the inbox and the scores.

    Raises:
        StorageError: what `Lifetimes.enforce` and, after all is done, `refuse_flood` raise.
        SetupError: what `Inbox.refuse_versioned` raises, for a bucket's versioning can be switched
            on while the program runs.
    """
    require_sealed_log(context.instance)
    now = restricted.clock.now()
    deleted = restricted.lifetimes.enforce(now)
    restricted.inbox.refuse_versioned()
    # The day's own head is made after its release; one without a release has one, too.
    restricted.chain.head(restricted.clock.today() - timedelta(days=1))
    # After what is due, which waits for nobody.
    answers = restricted.taking_over.run_if_whole(now)
    runs_deleted = delete_old_runs(context.instance, [LIFETIMES], now)
    refuse_flood(restricted.taking_over.database, now)
    return dg.MaterializeResult(
        metadata={
            "runs_deleted": runs_deleted,
            "consents_taken": sum(one.is_taken for one in answers),
            "consents_waiting": sum(one.waits for one in answers),
            "files_deleted": deleted[ledger.Kind.EXPORT_DELETED]
            + deleted[ledger.Kind.EXPORT_PURGED],
            "exports_spent": deleted[ledger.Kind.EXPORT_SPENT],
            "keys_destroyed": deleted[ledger.Kind.KEYS_DESTROYED],
            "scores_deleted": deleted[ledger.Kind.SCORES_DELETED],
            "surveys_deleted": deleted[ledger.Kind.SURVEYS_DELETED],
            "senders_deleted": deleted[ledger.Kind.SENDERS_DELETED],
            "orphans_deleted": deleted[ledger.Kind.ORPHANS_DELETED],
            "backups_deleted": deleted[ledger.Kind.BACKUPS_DELETED],
        }
    )
