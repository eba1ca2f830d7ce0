"""The asset `platform_export`: which exports are there, and what each holds, in counts."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.core.errors import ConsentError, StepFailed
from assets.core.names import (
    CONSENT_REGISTER,
    INBOX,
    PLATFORM_EXPORT,
    STUDY_REGISTER,
    TEXT_POOL,
)
from assets.core.partition_events import RegionDay, each_region_day, materialized
from assets.core.run_partitions import days_asked_for
from assets.restricted.collection.checks import fail_where_unchecked, refusals
from assets.restricted.collection.group_reading import GroupReading
from assets.restricted.collection.one_group import GROUP_BROKEN, of_one_group
from assets.restricted.collection.run_shard import shard_asked_for
from assets.restricted.collection.standing_faults import StandingFaults
from assets.restricted.consent.requests_of_members import act_on_requests
from resources.containment.guard import guarded, require_sealed_log
from resources.stores import ledger
from resources.stores.inbox.collection_records import Fault
from resources.wiring.context import RestrictedContext


def define_platform_export(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        name=PLATFORM_EXPORT,
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[INBOX, CONSENT_REGISTER, STUDY_REGISTER],
        group_name="restricted",
        kinds={"python"},
        owners=["team:data-engineering"],
        output_required=False,
        pool=TEXT_POOL,
        description="Counts of what each consented group's exports hold. Never text.",
    )
    @guarded
    def platform_export(
        context: dg.AssetExecutionContext,
        restricted: dg.ResourceParam[RestrictedContext],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        restricted.before_reading.require_to_read()
        shard = shard_asked_for(context, restricted)
        now, today = restricted.clock.now(), restricted.clock.today()
        deleted = restricted.lifetimes.enforce(now)
        act_on_requests(
            restricted.request_book,
            restricted.members,
            restricted.register.consents(),
            now=now,
            today=today,
        )
        faults: list[Fault] = []
        groups = without_consent = read = refused = 0
        covered: Counter[RegionDay] = Counter()
        asked = days_asked_for(context)
        standing = {region: restricted.register.consents(region) for region in asked}
        for region, days in asked.items():
            for group_ref, as_it_stood in standing[region].items():
                if not shard.holds(group_ref):
                    # Another run reads it; what a region-day's pages count is all of its groups.
                    if restricted.register.rules.permits(as_it_stood.platform_read):
                        covered.update(
                            (region, day)
                            for day in days
                            if not as_it_stood.refusal(day, today, restricted.settings.mode)
                        )
                    continue
                # Asked again for each group, for a withdrawal may come while the step runs.
                consent = restricted.register.consent(group_ref)
                own = [
                    day for day in days if not consent.refusal(day, today, restricted.settings.mode)
                ]
                if not own:
                    without_consent += 1
                    continue
                if not restricted.register.rules.permits(consent.platform_read):
                    faults.append(
                        Fault(
                            region,
                            group_ref,
                            PLATFORM_EXPORT,
                            "PLATFORM_NOT_PERMITTED",
                            context.run_id,
                        )
                    )
                    continue
                groups += 1
                reading = GroupReading(
                    restricted.inbox,
                    restricted.records,
                    restricted.members,
                    consent,
                    cooling_off=restricted.settings.cooling_off,
                    now=now,
                )
                try:
                    with of_one_group(GROUP_BROKEN):
                        group_exports = reading.group_exports()
                except ConsentError:
                    # It has left while it was read.
                    groups, without_consent = groups - 1, without_consent + 1
                    continue
                except StepFailed as error:
                    outstanding, origins = error.code, (error.origin,)
                else:
                    outstanding, origins = group_exports.outstanding, group_exports.origins
                    read += group_exports.newly_read - len(group_exports.refused)
                    refused += len(group_exports.refused)
                covered.update((region, day) for day in own)
                restricted.scrub_records.add_unforeseen(group_ref, context.run_id, origins, now)
                if outstanding:
                    faults.append(
                        Fault(region, group_ref, PLATFORM_EXPORT, outstanding, context.run_id)
                    )
        restricted.records.add_faults(faults, now)
        standing_faults = StandingFaults(context.instance, restricted.records)
        yield from materialized(
            context,
            {
                at: {
                    "groups": covered[at],
                    "groups_without_consent": len(standing[at[0]]) - covered[at],
                    **refusals(standing_faults.at(at, context.run, faults, PLATFORM_EXPORT)),
                }
                for at in each_region_day(asked)
            },
            run={
                "groups": groups,
                "groups_without_consent": without_consent,
                "exports_read": read,
                "exports_refused": refused,
                **refusals(faults),
                "files_deleted": deleted[ledger.Kind.EXPORT_DELETED],
                "scores_deleted": deleted[ledger.Kind.SCORES_DELETED],
            },
        )
        fail_where_unchecked(context, restricted.records, PLATFORM_EXPORT)

    return platform_export
