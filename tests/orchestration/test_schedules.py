import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from assets.core.modes import Mode
from orchestration.open_days import due_days, open_days
from orchestration.partitions import RANGE_END, RANGE_START
from orchestration.schedules import morning_collect, morning_release
from resources.base.database.tables import regional_values
from simulation.consents import made_up_terms

LONDON, EAST = "greater_london", "east_of_england"
ZONE = ZoneInfo("Europe/London")
FIRST = date(2026, 2, 1)
RUN_KEY = re.compile(r"^[0-9a-f]{64}$")


@pytest.fixture
def resources(session):
    """Of a home that goes back to February, with a London consent from the first day."""
    session.register.grant(
        made_up_terms(FIRST, date(2026, 12, 31), LONDON),
        session.clock.now(),
    )
    settings = session.home.config.model_copy(update={"first_day": FIRST})
    return {**session.resources, "settings": settings}


def close(session, day: date, region: str = LONDON) -> None:
    with session.database.transaction() as connection:
        connection.execute(
            regional_values.insert().values(
                region=region,
                day=day,
                construct="burnout",
                method_version="m",
                revision=0,
                status="not_published",
                closed_at=session.clock.now(),
            )
        )


def ranges(schedule, resources, at: datetime) -> dict[str, tuple[str, str]]:
    names = ("settings", "region_day_locks", "clock") + (
        ("register",) if schedule is morning_release else ()
    )
    context = dg.build_schedule_context(
        scheduled_execution_time=at, resources={name: resources[name] for name in names}
    )
    requests = schedule.evaluate_tick(context).run_requests
    found = {}
    assert len({request.run_key for request in requests}) == len(requests)
    for request in requests:
        assert RUN_KEY.match(request.run_key)
        first, region = request.tags[RANGE_START].split("|")
        last, also = request.tags[RANGE_END].split("|")
        assert region == also
        found[region] = (first, last)
    return found


@pytest.mark.parametrize(
    ("morning", "yesterday", "due"),
    [
        # The morning after the clocks went forward, and the one on which they did.
        (datetime(2026, 3, 30, 4, 30, tzinfo=ZONE), "2026-03-29", "2026-03-27"),
        (datetime(2026, 3, 29, 4, 30, tzinfo=ZONE), "2026-03-28", "2026-03-26"),
        (datetime(2026, 10, 26, 4, 30, tzinfo=ZONE), "2026-10-25", "2026-10-23"),
        (datetime(2026, 10, 25, 4, 30, tzinfo=ZONE), "2026-10-24", "2026-10-22"),
        # Past midnight in London in summer, it is still yesterday in UTC.
        (datetime(2026, 7, 1, 0, 30, tzinfo=ZONE), "2026-06-30", "2026-06-28"),
    ],
)
def test_days_are_those_of_london_s_clock(session, resources, morning, yesterday, due) -> None:
    session.clock.moment = morning.astimezone(UTC)
    first = (morning.date() - timedelta(days=35)).isoformat()
    # The clock tells the day; a tick that was late or made up for does not.
    tick = datetime(2026, 1, 1, 4, 30, tzinfo=ZONE)
    expected = dict.fromkeys((LONDON, EAST), (first, yesterday))
    assert ranges(morning_collect, resources, tick) == expected
    assert ranges(morning_release, resources, tick) == {LONDON: (first, due)}


@pytest.mark.parametrize("schedule", [morning_collect, morning_release], ids=lambda s: s.name)
@pytest.mark.parametrize("start", [date(2026, 3, 28), date(2026, 10, 24)])
def test_there_is_one_tick_a_morning_where_clocks_change(schedule, start: date) -> None:
    begin = datetime(start.year, start.month, start.day, tzinfo=ZONE)
    ticks = schedule_execution_time_iterator(
        begin.timestamp(), schedule.cron_schedule, schedule.execution_timezone, ascending=True
    )
    moments = [next(ticks).astimezone(ZONE) for _ in range(4)]
    assert [one.date() for one in moments] == [start + timedelta(days=n) for n in range(4)]
    assert len({(one.hour, one.minute) for one in moments}) == 1


def test_closed_days_drop_off_the_range(session, resources) -> None:
    morning = session.clock.now()
    for day in (10, 11):
        close(session, date(2026, 9, day))
    close(session, date(2026, 10, 14))
    assert ranges(morning_collect, resources, morning)[LONDON] == ("2026-09-12", "2026-10-13")
    assert ranges(morning_release, resources, morning)[LONDON] == ("2026-09-12", "2026-10-12")


def test_with_nothing_open_nothing_runs(session, resources) -> None:
    for n in range(35):
        for region in (LONDON, EAST):
            close(session, date(2026, 9, 10) + timedelta(days=n), region)
    assert ranges(morning_collect, resources, session.clock.now()) == {}
    assert ranges(morning_release, resources, session.clock.now()) == {}


def test_a_home_made_today_has_no_open_day(session, resources) -> None:
    settings = resources["settings"].model_copy(update={"first_day": session.clock.today()})
    days = open_days(LONDON, session.clock.today(), settings, resources["region_day_locks"])
    assert days == []


def test_release_starts_with_the_first_consent(session, resources) -> None:
    settings, locks = resources["settings"], resources["region_day_locks"]
    today = session.clock.today()
    assert due_days(EAST, today, settings, locks, resources["register"]) == []
    found = due_days(LONDON, today, settings, locks, resources["register"])
    assert (found[0], found[-1]) == (date(2026, 9, 10), date(2026, 10, 12))


def test_a_morning_asks_once_and_the_next_asks_again(session, resources) -> None:
    def keys(schedule) -> set[str]:
        context = dg.build_schedule_context(
            scheduled_execution_time=session.clock.now(),
            resources={name: resources[name] for name in schedule.required_resource_keys},
        )
        return {one.run_key for one in schedule.evaluate_tick(context).run_requests}

    for schedule in (morning_collect, morning_release):
        today = keys(schedule)
        session.clock.moment += timedelta(hours=2)
        assert keys(schedule) == today
        session.clock.moment += timedelta(days=1)
        assert not keys(schedule) & today


@pytest.mark.parametrize(("mode", "regions"), [(Mode.DISCOVERY, set()), (Mode.STUDY, {LONDON})])
def test_a_home_that_never_publishes_is_not_asked_to(
    session, resources, mode: Mode, regions: set[str]
) -> None:
    tick = datetime(2026, 10, 15, 5, 30, tzinfo=UTC)
    assert set(ranges(morning_release, resources, tick)) == {LONDON}
    other = {**resources, "settings": resources["settings"].model_copy(update={"mode": mode})}
    assert set(ranges(morning_release, other, tick)) == regions
