"""Two worlds, in one of which a member has objected by the portal: nobody who runs it sees which."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from members_by_portal import Portal, command_line, portals

from resources.base.database.tables import member_events
from resources.stores.inbox.day_notices import DayNotices
from resources.stores.requests.member_request import Asks

pytestmark = pytest.mark.slow

BEFORE, DAY, LAST = date(2026, 10, 11), date(2026, 10, 12), date(2026, 10, 14)
CHANCE = re.compile(
    # References, receipts, keys and digests of these; numbers of runs; how long age's seal is.
    r"\b[geqt]-?_?[0-9a-f]{8,12}\b|\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b"
    r"|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\d,\d{3} +readable|\b[0-9a-f]{8}\b"
)


@dataclass
class World:
    """All that coordinator, engineer and admin can see of one home."""

    shown: dict[str, str] = field(default_factory=dict)
    scored: int = 0
    events: int = 0


@pytest.fixture
def portal_of() -> Iterator[Callable[[Any], Portal]]:
    with portals() as of:
        yield of


def told_to_dagster(house: Any) -> list[str]:
    """Metadata of every materialisation, observation and check, with its partition, and tags."""
    told: list[str] = []
    for run in house.instance.get_runs():
        told.append(f"{run.job_name} {run.status} {sorted(run.tags)}")
        for one in house.instance.all_logs(run.run_id):
            event = one.dagster_event
            if event is None:
                continue
            kind, found = event.event_type, {}
            if kind is dg.DagsterEventType.ASSET_MATERIALIZATION:
                found = event.step_materialization_data.materialization.metadata
            elif kind is dg.DagsterEventType.ASSET_OBSERVATION:
                found = event.asset_observation_data.asset_observation.metadata
            elif kind is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                check = event.asset_check_evaluation_data
                found = {**check.metadata, "passed": dg.MetadataValue.bool(check.passed)}
            values = sorted((label, str(value.value)) for label, value in found.items())
            told.append(f"{event.step_key} {kind} {event.partition} {values}")
    return sorted(told)


def live(house: Any, portal: Portal, run: Callable[..., str], chat: Any, *, objects: bool) -> World:
    """Three groups; an objection comes between a first reading and the days that follow."""
    seen = World()
    refs = house.groups(3, BEFORE, LAST, people=7)
    # Of a group-day that is scored, of one that was read and not scored, and of one not yet read.
    assert house.run("collect", BEFORE) is None
    assert house.materialise("platform_export", DAY).success
    assert house.materialise("scrubbed_vectors", DAY).success
    house.clock.moment += timedelta(hours=1)
    if objects:
        portal.put(Asks.OBJECT, refs[0], name="Grace Okafora")
        portal.put(Asks.OBJECT, refs[1], number="07700 900123")
    for day in (DAY, LAST):
        assert house.run("collect", day) is None
    house.clock.set_to(date(2026, 10, 19))
    assert house.run("release", BEFORE, LAST) is None
    commands = (
        ["status"],
        ["status", "--group", refs[0]],
        ["status", "--scrubbing"],
        ["consent", "list"],
        ["inbox", "list", refs[0]],
        ["requests"],
        ["lifetimes"],
        ["verify"],
    )
    for one in commands:
        seen.shown[" ".join(one[:2])] = run(house, *one)
    seen.shown["notices"] = str([*DayNotices(house.database).since(BEFORE).values()])
    seen.shown["codes"] = str([*house.codes().values()])
    # The consent ends, and long after what members said goes.
    house.clock.moment += timedelta(days=400)
    seen.shown["lifetimes at the end"] = run(house, "lifetimes")
    for number, ref in enumerate(refs):
        seen.shown = {
            name: told.replace(ref, f"GROUP {number}") for name, told in seen.shown.items()
        }
    root = str(house.session.home.root)
    seen.shown = {
        name: CHANCE.sub("X", told.replace(root, "HOME")) for name, told in seen.shown.items()
    }
    dagster = told_to_dagster(house)
    for number, ref in enumerate(refs):
        dagster = [one.replace(ref, f"GROUP {number}") for one in dagster]
    seen.shown["dagster"] = "\n".join(CHANCE.sub("X", one) for one in sorted(dagster))
    scores = house.resources["score_store"].settled("greater_london", [DAY, LAST])
    seen.scored = len(scores)
    return seen


def test_admin_coordinator_and_engineer_see_the_same_with_and_without_an_objection(
    open_house, portal_of, chat, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, begun = command_line(monkeypatch), clock.moment
    worlds: dict[bool, World] = {}
    for objects in (False, True):
        clock.moment = begun
        house = open_house()
        worlds[objects] = live(house, portal_of(house), run, chat, objects=objects)
    without, with_one = worlds[False].shown, worlds[True].shown
    assert set(without) == set(with_one)
    for name, told in without.items():
        assert told == with_one[name], name
        assert "objected" not in told
