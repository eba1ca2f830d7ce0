"""The asset `regional_aggregates`: region-days close, in day order, once and for ever."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from assets.core.errors import ReleaseError, code_and_remedy
from assets.core.modes import refuse_mode_that_never_publishes
from assets.core.names import (
    CONSENT_REGISTER,
    GROUP_SCORES,
    REGIONAL_AGGREGATES,
    STUDY_REGISTER,
)
from assets.core.partition_events import Metadata, RegionDay, each_region_day, materialized
from assets.core.run_partitions import days_asked_for
from assets.restricted.release.closing import may_close
from assets.restricted.release.in_force import in_force
from assets.restricted.release.region_release import RegionRelease
from assets.restricted.release.unread_groups import unread_groups, waits_for_mending
from assets.restricted.release.unread_shards import groups_of_unread_shards, waits_for_shards
from assets.restricted.release.verified import verify_before_release
from assets.restricted.release.waiting import waits_for_collection
from resources.base.runs.collect_runs import CollectRuns
from resources.base.share_done import told
from resources.containment.guard import guarded, require_sealed_log
from resources.stores.release.evidence import Releasing
from resources.stores.release.release_methods import MethodPlan
from resources.wiring.context import RestrictedContext

_OF_ONE_DAY = frozenset({"SUM_OUT_OF_RANGE", "GROUP_TWICE"})
_LABELS = (
    "published",
    "not_published",
    "burned",
    "refused",
    "still_open",
    "already_settled",
    "keys_destroyed",
)


def define_regional_aggregates(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        name=REGIONAL_AGGREGATES,
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[GROUP_SCORES, CONSENT_REGISTER, STUDY_REGISTER],
        group_name="release",
        kinds={"python", "postgres"},
        owners=["team:data-engineering"],
        description="Noisy regional means of closed region-days; the last restricted step",
    )
    @guarded
    def regional_aggregates(
        context: dg.AssetExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        restricted.before_reading.require_to_release()
        refuse_mode_that_never_publishes(restricted.settings.mode)
        verify_before_release(restricted)
        release = RegionRelease(
            restricted.settings,
            restricted.register,
            restricted.score_store,
            restricted.release_store,
            restricted.release_ledger,
            restricted.release_journal,
            restricted.clock,
            Releasing(in_force(restricted.before_reading.home), context.run_id),
        )
        asked = days_asked_for(context)
        found: dict[RegionDay, Counter[str]] = {at: Counter() for at in each_region_day(asked)}
        codes: dict[RegionDay, str] = {}
        for region, days in asked.items():
            with restricted.region_day_locks.writing([(region, day) for day in days]):
                closed = restricted.region_day_locks.closed(region, days)
                runs = CollectRuns(context.instance, region)
                for day in told(days):
                    counts = found[region, day]
                    if day in closed:
                        outcome = "already_settled"
                    elif (
                        not may_close(
                            day, restricted.clock.today(), restricted.settings.close_after_days
                        )
                        or waits_for_collection(restricted, region, day)
                        or waits_for_shards(
                            restricted,
                            day,
                            of_shards := groups_of_unread_shards(restricted, runs, region, day),
                        )
                        or waits_for_mending(
                            restricted,
                            region,
                            day,
                            unread := unread_groups(restricted, region, day) | of_shards,
                        )
                    ):
                        counts["still_open"] += 1
                        continue
                    else:
                        plan = restricted.release_methods.plan(day)
                        restricted.before_reading.require_reviewed(plan.method.version)
                        try:
                            outcome = _close(release, region, day, plan, unread)
                        except ReleaseError as error:
                            # One group's bad sums must not keep the region's other days back.
                            if error.code not in _OF_ONE_DAY:
                                raise
                            codes[region, day] = error.code
                            counts["refused"] += 1
                            continue
                    counts[outcome] += 1
                    # Also for a day closed before: a crash may have come between the two.
                    counts["keys_destroyed"] += restricted.vector_store.destroy(
                        region, day, restricted.clock.now()
                    )
        run = sum(found.values(), Counter[str]())
        for region in asked:
            for day, (status, _) in restricted.release_store.outcomes(region).items():
                if found.get((region, day), Counter())["already_settled"]:
                    found[region, day][status] = 1
        restricted.chain.head(restricted.clock.today())
        yield from materialized(
            context,
            {at: _told(counts, codes.get(at)) for at, counts in found.items()},
            run={label: run[label] for label in _LABELS},
        )
        if codes:
            raise ReleaseError(next(iter(codes.values())))

    return regional_aggregates


def _told(counts: Counter[str], code: str | None) -> Metadata:
    told: dict[str, int | str] = {label: counts[label] for label in _LABELS}
    return told if code is None else {**told, code: code_and_remedy(code)}


def _close(
    release: RegionRelease, region: str, day: date, plan: MethodPlan, unread: frozenset[str]
) -> str:
    """Close a region-day, after the shadow's draw: a closed day is not come back to."""
    if plan.shadow is not None:
        release.close(region, day, plan.shadow, plan.micro_rho, shadow=True, unread=unread)
    return release.close(region, day, plan.method, plan.micro_rho, unread=unread)
