"""When the public location asks for a run of `publish`."""

from dataclasses import dataclass
from datetime import date, timedelta

import dagster as dg
import pytest

from orchestration.cli.session import Session
from orchestration.partitions import RANGE_END, RANGE_START
from orchestration.public import public_definitions
from orchestration.publish_sensor import published_values_sensor
from orchestration.runs import run_job
from resources.base.database.tables import evidence_cards, regional_values, retractions

LONDON, EAST = "greater_london", "east_of_england"
NEEDS = ("home", "published_values", "vintages", "clock")
A_LOOK = timedelta(seconds=30)


@dataclass
class Looking:
    """The sensor of a home, looked at every half a minute."""

    session: Session
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    cursor: str | None = None

    def day(self, age: int) -> date:
        return self.session.clock.today() - timedelta(days=age)

    def close(
        self, *days: int, region: str = LONDON, revision: int = 0, status: str = "not_published"
    ) -> None:
        """Close days that are so many days old."""
        rows = [
            {
                "region": region,
                "day": self.day(age),
                "construct": construct,
                "method_version": "m",
                "revision": revision,
                "status": status,
                "closed_at": self.session.clock.now(),
            }
            for age in days
            for construct in ("burnout", "resilience", "resistance")
        ]
        cards = [
            {
                "region": region,
                "day": self.day(age),
                "method_version": "m",
                "revision": revision,
                "closed_on": self.session.clock.today(),
                "recorded": "afterwards",
                "published": status == "published",
            }
            for age in days
        ]
        with self.session.database.transaction() as connection:
            connection.execute(regional_values.insert(), rows)
            connection.execute(evidence_cards.insert(), cards)

    def retract(self, age: int) -> None:
        place = {"region": LONDON, "day": self.day(age), "method_version": "m", "revision": 0}
        mark = {"scope": "all", "reason": "scoring_error", "at": self.session.clock.now()}
        with self.session.database.transaction() as connection:
            connection.execute(retractions.insert().values(**place, **mark))

    def look(self, *, later: timedelta = A_LOOK) -> list[dg.RunRequest]:
        self.session.clock.moment += later
        context = dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={name: self.definitions.resources[name] for name in NEEDS},
        )
        result = published_values_sensor(context)
        if isinstance(result, dg.SkipReason):
            self.cursor = context.cursor
            return []
        self.cursor = result.cursor
        return list(result.run_requests)

    def asked(self) -> list[tuple[str, str]]:
        """Two looks: the range that each run is asked for."""
        assert self.look() == []
        return [(one.tags[RANGE_START], one.tags[RANGE_END]) for one in self.look()]

    def publish(self, request: dg.RunRequest) -> None:
        job = self.definitions.resolve_job_def("publish")
        assert job.execute_in_process(instance=self.instance, tags=request.tags).success


@pytest.fixture
def looking(session: Session):
    with dg.instance_for_test() as instance:
        yield Looking(session, public_definitions(session.home, session.clock), instance)


def test_nothing_released_asks_for_nothing(looking: Looking) -> None:
    assert looking.asked() == []


def test_a_state_that_stands_is_asked_for_once_for_both_regions(looking: Looking) -> None:
    for region in (LONDON, EAST):
        looking.close(9, 8, region=region)
    newest = looking.day(8).isoformat()
    assert looking.asked() == [(f"{newest}|{LONDON}", f"{newest}|{EAST}")]
    assert [looking.look() for _ in range(5)] == [[]] * 5


def test_regions_of_another_newest_day_have_a_run_each(looking: Looking) -> None:
    looking.close(9, 8)
    looking.close(9, region=EAST)
    keys = [f"{looking.day(8)}|{LONDON}", f"{looking.day(9)}|{EAST}"]
    assert looking.asked() == [(key, key) for key in keys]


def test_a_release_that_goes_on_is_not_published_day_by_day(looking: Looking) -> None:
    for age in (9, 8, 7, 6):
        looking.close(age)
        assert looking.look() == []
    assert len(looking.look()) == 1


@pytest.mark.parametrize("change", ["revision", "retraction"])
def test_a_correction_is_published(looking: Looking, change: str) -> None:
    looking.close(9, status="published")
    looking.close(8)
    first, second = looking.look(), looking.look()
    looking.publish(second[0])
    assert first == looking.look() == []
    if change == "revision":
        looking.close(9, revision=1)
    else:
        looking.retract(9)
    assert len(looking.asked()) == 1


def test_one_run_writes_all_that_was_asked_for(looking: Looking) -> None:
    for region in (LONDON, EAST):
        looking.close(9, 8, region=region)
    looking.look()
    (request,) = looking.look()
    looking.publish(request)
    made = sorted(
        path.relative_to(looking.session.home.public / "forecasts")
        for path in (looking.session.home.public / "forecasts").rglob("*.json")
    )
    newest = f"{looking.day(8)}.json"
    assert [str(path) for path in made] == [f"{EAST}/{newest}", f"{LONDON}/{newest}"]
    assert looking.look(later=timedelta(hours=2)) == []


def test_what_a_command_has_published_is_not_asked_for(looking: Looking) -> None:
    looking.close(9, 8)
    code = run_job(
        looking.definitions,
        "publish",
        looking.instance,
        region=LONDON,
        first=looking.day(8),
        last=looking.day(8),
    )
    assert code is None
    assert looking.asked() == []
    # The page alone is not all.
    looking.close(7)
    with dg.instance_for_test() as instance:
        looking.definitions.resolve_job_def("publish").execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey("dashboard")], tags={}
        )
    assert len(looking.asked()) == 1


def test_a_run_that_did_not_publish_is_asked_for_again_after_an_hour(looking: Looking) -> None:
    looking.close(9, 8)
    looking.look()
    (first,) = looking.look()
    assert looking.look(later=timedelta(minutes=59)) == []
    looking.instance.create_run_for_job(
        looking.definitions.resolve_job_def("publish"), status=dg.DagsterRunStatus.STARTED
    )
    assert looking.look(later=timedelta(minutes=2)) == []
    (run,) = looking.instance.get_runs()
    looking.instance.report_run_canceled(run)
    (again,) = looking.look()
    assert again.tags == first.tags
    assert again.run_key != first.run_key


def test_a_lost_cursor_asks_with_the_same_key(looking: Looking) -> None:
    looking.close(9, 8)
    looking.look()
    (first,) = looking.look()
    looking.cursor = None
    looking.look()
    (again,) = looking.look()
    assert again.run_key == first.run_key
