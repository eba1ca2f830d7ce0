"""The sensors that tell: of runs that failed, and of what a morning should have made and did not.

They are of the restricted location, whose records say which group a run refused. What they hand on
holds group references, codes, names of jobs and assets, and paths of the web UI.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.storage.tags import RUN_FAILURE_REASON_TAG, WILL_RETRY_TAG

from assets.core.london_time import LONDON
from orchestration.alerts.alert import (
    Alert,
    FailedRun,
    alert_of_connector,
    alert_of_overdue,
    alerts_of_run,
)
from orchestration.alerts.telling import tell
from orchestration.lineage import TOLD
from orchestration.runs import failure_code
from resources.base.clock import Clock
from resources.base.home import HomeConfig
from resources.base.notifier import Notifier
from resources.base.runs.dead_runs import CODE as RUN_DIED
from resources.base.runs.dead_runs import DIED
from resources.containment.guard import guarded
from resources.stores.connect.faults import groups_of_connectors
from resources.stores.connect.of_home import ConnectorsOfHome
from resources.stores.inbox.collection_records import CollectionRecords

SECONDS_BETWEEN_LOOKS = 60
SECONDS_BETWEEN_LOOKS_AT_TIMES = 300
LOOKS_BACK = timedelta(hours=24)
"""A failure that no look has seen for longer is for `tideline doctor` and `tideline status`."""
MOST_RUNS = 200
_FAILED = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}


@dg.sensor(
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
@guarded
def failed_runs_sensor(
    context: dg.SensorEvaluationContext,
    settings: dg.ResourceParam[HomeConfig],
    records: dg.ResourceParam[CollectionRecords],
    clock: dg.ResourceParam[Clock],
) -> dg.SkipReason:
    """Tell of runs that failed, of every job and both locations, each fault once a day."""
    if settings.notify is None:
        return dg.SkipReason("home.yaml names nobody to tell (`notify`).")
    since = clock.now() - LOOKS_BACK
    alerts = [
        alert
        for run in _failed_runs(context.instance, records, since)
        for alert in alerts_of_run(run)
    ]
    if _all_told(context, settings, alerts):
        return dg.SkipReason("All that is new is told.")
    return dg.SkipReason("Some of it could not be told, and is tried again.")


@dg.sensor(
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS_AT_TIMES,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
@guarded
def overdue_assets_sensor(
    context: dg.SensorEvaluationContext,
    settings: dg.ResourceParam[HomeConfig],
    clock: dg.ResourceParam[Clock],
    connectors: dg.ResourceParam[ConnectorsOfHome],
) -> dg.SkipReason:
    """Tell of assets that are not there by the time that their freshness policy says.

    Each is told when it is late, and once more for every 24 hours that it stays so. Connectors that
    are silent, or stopped as a whole, are told of once a day: a platform may keep what they do not
    take for no longer. How a group of one fares `tideline remind` tells.
    """
    if settings.notify is None:
        return dg.SkipReason("home.yaml names nobody to tell (`notify`).")
    keys = [dg.AssetKey(name) for name, told in TOLD.items() if told.freshness is not None]
    # What Dagster's daemon found when it last looked.
    states = context.instance.get_freshness_state_records(keys)
    overdue = [
        alert_of_overdue(key.to_user_string(), _day_told_for(record.updated_at, clock.now()))
        for key, record in states.items()
        if record.freshness_state is FreshnessState.FAIL
    ]
    stopped = [
        alert_of_connector(one.platform, one.code, clock.today())
        for one in groups_of_connectors(connectors, clock.now())
        if one.code is not None and not one.group_ref
    ]
    if _all_told(context, settings, [*overdue, *stopped]):
        return dg.SkipReason("All that is new is told.")
    return dg.SkipReason("Some of it could not be told, and is tried again.")


def _day_told_for(late_since: datetime, now: datetime) -> date:
    # At the hour at which it was late first, not at midnight when nobody reads it.
    whole_days = max(now - late_since, timedelta()).days
    return late_since.astimezone(LONDON).date() + timedelta(days=whole_days)


def _all_told(
    context: dg.SensorEvaluationContext, settings: HomeConfig, alerts: list[Alert]
) -> bool:
    """Tell what is new. Returns whether all of it was told.

    Raises:
        StorageError: `NOTICE_NOT_SENT`, `NOTICE_SECRET_NOT_SET` where nothing could be told, so
            that the look is red; what was told before is remembered.
    """
    assert settings.notify is not None  # noqa: S101  (asked by the sensors)
    outcome = tell(alerts, Notifier(settings.notify), context.cursor or "")
    if outcome.failure is not None and not outcome.sent:
        raise outcome.failure
    context.update_cursor(outcome.cursor)
    return outcome.failure is None


def _failed_runs(
    instance: dg.DagsterInstance, records: CollectionRecords, since: datetime
) -> Iterator[FailedRun]:
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)
    for record in instance.get_run_records(failed, limit=MOST_RUNS):
        run = record.dagster_run
        if run.tags.get(WILL_RETRY_TAG) == "true":
            continue
        ended = datetime.fromtimestamp(record.end_time or record.update_timestamp.timestamp(), UTC)
        yield FailedRun(
            run.run_id,
            # Of assets that somebody chose in the web UI.
            run.job_name.removeprefix("__").lower(),
            ended.astimezone(LONDON).date(),
            _code(instance, run),
            records.faults_of_run(run.run_id),
        )


def _code(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    if run.tags.get(RUN_FAILURE_REASON_TAG) == DIED.value:
        return RUN_DIED
    failures = instance.all_logs(run.run_id, of_type=_FAILED)
    return failure_code([one.dagster_event for one in failures if one.dagster_event is not None])
