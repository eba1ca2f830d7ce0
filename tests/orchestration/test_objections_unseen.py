"""Two worlds, in one of which a member objects by the portal: who runs it sees no difference."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest
from members_by_portal import Portal, command_line, portals

from resources.stores.inbox.day_notices import DayNotices
from resources.stores.requests.member_request import Asks

pytestmark = pytest.mark.slow

DAY, LAST = date(2026, 10, 12), date(2026, 10, 13)
CHANCE = re.compile(
    # Keys, digests, references, and the beginning of each; how long age's seal is.
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b([geqt][-_])?[0-9a-f]{8,64}\b"
    r"|\d,\d{3} +readable"
)
COMMANDS = (
    ["status"],
    ["status", "--group", "GROUP"],
    ["status", "--scrubbing"],
    ["consent", "list"],
    ["inbox", "list", "GROUP"],
    ["requests"],
    ["lifetimes"],
    ["verify"],
)


@pytest.fixture
def portal_of() -> Iterator[Callable[[Any], Portal]]:
    with portals() as of:
        yield of


def told_to_dagster(house: Any) -> list[str]:
    """Metadata of every materialisation, observation and check, by partition; runs with tags."""
    told: list[str] = []
    for run in house.instance.get_runs():
        told.append(f"{run.job_name} {run.status} {sorted(run.tags)}")
        for one in house.instance.all_logs(run.run_id):
            event, found = one.dagster_event, {}
            if event is None:
                continue
            kind = event.event_type
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


def world(
    house: Any, portal: Portal, run: Callable[..., str], *, objects: bool
) -> tuple[dict[str, str], int]:
    """What can be seen of a home, by where; and how many people were scored where one objects.

    Of the first day everything was read before, and is read again if somebody objects.
    """
    refs = house.groups(2, DAY, LAST, people=7)
    assert house.materialise("platform_export", DAY).success
    assert house.materialise("scrubbed_vectors", DAY).success
    house.clock.moment += timedelta(hours=1)
    if objects:
        portal.put(Asks.OBJECT, refs[0], name="Grace Okafora")
        portal.put(Asks.OBJECT, refs[1], number="07700 900123")
    assert house.run("collect", DAY, LAST) is None
    people = house.resources["score_store"].of_region_day("greater_london", DAY)[refs[0]][0]
    house.clock.set_to(date(2026, 10, 18))
    assert house.run("release", DAY, LAST) is None
    shown = {}
    for one in COMMANDS:
        given = [refs[0] if word == "GROUP" else word for word in one]
        shown[" ".join(one)] = run(house, *given)
    shown["notices"] = str([*DayNotices(house.database).since(DAY).values()])
    shown["codes"] = str([*house.codes().values()])
    journal = house.session.home.leaving_journal.read_text("utf-8")
    # That somebody somewhere spoke shows in its length; not where, nor what.
    assert not [word for word in (*refs, "objected", "2026") if word in journal]
    # Long after the consent has ended, what members said goes.
    house.clock.moment += timedelta(days=400)
    shown["lifetimes at the end"] = run(house, "lifetimes")
    shown["Dagster"] = "\n".join(told_to_dagster(house))
    for name, told in shown.items():
        for number, ref in enumerate(refs):
            told = told.replace(ref, f"GROUP {number}")  # noqa: PLW2901
        shown[name] = CHANCE.sub("X", told.replace(str(house.session.home.root), "HOME"))
    return shown, people.person_days


def test_admin_coordinator_and_engineer_see_the_same_with_and_without_an_objection(
    open_house, portal_of, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, begun = command_line(monkeypatch), clock.moment
    worlds: list[dict[str, str]] = []
    for objects in (False, True):
        clock.moment = begun
        house = open_house()
        shown, people = world(house, portal_of(house), run, objects=objects)
        assert people == (6 if objects else 7)
        worlds.append(shown)
    without, with_one = worlds
    assert without["Dagster"].count("ASSET_MATERIALIZATION") > len(COMMANDS)
    assert "group_days_settled" in without["Dagster"]
    for name, told in without.items():
        assert told
        assert told == with_one[name], name
        assert "objected" not in told, name
