"""The morning: collect, the pulse, then release. Publishing follows the release by a sensor.

Every hour: what is past its lifetime is deleted, whether anything is collected or not.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from assets.core.modes import may_publish
from assets.core.shards import WHOLE, Shard, shard_tags
from orchestration.jobs import collect, lifetimes, pulse, release
from orchestration.open_days import due_days, open_days
from orchestration.partitions import TIMEZONE, range_tags
from resources.base.clock import Clock
from resources.base.home import HomeConfig
from resources.containment.guard import guarded
from resources.scale_out.asked import shards_asked
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.region_days import RegionDays
from resources.wiring.before_reading import BeforeReading


@dg.schedule(
    job=collect,
    cron_schedule="30 4 * * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
@guarded
def morning_collect(
    context: dg.ScheduleEvaluationContext,  # noqa: ARG001  (Dagster passes it)
    settings: dg.ResourceParam[HomeConfig],
    region_day_locks: dg.ResourceParam[RegionDays],
    clock: dg.ResourceParam[Clock],
) -> Iterator[dg.RunRequest]:
    """One run for each region over its open days, or one for each shard of its groups."""
    shards = shards_asked()
    for region in settings.regions:
        days = open_days(region, clock.today(), settings, region_day_locks)
        for shard in shards if days else []:
            yield _request(collect.name, region, days, clock.today(), shard)


@dg.schedule(
    job=release,
    cron_schedule="30 6 * * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
@guarded
def morning_release(
    context: dg.ScheduleEvaluationContext,  # noqa: ARG001  (Dagster passes it)
    settings: dg.ResourceParam[HomeConfig],
    register: dg.ResourceParam[ConsentRegister],
    region_day_locks: dg.ResourceParam[RegionDays],
    clock: dg.ResourceParam[Clock],
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run for each region over the days that are due to close."""
    if not may_publish(settings.mode):
        yield dg.SkipReason("A home for a first look at real files never publishes.")
        return
    for region in settings.regions:
        days = due_days(region, clock.today(), settings, region_day_locks, register)
        if days:
            yield _request(release.name, region, days, clock.today())


@dg.schedule(
    job=pulse,
    cron_schedule="30 5 * * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
@guarded
def morning_pulse(
    context: dg.ScheduleEvaluationContext,  # noqa: ARG001  (Dagster passes it)
    before_reading: dg.ResourceParam[BeforeReading],
    clock: dg.ResourceParam[Clock],
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run, where the study has a pulse."""
    if not before_reading.may_ask():
        yield dg.SkipReason("The study register has no pulse that stands.")
        return
    key = hashlib.sha256(f"{pulse.name}|{clock.today().isoformat()}".encode()).hexdigest()
    yield dg.RunRequest(run_key=key)


hourly_lifetimes = dg.ScheduleDefinition(
    "hourly_lifetimes",
    job=lifetimes,
    cron_schedule="10 * * * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


def _request(
    job: str, region: str, days: Sequence[date], today: date, shard: Shard = WHOLE
) -> dg.RunRequest:
    """One run over the days; a tick that is made twice in a morning asks for it once."""
    tags = shard_tags(shard)
    named = "|".join([job, region, today.isoformat(), *tags.values()])
    key = hashlib.sha256(named.encode()).hexdigest()
    return dg.RunRequest(run_key=key, tags={**range_tags(region, days[0], days[-1]), **tags})
