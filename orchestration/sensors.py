"""The consent sensor: it asks for a run when a consented group's inbox changes."""

import hashlib

import dagster as dg

from orchestration.jobs import collect
from orchestration.open_days import open_days
from orchestration.partitions import range_tags
from resources.clock import Clock
from resources.consent_register import ConsentRegister
from resources.guard import guarded
from resources.home import HomeConfig
from resources.inbox import Inbox
from resources.region_days import RegionDays

SECONDS_BETWEEN_LOOKS = 30


@dg.sensor(
    job=collect,
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
@guarded
def consented_export_sensor(
    context: dg.SensorEvaluationContext,
    settings: dg.ResourceParam[HomeConfig],
    register: dg.ResourceParam[ConsentRegister],
    inbox: dg.ResourceParam[Inbox],
    region_day_locks: dg.ResourceParam[RegionDays],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult | dg.SkipReason:
    """One run for each region in which a group with a valid consent has new files.

    The cursor is the register's sequence number and a digest for each region; the run key is the
    region's digest, so that the same files never ask twice, even if the cursor is lost. Names of
    files are looked at, and no file is opened.
    """
    today = clock.today()
    before = (context.cursor or "").split(":")[1:]
    digests, requests = [], []
    for region in settings.regions:
        days = open_days(region, today, settings, region_day_locks)
        digest = _digest_of_inbox(region, settings, register, inbox, clock) if days else ""
        digests.append(digest)
        if digest and digest not in before:
            requests.append(
                dg.RunRequest(run_key=digest, tags=range_tags(region, days[0], days[-1]))
            )
    cursor = ":".join([str(register.sequence()), *digests])
    if not requests:
        context.update_cursor(cursor)
        return dg.SkipReason("No consented group has a new file.")
    return dg.SensorResult(run_requests=requests, cursor=cursor)


def _digest_of_inbox(
    region: str,
    settings: HomeConfig,
    register: ConsentRegister,
    inbox: Inbox,
    clock: Clock,
) -> str:
    """Digest of the files of the region's consented groups; empty if there is none."""
    today = clock.today()
    files = [
        f"{group_ref}/{sealed.digest}"
        for group_ref, consent in sorted(register.consents(region).items())
        if consent.refusal(min(today, consent.valid_until), today, settings.mode) is None
        for sealed in inbox.list(group_ref)
    ]
    return hashlib.sha256("\n".join(files).encode()).hexdigest() if files else ""
