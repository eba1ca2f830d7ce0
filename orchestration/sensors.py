"""The consent sensor: it asks for a run when a consented group's inbox changes."""

import hashlib

import dagster as dg

from assets.core.shards import shard_tags
from orchestration.jobs import collect
from orchestration.open_days import open_days
from orchestration.partitions import range_tags
from resources.base.clock import Clock
from resources.base.home import HomeConfig
from resources.containment.guard import guarded
from resources.scale_out.asked import shards_asked
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.inbox.inbox import Inbox
from resources.stores.region_days import RegionDays

SECONDS_BETWEEN_LOOKS = 30
_SHORT = 16
"""Hex digits of a file's digest in the cursor."""


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
    """One run for each region, or shard of it, in which a consented group has new files.

    The cursor is the register's sequence number and, for each region, the short digests of its
    files; the run key is a digest of the region's files, or its shard's, so that the same files
    never ask twice, even if the cursor is lost. Files that went, for their days have settled, ask
    for nothing. Names of files are looked at, and no file is opened.
    """
    today = clock.today()
    before, shards = _known(context.cursor or ""), shards_asked()
    looks, requests = [], []
    for region in settings.regions:
        days = open_days(region, today, settings, region_day_locks)
        files = _files(region, settings, register, inbox, clock) if days else {}
        looks.append("".join(sorted(map(_short, files))))
        for shard in shards:
            own = [one for one, ref in files.items() if shard.holds(ref)]
            if {_short(one) for one in own} - before:
                tags = shard_tags(shard)
                key = hashlib.sha256("\n".join([*tags.values(), *own]).encode()).hexdigest()
                requests.append(
                    dg.RunRequest(
                        run_key=key, tags={**range_tags(region, days[0], days[-1]), **tags}
                    )
                )
    cursor = ":".join([str(register.sequence()), *looks])
    if not requests:
        context.update_cursor(cursor)
        return dg.SkipReason("No consented group has a new file.")
    return dg.SensorResult(run_requests=requests, cursor=cursor)


def _known(cursor: str) -> set[str]:
    """The short digests in a cursor."""
    return {
        look[start : start + _SHORT]
        for look in cursor.split(":")[1:]
        for start in range(0, len(look), _SHORT)
    }


def _files(
    region: str,
    settings: HomeConfig,
    register: ConsentRegister,
    inbox: Inbox,
    clock: Clock,
) -> dict[str, str]:
    """Each file of the region's consented groups, by group reference and digest, and its group."""
    today = clock.today()
    return {
        f"{group_ref}/{sealed.digest}": group_ref
        for group_ref, consent in sorted(register.consents(region).items())
        if consent.refusal(min(today, consent.valid_until), today, settings.mode) is None
        for sealed in inbox.list(group_ref)
    }


def _short(file: str) -> str:
    return hashlib.sha256(file.encode()).hexdigest()[:_SHORT]
