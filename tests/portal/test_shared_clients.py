"""Who shares a network is one client: nobody there keeps others of it, or anybody else, out."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from made_portal import SECONDS, MadePortal, made_portal, withdrawal_in
from requests.adapters import HTTPAdapter

from orchestration.cli.session import Session
from orchestration.portal.limits import Asked, Limits
from orchestration.portal.open_bodies import MOST_OF_ALL, MOST_OF_CLIENT, OpenBodies
from orchestration.portal.serving import MOST_CONNECTIONS
from resources.base.database.tables import consent_events, member_requests

pytestmark = pytest.mark.slow

PER_MINUTE = 10
PER_HOUR = 3
AT_ONCE = 50


@pytest.fixture
def shared(session: Session, clock: Any) -> Iterator[MadePortal]:
    clock.moment = datetime.now(UTC)
    with made_portal(session, Limits(per_minute=PER_MINUTE, requests_per_hour=PER_HOUR)) as portal:
        yield portal


def ask(portal: MadePortal, **fields: str) -> int:
    # On a busy machine a refusal may go out before the body has come, and is lost with it.
    for _ in range(50):
        with suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            answer = requests.post(f"{portal.settings.address}/m", fields, timeout=SECONDS)
            return answer.status_code
    raise AssertionError("no answer ever came")


def test_a_slip_in_a_form_spends_nothing_of_what_colleagues_may_send(shared: MadePortal) -> None:
    slips = [ask(shared, asks="object", name="Ama") for _ in range(2 * PER_HOUR)]
    assert slips == [400] * (2 * PER_HOUR)
    taken = [ask(shared, asks="question", text="what") for _ in range(PER_HOUR + 1)]
    assert taken == [200] * PER_HOUR + [429]
    assert len(shared.rows(member_requests)) == PER_HOUR


def test_pages_of_members_and_what_they_are_made_of_are_counted_apart_from_deliveries(
    shared: MadePortal,
) -> None:
    def statuses(path: str, count: int) -> list[int]:
        with requests.Session() as session:
            return [
                session.get(shared.settings.address + path, timeout=SECONDS).status_code
                for _ in range(count)
            ]

    assert statuses("/d/x", PER_MINUTE + 1)[-2:] == [403, 429]
    assert set(statuses("/static/portal.css", 2 * PER_MINUTE)) == {200}
    pages = ("/m", "/m/AAAABBBBCCCCDDDD", "/m/receipt")
    found = [status for path in pages for status in statuses(path, PER_MINUTE)]
    assert found == [200] * 2 * PER_MINUTE + [429] * PER_MINUTE
    # Nothing of it is spent of what leaving takes.
    assert statuses("/w/x", 1) == [403]


class From(HTTPAdapter):
    """Asks from another address of this machine."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, source_address=("127.0.0.9", 0), **named)


def dripping(portal: MadePortal, path: str) -> socket.socket:
    host, port = portal.settings.host.split(":")
    connection = socket.create_connection((host, int(port)), timeout=SECONDS)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {portal.settings.host}\r\nContent-Length: 1000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\na"
    )
    connection.sendall(head.encode())
    return connection


@pytest.mark.parametrize("path", ["/m", "/m/receipt", "/w/"])
def test_one_client_that_drips_bodies_keeps_nobody_in(
    session: Session, clock: Any, path: str
) -> None:
    clock.moment = datetime.now(UTC)
    limits = Limits(per_minute=100_000, chunk_seconds=600, body_seconds=600)
    with made_portal(session, limits) as portal, ExitStack() as open_ones:
        made, link = portal.invitation()
        withdrawal = withdrawal_in(portal.answer(link).text)
        if path == "/w/":
            path = withdrawal.removeprefix(portal.settings.address)
        for _ in range(MOST_OF_CLIENT):
            open_ones.enter_context(dripping(portal, path))
        # Answered after the server has seen those before.
        requests.get(f"{portal.settings.address}/alive", timeout=SECONDS)
        # So many at once, for each is let linger before it is refused.
        for _ in range(MOST_CONNECTIONS // AT_ONCE + 1):
            more = [open_ones.enter_context(dripping(portal, path)) for _ in range(AT_ONCE)]
            assert {one.recv(65536)[:12] for one in more} == {b"HTTP/1.1 429"}
        with requests.Session() as another:
            another.mount("http://", From())
            answer = another.post(withdrawal, {"withdraw": "now"}, timeout=SECONDS)
        assert answer.status_code == 200
        assert [row.group_ref for row in portal.rows(consent_events)] == [made.group_ref]


def test_what_all_may_have_under_way_leaves_room_to_leave() -> None:
    bodies = OpenBodies()
    houses = [f"192.0.2.{number}" for number in range(MOST_CONNECTIONS)]
    begun = [bodies.begin(one, Asked.AS_MEMBER) for one in houses]
    assert begun == [None] * MOST_OF_ALL + [503] * (MOST_CONNECTIONS - MOST_OF_ALL)
    assert {bodies.begin(one, Asked.TO_LEAVE) for one in houses} == {None}
    for one in houses:
        bodies.end(one, Asked.TO_LEAVE)
    assert bodies.begin(houses[-1], Asked.ELSE) == 503
    bodies.end(houses[0], Asked.AS_MEMBER)
    assert bodies.begin(houses[-1], Asked.ELSE) is None
    for one in (*houses[1:MOST_OF_ALL], houses[-1]):
        bodies.end(one, Asked.ELSE)
    # Nothing of who asked stays.
    assert not bodies._of_clients
    assert bodies._of_all == 0
    every = [bodies.begin(houses[0], Asked.ELSE) for _ in range(MOST_OF_CLIENT + 1)]
    assert every == [None] * MOST_OF_CLIENT + [429]
