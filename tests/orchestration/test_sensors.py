import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from assets.core.region_day import days_by_region
from orchestration.cli.session import Session
from orchestration.partition_definitions import region_day_partitions
from orchestration.partitions import RANGE_END, RANGE_START
from orchestration.sensors import consented_export_sensor
from resources.base.database.tables import regional_values
from resources.stores.inbox.inbox import Inbox
from simulation.consents import made_up_terms

LONDON, EAST = "greater_london", "east_of_england"
CURSOR = re.compile(r"^\d+(:([0-9a-f]{16})*)*$")
RUN_KEY = re.compile(r"^[0-9a-f]{64}$")
LATER = timedelta(minutes=1)


class Door:
    """Delivers, consents and looks, without anything being run."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.cursor: str | None = None

    def grant(self, region: str = LONDON, until: date = date(2026, 12, 31)) -> str:

        terms = made_up_terms(date(2026, 9, 1), until, region)
        return self.session.register.grant(terms, self.session.clock.now())

    def deliver(self, group_ref: str, content: bytes = b"Grace") -> None:
        self.session.clock.moment += LATER
        inbox: Inbox = self.session.resources["inbox"]
        inbox.add(group_ref, io.BytesIO(content), self.session.clock.now())

    def look(self, *, lost_cursor: bool = False) -> list[dg.RunRequest]:
        names = ("settings", "register", "inbox", "region_day_locks", "clock")
        context = dg.build_sensor_context(
            cursor=None if lost_cursor else self.cursor,
            resources={name: self.session.resources[name] for name in names},
        )
        result = consented_export_sensor(context)
        if isinstance(result, dg.SensorResult):
            self.cursor = result.cursor
            requests = list(result.run_requests or [])
        else:
            self.cursor = context.cursor
            requests = []
        assert CURSOR.match(self.cursor or "")
        assert all(RUN_KEY.match(one.run_key or "") for one in requests)
        return requests

    def regions(self, **how: bool) -> list[str]:
        return [one.tags[RANGE_START].split("|")[1] for one in self.look(**how)]


@pytest.fixture
def door(session: Session, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(Inbox, "open_export", lambda *_: pytest.fail("a file was opened"))
    return Door(session)


def test_nothing_there_asks_for_nothing(door: Door) -> None:
    assert door.look() == []
    door.grant()
    assert door.look() == []


def test_a_new_file_asks_once(door: Door) -> None:
    door.deliver(door.grant())
    assert door.regions() == [LONDON]
    assert door.look() == []
    assert door.look() == []


def test_a_second_group_or_file_asks_again_with_another_key(door: Door) -> None:
    first, second = door.grant(), door.grant()
    keys = []
    for ref in (first, second, first):
        door.deliver(ref)
        (request,) = door.look()
        keys.append(request.run_key)
    assert len(set(keys)) == 3


def test_each_region_asks_for_itself(door: Door) -> None:
    london, east = door.grant(), door.grant(EAST)
    door.deliver(london)
    assert door.regions() == [LONDON]
    door.deliver(east)
    assert door.regions() == [EAST]
    door.deliver(london)
    door.deliver(east)
    assert door.regions() == [LONDON, EAST]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(
            lambda door, ref: door.session.register.withdraw(ref, door.session.clock.now()),
            id="withdrawn",
        ),
        pytest.param(
            lambda door, ref: door.session.clock.set_to(date(2026, 11, 1)), id="ended yesterday"
        ),
    ],
)
def test_a_consent_that_ended_asks_for_nothing(door: Door, end: Callable) -> None:
    ref = door.grant(until=date(2026, 10, 31))
    door.deliver(ref)
    end(door, ref)
    assert door.look() == []
    assert door.look(lost_cursor=True) == []


def test_the_last_day_of_a_consent_still_asks(door: Door) -> None:
    door.deliver(door.grant(until=date(2026, 10, 15)))
    assert door.regions() == [LONDON]


def test_files_of_no_known_group_ask_for_nothing(door: Door) -> None:
    door.deliver("g-00000000")
    stray = Path(door.session.home.config.inbox) / "Oak House"
    stray.mkdir()
    (stray / "WhatsApp Chat with Oak House.txt").write_text("Grace", "utf-8")
    assert door.look() == []


def test_a_lost_cursor_asks_with_the_same_key(door: Door) -> None:
    door.deliver(door.grant())
    (first,) = door.look()
    (again,) = door.look(lost_cursor=True)
    assert again.run_key == first.run_key
    door.cursor = "7:"
    assert [one.run_key for one in door.look()] == [first.run_key]


def test_cursor_keys_and_tags_hold_no_name(door: Door) -> None:
    ref = door.grant()
    door.deliver(ref)
    (request,) = door.look()
    assert ref not in f"{door.cursor} {request.run_key} {request.tags}"
    assert set(request.tags) == {RANGE_START, RANGE_END}


def test_the_tags_are_the_open_days(door: Door) -> None:
    door.deliver(door.grant())
    (request,) = door.look()
    home = door.session.home
    keys = region_day_partitions(home.config.first_day, home.regions).get_partition_keys_in_range(
        dg.PartitionKeyRange(request.tags[RANGE_START], request.tags[RANGE_END])
    )
    days = days_by_region(keys)[LONDON]
    # 35 days, as long as scores are kept, and never today.
    assert (days[0], days[-1], len(days)) == (date(2026, 9, 10), date(2026, 10, 14), 35)


def test_with_every_day_closed_nothing_is_asked(door: Door) -> None:
    door.deliver(door.grant())
    with door.session.database.transaction() as connection:
        for n in range(50):
            connection.execute(
                regional_values.insert().values(
                    region=LONDON,
                    day=date(2026, 9, 1) + timedelta(days=n),
                    construct="burnout",
                    method_version="m",
                    revision=0,
                    status="not_published",
                    closed_at=door.session.clock.now(),
                )
            )
    assert door.look() == []
