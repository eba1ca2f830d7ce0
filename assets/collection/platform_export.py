"""The asset `platform_export`: which exports are there, and what each holds, in counts."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.collection.group_reading import GroupReading
from assets.collection.refusals import HOW_TO_FOLLOW_UP, fail_if_last, refusals
from assets.governance.errors import ConsentError
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

EVERY_EXPORT_READ = "every_export_read"


def define_platform_export(region_days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The asset over these partitions."""

    @dg.asset(
        partitions_def=region_days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="restricted",
        kinds={"python"},
        owners=["team:data-engineering"],
        output_required=False,
        check_specs=[
            dg.AssetCheckSpec(
                EVERY_EXPORT_READ,
                asset="platform_export",
                description=f"The newest export of every group could be read. {HOW_TO_FOLLOW_UP}",
            )
        ],
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
        for region, days in days_asked_for(context).items():
            for group_ref in register.consents(region):
                # Asked again for each group, for a withdrawal may come while the step runs.
                consent = register.consent(group_ref)
                if all(consent.refusal(day, today, settings.mode) for day in days):
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
                read += survey.newly_read - len(survey.refused)
                refused += len(survey.refused)
                if survey.outstanding:
                    faults.append(
                        Fault(
                            region, group_ref, "platform_export", survey.outstanding, context.run_id
                        )
                    )
        records.add_faults(faults, now)
        yield dg.AssetCheckResult(
            check_name=EVERY_EXPORT_READ,
            passed=not faults,
            metadata=refusals(faults),
        )
        yield dg.MaterializeResult(
            metadata={
                "groups": groups,
                "groups_without_consent": without_consent,
                "exports_read": read,
                "exports_refused": refused,
                **refusals(faults),
                "files_deleted": deleted[ledger.Kind.EXPORT_DELETED],
                "scores_deleted": deleted[ledger.Kind.SCORES_DELETED],
                "records_deleted": deleted[ledger.Kind.SCRUB_RECORDS_DELETED],
            }
        )
        fail_if_last(context, records, "platform_export")

    return platform_export
