"""Members' requests through whole runs: who objects unseen is not read, and nobody can tell."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from members_by_portal import Portal, command_line, portals

from assets.core.errors import ConsentError
from orchestration.cli import requests
from resources.base.database.tables import member_answers, member_events, member_requests
from resources.containment.marker_scan import scan_database, scan_folder
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.members.member_events import Saying, SayingSource
from resources.stores.requests import request_book
from resources.stores.requests.matching import MOST_TOLD, group_code
from resources.stores.requests.member_request import Asks
from resources.stores.requests.receipts import Stands
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow

DAY, LAST = date(2026, 10, 12), date(2026, 10, 14)


@pytest.fixture
def portal_of() -> Iterator[Callable[[Any], Portal]]:
    with portals() as of:
        yield of


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    return command_line(monkeypatch)


def person(letter: str) -> str:
    return f"Grace Okafor{letter}"


def people_scored(house: Any, ref: str, day: date = DAY) -> int:
    return house.resources["score_store"].of_region_day("greater_london", day)[ref][0].person_days


def sayings(house: Any, ref: str) -> list[tuple[Saying, SayingSource]]:
    return [(one.saying, one.source) for one in house.resources["members"].events(ref)]


def test_who_objects_by_the_portal_is_not_scored_from_the_next_run_on(
    house, portal_of, chat
) -> None:
    ref, portal = house.grant(), portal_of(house)
    house.deliver(ref, chat(DAY - timedelta(days=1), LAST))
    assert house.run("collect", DAY - timedelta(days=1)) is None
    code = portal.put(Asks.OBJECT, ref, name=f"~ {person('a').upper()} 🌸")
    assert portal.stands(code) is Stands.RECEIVED
    assert house.run("collect", DAY) is None
    assert people_scored(house, ref, DAY - timedelta(days=1)) == 6
    assert people_scored(house, ref) == 5
    assert portal.stands(code) is Stands.ACTED_ON
    # Each is recorded once, however often is read.
    assert house.run("collect", LAST) is None
    assert sayings(house, ref) == [(Saying.OBJECTED, SayingSource.PORTAL)]
    back = portal.put(Asks.TAKE_BACK, ref, earlier=code.lower())
    assert house.materialise("platform_export", LAST).success
    assert (portal.stands(back), portal.stands(code)) == (Stands.ACTED_ON, Stands.TAKEN_BACK)
    again = portal.put(Asks.TAKE_BACK, ref, earlier=code)
    assert house.materialise("platform_export", LAST).success
    assert portal.stands(again) is Stands.NOT_MATCHED
    assert [one for one, _ in sayings(house, ref)] == [Saying.OBJECTED, Saying.TAKEN_BACK]


def test_what_objections_of_several_groups_say_of_one_run(house, portal_of, chat) -> None:
    """Of few each is told whether it matches, of many none; nobody's stops anything."""
    portal = portal_of(house)
    unmatched, hostile, few = refs = [house.grant() for _ in range(3)]
    for number, ref in enumerate(refs):
        house.deliver(ref, chat(DAY, DAY, seed=number, people=8 if ref == few else 6))
    matching_nobody = [
        portal.put(Asks.OBJECT, unmatched, name="Zed Nobody"),
        portal.put(Asks.OBJECT, unmatched, number="07700 900123"),
        portal.put(Asks.OBJECT, unmatched),
        portal.door.put(Asks.OBJECT, group="AAAA-AAAA-AAAA-AAAA", name=person("a")),
    ]
    letters = [f"{one} {two}" for one in "abcde" for two in "fghij"]
    lists = ["a b c d e f g h i j k l m n o p q r s t u v w x y z", "🙂", "tired shift today " * 6]
    numbers = [f"07700 9{number:05d}" for number in range(60)]
    said = [*letters, *lists, *(f"Zed{number}" for number in range(11)), person("a")]
    a_hundred = [portal.put(Asks.OBJECT, hostile, name=one) for one in said]
    a_hundred += [portal.put(Asks.OBJECT, hostile, number=one) for one in numbers]
    assert len(a_hundred) == 100
    of_few = [portal.put(Asks.OBJECT, few, name=person(one)) for one in "abxyz"]
    assert len(of_few) == MOST_TOLD
    assert house.run("collect", DAY) is None
    assert house.codes() == {}
    # Only who is named is left out.
    assert [people_scored(house, ref) for ref in refs] == [6, 5, 6]
    assert {portal.stands(one) for one in matching_nobody} == {Stands.NOT_MATCHED}
    assert {portal.stands(one) for one in a_hundred} == {Stands.NOT_MATCHED}
    told = [portal.stands(one) for one in of_few]
    assert told == [Stands.ACTED_ON] * 2 + [Stands.NOT_MATCHED] * 3


def test_no_flood_of_others_opens_fishing_for_names_again(
    house, portal_of, chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_book, "MOST_OPENED", 8)
    ref, portal = house.grant(), portal_of(house)
    house.deliver(ref, chat(DAY, LAST))
    first = [portal.put(Asks.OBJECT, ref, name=f"Zed{one}") for one in range(MOST_TOLD)]
    assert house.run("collect", DAY) is None
    for number in range(8):
        portal.door.put(Asks.COMPLAIN, text=f"number {number}")
    assert house.run("collect", DAY + timedelta(days=1)) is None
    fished = portal.put(Asks.OBJECT, ref, name=person("a"))
    assert house.run("collect", LAST) is None
    assert {portal.stands(one) for one in (*first, fished)} == {Stands.NOT_MATCHED}


def test_nobody_opts_in_or_takes_back_for_somebody_else(house, portal_of, chat) -> None:
    portal = portal_of(house)
    read_by_notice = house.grant()
    terms = made_up_terms(
        date(2026, 9, 1),
        date(2026, 12, 31),
        member_basis=MemberBasis.OPT_IN,
        ethics_reference="",
        departure_approved=False,
    )
    asked = house.session.register.grant(terms, house.clock.now())
    house.deliver(read_by_notice, chat(DAY, LAST))
    house.deliver(asked, chat(DAY, LAST, seed=1, people=8))
    for one in "abcdfgh":
        portal.put(Asks.OPT_IN, asked, name=person(one))
    portal.put(Asks.OBJECT, asked, name=person("e"))
    codes = [portal.put(Asks.OPT_IN, asked, name=person("e"))]
    portal.put(Asks.OBJECT, read_by_notice, name=person("a"))
    codes += [portal.put(Asks.OPT_IN, read_by_notice, name=person("a"))]
    # A code of another's request in another group, and of none.
    theirs = portal.put(Asks.OBJECT, asked, name=person("d"))
    portal.put(Asks.TAKE_BACK, read_by_notice, earlier=theirs)
    portal.put(Asks.TAKE_BACK, asked, earlier="AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-A")
    assert house.run("collect", DAY) is None
    assert people_scored(house, asked) == 6
    assert people_scored(house, read_by_notice) == 5
    assert portal.stands(theirs) is not Stands.TAKEN_BACK
    # What it says of one who has objected is what it says of anybody.
    assert Stands.RECEIVED not in {portal.stands(one) for one in codes}


WORDS = {
    "name": "Zephyrine Quastorp",
    "number": "07700 900987",
    "text": "my manager grumblewort reads along",
    "contact": "quastorp@example.org",
}


def test_nothing_of_a_request_is_in_clear_after_a_run(house, portal_of, chat, run, capfd) -> None:
    ref, portal = house.grant(), portal_of(house)
    house.deliver(ref, chat(DAY, LAST))
    portal.put(Asks.OBJECT, ref, name=WORDS["name"], number=WORDS["number"])
    portal.put(Asks.COMPLAIN, ref, text=WORDS["text"], contact=WORDS["contact"])
    assert house.run("collect", DAY) is None
    (waiting,) = requests.waiting(house.session)
    listed = run(house, "requests")
    run(house, "requests", "answer", waiting.ref, given="we asked grumblewort\n")
    shown = "".join(capfd.readouterr()) + listed
    code = group_code(house.resources["members"].marker(ref))
    words = ["zephyrine", "quastorp", "900987", "grumblewort", code, code.replace("-", "")]
    assert not [one for one in words if one.lower() in shown.lower()]
    markers = [one.encode() for one in words]
    with as_owner(house.session.url) as connection:
        assert scan_database(connection, markers) == set()
        rows = connection.execute(sa.select(sa.func.count()).select_from(member_requests))
        assert rows.scalar() == 2
    assert scan_folder(house.session.home.root, markers) == set()


def test_complaints_and_questions_wait_with_deadlines_and_without_names(
    house, portal_of, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, portal = house.grant(), portal_of(house)
    # Requests are dated by the database.
    house.clock.moment = datetime.now(UTC)
    today = house.clock.today()
    due = [str(today + timedelta(days=days)) for days in (30, 28)]
    assert "No complaint" in run(house, "requests")
    complaint = portal.put(Asks.COMPLAIN, ref, text=WORDS["text"] + "\x1b[31m", contact="me")
    question = portal.put(Asks.QUESTION, None, text="what is kept?")
    portal.put(Asks.OBJECT, ref, name=WORDS["name"])
    listed = run(house, "requests")
    assert len(re.findall(r"q-[0-9a-f]{8}", listed)) == 2
    for word in ("complaint", "question", *due, "30", "28"):
        assert word in listed
    for word in (ref, "grumblewort", "Zephyrine", "object"):
        assert word not in listed
    house.clock.moment += timedelta(days=31)
    assert "1 late" in run(house, "requests", "list")
    asked, complained = requests.waiting(house.session)
    with pytest.raises(ConsentError, match=r"^REQUEST_FOR_A_SCREEN$"):
        run(house, "requests", "show", complained.ref)
    with pytest.raises(ConsentError, match=r"^REQUEST_UNKNOWN$"):
        run(house, "requests", "answer", "q-00000000")
    # Only in a terminal, and without what would steer it.
    monkeypatch.setattr(requests, "sys", type("Terminal", (), {"stdout": _Terminal()}))
    out = run(house, "requests", "show", complained.ref)
    assert WORDS["text"] in out
    assert "\x1b" not in out
    monkeypatch.undo()
    run(house, "requests", "answer", asked.ref, given="digests of senders\n")
    run(house, "requests", "answer", complained.ref, given="\n")
    assert "No complaint" in run(house, "requests")
    assert portal.door.answer(question).text == "digests of senders"
    assert portal.stands(complaint) is Stands.ANSWERED


class _Terminal:
    @staticmethod
    def isatty() -> bool:
        return True


def test_it_goes_with_its_lifetime_and_nothing_counts_it(house, portal_of, run) -> None:
    ref, portal = house.grant(), portal_of(house)
    portal.put(Asks.OBJECT, ref, name=person("a"))
    assert house.materialise("platform_export", DAY).success
    house.clock.moment = datetime.now(UTC) + timedelta(days=91)
    gone = house.resources["lifetimes"].enforce(house.clock.now())
    assert gone.total() == 0
    with house.database.transaction() as connection:
        for table in (member_requests, member_answers):
            assert connection.execute(sa.select(table)).all() == []
        # What it said goes on to hold.
        assert len(connection.execute(sa.select(member_events)).all()) == 1
