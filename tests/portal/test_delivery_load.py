"""However much is sent at once: whoever withdraws is answered, and what is refused stays unread."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from made_portal import SECONDS, MadePortal, day, made_portal, withdrawal_in

from orchestration.cli.session import Session
from orchestration.portal.head_first import HEAD_READ_BYTES, HeadFirst
from orchestration.portal.limits import Limits
from orchestration.portal.pieces import MOST_AT_ONCE, MOST_OF_A_LINK, THREADS
from resources.base.database.tables import consent_events
from resources.base.keys.link_keys import signing_keys
from resources.stores.inbox.location import InboxLocation
from resources.stores.portal.delivery_links import DeliveryLink, link_to_deliver
from resources.stores.portal.partial_deliveries import SEALED_OPENING, PartialDeliveries

pytestmark = pytest.mark.slow

FINISHING = 50
"""More than there are threads for all that is no delivery."""
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Stuck(InboxLocation):
    """Writes nothing until it is let go."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.go = threading.Event()
        self.waiting = threading.Semaphore(0)

    def put_file(self, folder, name, source):
        self.waiting.release()
        self.go.wait(SECONDS)
        return super().put_file(folder, name, source)


@dataclass
class Busy:
    portal: MadePortal
    inbox: Stuck

    def pieces_of(self, group: int) -> str:
        key = signing_keys(self.portal.session.home.secrets).invitations
        link = DeliveryLink(f"g-{group:08x}", day(-1), day(9))
        return f"{self.portal.settings.address}/d/{link_to_deliver(key, link)}/pieces"

    def begun(self, pieces: str) -> str:
        answer = requests.post(pieces, timeout=SECONDS)
        assert answer.status_code == 201
        return f"{pieces}/{answer.json()['id']}"

    def slow(self, own: str, client: str = "10.0.0.1") -> socket.socket:
        """A piece of which the head is sent, and nothing else for now; by a proxy."""
        host, port = self.portal.settings.host.split(":")
        connection = socket.create_connection((host, int(port)), timeout=SECONDS)
        path = own.removeprefix(self.portal.settings.address)
        head = (
            f"POST {path}?offset=0 HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"X-Forwarded-For: {client}\r\nContent-Length: 1000\r\n\r\n"
        )
        connection.sendall(head.encode())
        return connection


@pytest.fixture
def busy(session: Session, clock: Any, tmp_path) -> Iterator[Busy]:
    clock.moment = datetime.now(UTC)
    inbox = Stuck(str(tmp_path / "inbox"))
    store = PartialDeliveries(tmp_path / "pieces", inbox, timedelta(days=14))
    limits = Limits(per_minute=100_000, chunk_seconds=SECONDS, body_seconds=SECONDS)
    with made_portal(session, limits, pieces=store) as portal:
        yield Busy(portal, inbox)


def refused(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1000).startswith(b"HTTP/1.1 503")
    except BlockingIOError:
        return False


def test_whoever_withdraws_is_answered_while_uploads_wait(busy: Busy) -> None:
    _, link = busy.portal.invitation()
    withdrawal = withdrawal_in(busy.portal.answer(link).text)
    owns = [busy.begun(busy.pieces_of(n)) for n in range(MOST_AT_ONCE)]
    refusals = threading.Semaphore(0)

    def finish(own: str) -> None:
        answer = requests.post(f"{own}/whole?sha256={EMPTY}", timeout=SECONDS)
        if answer.status_code == 503:
            refusals.release()

    # All threads of deliveries hang in an inbox that does not answer, and as many requests wait.
    finishing = [threading.Thread(target=finish, args=[own]) for own in owns[:FINISHING]]
    with ExitStack() as stack:
        for one in finishing:
            one.start()
            stack.callback(one.join)
        stack.callback(busy.inbox.go.set)
        for _ in range(THREADS):
            assert busy.inbox.waiting.acquire(timeout=SECONDS)
        open_ = [
            stack.enter_context(busy.slow(own, f"10.0.1.{number}"))
            for number, own in enumerate(owns[20:])
        ]
        end = time.monotonic() + SECONDS
        # On a busy machine those that finish may come last, and then they are refused.
        while not (refusals.acquire(blocking=False) or any(map(refused, open_))):
            assert time.monotonic() < end
        done = requests.post(withdrawal, {"withdraw": "now"}, timeout=SECONDS)
    assert done.status_code == 200
    assert "withdrawn" in [one.kind for one in busy.portal.rows(consent_events)]


def test_one_link_takes_only_a_few_places(busy: Busy) -> None:
    pieces = busy.pieces_of(1)
    own = busy.begun(pieces)
    with ExitStack() as stack:
        held = [stack.enter_context(busy.slow(own)) for _ in range(MOST_OF_A_LINK)]
        further = stack.enter_context(busy.slow(own))
        assert further.recv(1000).startswith(b"HTTP/1.1 503")
        other = requests.post(
            f"{busy.begun(busy.pieces_of(2))}?offset=0",
            SEALED_OPENING,
            timeout=SECONDS,
        )
        assert other.json() == {"received": len(SEALED_OPENING)}
        held[0].close()
        end = time.monotonic() + SECONDS
        while requests.post(f"{own}?offset=0", SEALED_OPENING, timeout=SECONDS).status_code != 200:
            assert time.monotonic() < end


@pytest.mark.parametrize(
    "length", ["Content-Length: 500000000", "Transfer-Encoding: chunked"], ids=["told", "not told"]
)
@pytest.mark.parametrize("body", [b"", b"fffffff\r\n" + b"SECRET" * 500_000], ids=["head", "body"])
def test_what_is_shared_where_no_service_worker_takes_it_is_not_read(
    busy: Busy, monkeypatch: pytest.MonkeyPatch, body: bytes, length: str
) -> None:
    read: list[bytes] = []
    own = HeadFirst.data_received

    def seen(self: HeadFirst, data: bytes) -> None:
        read.append(data)
        own(self, data)

    monkeypatch.setattr(HeadFirst, "data_received", seen)
    host, port = busy.portal.settings.host.split(":")
    head = (
        f"POST /d/share HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {'x' * 600}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nSec-Fetch-Site: none\r\n"
        f"Origin: null\r\n{length}\r\n\r\n"
    ).encode()
    assert len(head) < HEAD_READ_BYTES
    answer = b""
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        with suppress(OSError):
            connection.sendall(head + body)
        # It ends the connection by itself, whatever is still to come.
        with suppress(ConnectionResetError):
            while got := connection.recv(65536):
                answer += got
    assert answer.startswith(b"HTTP/1.1 303 ")
    assert b"\r\nlocation: /d/?lost\r\n" in answer
    assert b"\r\nconnection: close\r\n" in answer
    assert len(b"".join(read)) <= HEAD_READ_BYTES
