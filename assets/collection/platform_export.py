"""The asset `platform_export`: which exports are there, and what each holds, in counts."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.collection.group_reading import GroupReading
from assets.collection.refusals import fail_where_unchecked, faults_at, refusals
from assets.governance.errors import ConsentError
from assets.governance.names import PLATFORM_EXPORT
from assets.governance.partition_events import RegionDay, each_region_day, materialized
from assets.governance.run_partitions import days_asked_for
from resources import ledger
from resources.before_reading import BeforeReading
from resources.clock import Clock
from resources.collection_records import CollectionRecords, Fault
from resources.consent_register import ConsentRegister
from resources.guard import guarded, require_sealed_log
from resources.home import HomeConfig
from resources.inbox import Inbox
from resources.lifetimes import Lifetimes
from resources.members import MemberRegister


def define_platform_export(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        name=PLATFORM_EXPORT,
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="restricted",
        kinds={"python"},
        owners=["team:data-engineering"],
        output_required=False,
        description="Counts of what each consented group's exports hold. Never text.",
    )
    @guarded
    def platform_export(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[HomeConfig],
        register: dg.ResourceParam[ConsentRegister],
        members: dg.ResourceParam[MemberRegister],
        inbox: dg.ResourceParam[Inbox],
        records: dg.ResourceParam[CollectionRecords],
        lifetimes: dg.ResourceParam[Lifetimes],
        before_reading: dg.ResourceParam[BeforeReading],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[Any]:
        require_sealed_log(context.instance)
        before_reading.require_to_read()
        now, today = clock.now(), clock.today()
        deleted = lifetimes.enforce(now)
        faults: list[Fault] = []
        groups = without_consent = read = refused = 0
        covered: Counter[RegionDay] = Counter()
        asked = days_asked_for(context)
        standing = {region: register.consents(region) for region in asked}
        for region, days in asked.items():
            for group_ref in standing[region]:
                # Asked again for each group, for a withdrawal may come while the step runs.
                consent = register.consent(group_ref)
                own = [day for day in days if not consent.refusal(day, today, settings.mode)]
                if not own:
                    without_consent += 1
                    continue
                groups += 1
                reading = GroupReading(
                    inbox, records, members, consent, cooling_off=settings.cooling_off, now=now
                )
                try:
                    survey = reading.survey()
                except ConsentError:
                    # It has left while it was read.
                    groups, without_consent = groups - 1, without_consent + 1
                    continue
                covered.update((region, day) for day in own)
                read += survey.newly_read - len(survey.refused)
                refused += len(survey.refused)
                if survey.outstanding:
                    faults.append(
                        Fault(
                            region, group_ref, PLATFORM_EXPORT, survey.outstanding, context.run_id
                        )
                    )
        records.add_faults(faults, now)
        yield from materialized(
            context,
            {
                at: {
                    "groups": covered[at],
                    "groups_without_consent": len(standing[at[0]]) - covered[at],
                    **refusals(faults_at(faults, at)),
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
                "records_deleted": deleted[ledger.Kind.SCRUB_RECORDS_DELETED],
            },
        )
        fail_where_unchecked(context, records, PLATFORM_EXPORT)

    return platform_export
