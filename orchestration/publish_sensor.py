"""The sensor that publishes after a release: once for each state of the published values."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

import dagster as dg

from assets.core.study_entries import Action
from assets.public.forecasting.vintages import Vintages
from assets.public.page.asset import written_state
from orchestration.jobs import publish
from orchestration.partitions import range_tags
from resources.base.clock import Clock
from resources.base.home import Home
from resources.stores.published.published_values import PublishedValues, state_of
from resources.stores.published.releases import Releases
from resources.stores.study import gate

SECONDS_BETWEEN_LOOKS = 30
ASKS_AGAIN_AFTER = timedelta(hours=1)


@dg.sensor(
    job=publish,
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def published_values_sensor(
    context: dg.SensorEvaluationContext,
    home: dg.ResourceParam[Home],
    published_values: dg.ResourceParam[PublishedValues],
    vintages: dg.ResourceParam[Vintages],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult | dg.SkipReason:
    """After a release or a correction, one run for the regions of a newest closed day.

    It asks once a state has stood for two looks, so that a release that goes on is not published
    day by day, and not for a state that `tideline run` has published. What is not published an
    hour later is asked for again, unless a run is at it.

    The cursor is the state seen last, a colon, and the second at which it was asked for, if it was.
    """
    if gate.stops(home, Action.PUBLISH, clock.today()):
        return dg.SkipReason("The study register stops publishing: see `tideline study check`.")
    published = published_values.read()
    by_day = published.sort_values("day")
    newest: dict[str, date] = dict(zip(by_day["region"], by_day["day"], strict=True))
    state, now = state_of(published), clock.now()
    gone = Releases(home.public).not_yet_gone(published_values.retractions())
    if not newest or (not gone and _is_written(state, newest, home, vintages)):
        return dg.SkipReason("All that was released is published.")
    seen, _, asked = (context.cursor or ":").partition(":")
    if seen != state:
        context.update_cursor(f"{state}:")
        return dg.SkipReason("Something was released; it is published if nothing more comes.")
    if asked:
        waited = now.timestamp() - int(asked)
        if waited < ASKS_AGAIN_AFTER.total_seconds() or _is_going_on(context.instance):
            return dg.SkipReason("Asked for already.")
    requests = [
        dg.RunRequest(
            run_key=f"{state}-{number}-{asked}",
            tags=range_tags(regions[0], day, day, last_region=regions[-1]),
        )
        for number, (day, regions) in enumerate(_stretches(list(home.regions), newest))
    ]
    return dg.SensorResult(run_requests=requests, cursor=f"{state}:{int(now.timestamp())}")


def _is_written(state: str, newest: dict[str, date], home: Home, vintages: Vintages) -> bool:
    forecasts = all(vintages.path(region, day).exists() for region, day in newest.items())
    return forecasts and written_state(home.public) == state


def _is_going_on(instance: dg.DagsterInstance) -> bool:
    going_on = [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
    ]
    runs = instance.get_runs(dg.RunsFilter(job_name=publish.name, statuses=going_on), limit=1)
    return bool(runs)


def _stretches(regions: Sequence[str], newest: dict[str, date]) -> Iterator[tuple[date, list[str]]]:
    """Regions that follow each other and have the same newest day, which one run can take."""
    for day, same in groupby(regions, newest.get):
        if day is not None:
            yield day, list(same)
