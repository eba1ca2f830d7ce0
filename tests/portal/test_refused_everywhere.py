"""What OWASP's lists name, on every way in that the portal has: a new one is tried by itself."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from made_portal import SECONDS, MadePortal, day, made_portal, withdrawal_in

from orchestration.cli.session import Session
from orchestration.portal.app import SECTIONS
from orchestration.portal.door import HEADERS
from orchestration.portal.limits import Limits
from resources.base.clock import Clock
from resources.base.database.tables import (
    consent_events,
    member_requests,
    portal_consents,
    pulse_answers,
)
from resources.base.keys.link_keys import signing_keys
from resources.stores.inbox.location import InboxLocation
from resources.stores.portal.delivery_links import DeliveryLink, link_to_deliver
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.portal.partial_deliveries import PartialDeliveries
from resources.stores.study.gate import asked_in_pulse
from resources.stores.study.made_up import write_made_up_register

pytestmark = pytest.mark.slow

SCRIPT = '"><script>alert(1)</script>'
SEALED = b"age-encryption.org/v1\n-> X25519 "
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OF_OTHERS = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "anything"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
)


@dataclass(frozen=True)
class Ways:
    """A portal that takes deliveries, with a good link of each kind.

    Attributes:
        portal: served.
        reads: by route, the path of a page.
        sends: by route, a path and a body that is taken there.
    """

    portal: MadePortal
    reads: dict[str, str]
    sends: dict[str, tuple[str, bytes]]

    def post(self, route: str, **headers: str) -> requests.Response:
        path, body = self.sends[route]
        return requests.post(
            self.portal.settings.address + path,
            body,
            headers={**FORM, **headers},
            timeout=SECONDS,
            allow_redirects=False,
        )

    def get(self, path: str, **named: Any) -> requests.Response:
        return requests.get(self.portal.settings.address + path, timeout=SECONDS, **named)


@pytest.fixture
def ways(session: Session, clock: Any, tmp_path: Path) -> Iterator[Ways]:
    clock.moment = datetime.now(UTC)
    pieces = PartialDeliveries(tmp_path / "pieces", InboxLocation("memory://b"), timedelta(days=1))
    limits = Limits(per_minute=100_000, chunk_seconds=0.3, body_seconds=1.0)
    write_made_up_register(session.home, session.home.config.first_day, pulse=True)
    asked = asked_in_pulse(session.home, Clock().today())
    chosen = "".join(f"&item{number}=2" for number in range(6))
    answer = f"group=AAAABBBBCCCCDDDD&instrument={asked.digest()}{chosen}".encode()
    with made_portal(session, limits, pieces=pieces, pulse=asked) as portal:
        (_, answered), (_, invited) = portal.invitation(), portal.invitation()
        leaves = withdrawal_in(portal.answer(answered).text)
        page = requests.get(invited, timeout=SECONDS).text
        form = requests.Request("POST", invited, data=portal.form(page)).prepare().body
        key = signing_keys(session.home.secrets).invitations
        delivers = link_to_deliver(key, DeliveryLink("g-00000000", day(-1), day(9)))
        name = pieces.begin("g-00000000", datetime.now(UTC))
        invite = f"/i/{invited.rsplit('/', 1)[1]}"
        leave = f"/w/{leaves.rsplit('/', 1)[1]}"
        part = f"/d/{delivers}/pieces/{name}"
        yield Ways(
            portal,
            reads={
                "/i/{link}": invite,
                "/w/{link}": leave,
                "/d/": "/d/",
                "/d/worker.js": "/d/worker.js",
                "/d/manifest.webmanifest": "/d/manifest.webmanifest",
                "/d/{link}": f"/d/{delivers}",
                "/d/{link}/pieces/{name}": part,
                "/m": "/m",
                "/m/receipt": "/m/receipt",
                "/m/{code}": "/m/AAAABBBBCCCCDDDD",
                "/p": "/p",
                "/p/{code}": "/p/AAAABBBBCCCCDDDD",
            },
            sends={
                "/i/{link}": (invite, str(form).encode()),
                "/w/{link}": (leave, b"withdraw=now"),
                "/d/share": ("/d/share", b""),
                "/d/{link}/pieces": (f"/d/{delivers}/pieces", b""),
                "/d/{link}/pieces/{name}": (f"{part}?offset=0", SEALED),
                "/d/{link}/pieces/{name}/whole": (f"{part}/whole?sha256={'0' * 64}", b""),
                "/m": ("/m", b"asks=question&text=what"),
                "/p": ("/p", answer),
                "/m/receipt": ("/m/receipt", b"code=AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-A"),
            },
        )


def routes(method: str) -> set[str]:
    return {
        route.path for one in SECTIONS for route in one.routes if method in (route.methods or ())
    }


def rows(portal: MadePortal) -> list[int]:
    tables = (consent_events, member_requests, portal_consents, pulse_answers)
    return [len(portal.rows(one)) for one in tables]


def test_no_other_site_sends_anything(ways: Ways) -> None:
    assert set(ways.sends) == routes("POST")
    before = rows(ways.portal)
    for route in ways.sends:
        for headers in OF_OTHERS:
            assert ways.post(route, **headers).status_code == 403, (route, headers)
    assert rows(ways.portal) == before
    # The same is taken from our own pages, or this would show nothing.
    for route in ways.sends:
        own = ways.post(route, **{"Sec-Fetch-Site": "same-origin"})
        assert own.status_code in {200, 201, 303, 409}, route
    assert rows(ways.portal) == [one + 1 for one in before]


def test_every_page_has_its_headers_and_knows_no_session(ways: Ways) -> None:
    assert set(ways.reads) == routes("GET")
    for route, path in ways.reads.items():
        plain = ways.get(path)
        assert plain.status_code == 200, route
        for name, value in HEADERS.items():
            assert plain.headers[name] == value, (route, name)
        # A session that somebody else has chosen is none: it changes nothing and is not kept.
        fixed = ways.get(
            path, params={"session": "evil", "sid": "evil"}, cookies={"session": "evil"}
        )
        assert fixed.content == plain.content, route
        # Nor do a proxy's other words about where we are.
        elsewhere = dict.fromkeys(("X-Forwarded-Host", "Forwarded"), "evil.example")
        elsewhere |= {"X-Original-URL": "/w/x", "X-HTTP-Method-Override": "POST"}
        assert ways.get(path, headers=elsewhere).content == plain.content, route
        for answer in (plain, fixed):
            assert "set-cookie" not in answer.headers, route
            assert b"evil" not in answer.content, route


def raw(portal: MadePortal, content: bytes) -> bytes:
    host, port = portal.settings.host.split(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        connection.sendall(content)
        answer = b""
        while got := connection.recv(65536):
            answer += got
        return answer


def head(portal: MadePortal, line: str, *more: str) -> bytes:
    lines = [line, f"Host: {portal.settings.host}", *more, "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin1")


def test_no_header_is_made_of_what_was_asked_for(ways: Ways) -> None:
    portal, evil = ways.portal, "%0d%0aSet-Cookie:%20evil=1"
    asked = [
        f"GET /i/a{evil} HTTP/1.1",
        f"GET /m/a{evil} HTTP/1.1",
        f"GET /m?a{evil} HTTP/1.1",
        f"GET /static/a{evil} HTTP/1.1",
        f"GET /d{evil} HTTP/1.1",
        f"GET /d/x/pieces/a{evil} HTTP/1.1",
        f"GET //evil.example/{evil} HTTP/1.1",
        "GET http://evil.example/m HTTP/1.1",
    ]
    for line in asked:
        answer = raw(portal, head(portal, line))
        headers = answer.partition(b"\r\n\r\n")[0].lower()
        assert headers.startswith(b"http/1.1 "), line
        assert not headers.startswith(b"http/1.1 5"), line
        assert b"set-cookie" not in headers, line
        assert b"evil" not in headers, line
    # What leads elsewhere leads to one place, whatever stands behind it.
    for query in ("", f"?{evil}", "?lost=//evil.example"):
        answer = requests.post(
            f"{portal.settings.address}/d/share{query}", timeout=SECONDS, allow_redirects=False
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/d/?lost")
    for more in ("X: a\rSet-Cookie: b", "X: a\nSet-Cookie: b", "X : a", " X: a"):
        got = raw(portal, head(portal, "GET /m HTTP/1.1", more))
        assert b"set-cookie" not in got.lower()
    # Two lengths, by which a proxy and we could take different ends for the request's.
    smuggled = ("Content-Length: 5", "Transfer-Encoding: chunked")
    for two in (smuggled, ("Content-Length: 5", "Content-Length: 6")):
        answer = raw(portal, head(portal, "POST /m HTTP/1.1", *two) + b"0\r\n\r\nGET /x")
        assert answer.startswith(b"HTTP/1.1 4"), two
        assert answer.count(b"HTTP/1.1 ") == 1, two


def cut_off(url: str, body: bytes, headers: dict[str, str] | None = None) -> requests.Response:
    """What is answered to a body that is not read to its end.

    The connection ends with it, so that the answer is sometimes lost on the way.
    """
    for _ in range(50):
        with suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return requests.post(url, body, headers=headers, timeout=SECONDS)
    raise AssertionError("no answer ever came")


def test_what_is_too_much_or_too_slow_is_cut_off_everywhere(ways: Ways) -> None:
    portal = ways.portal
    most = {"/m": 65_536, "/m/receipt": 65_536}
    for route, (path, _) in ways.sends.items():
        if path.startswith("/d/"):
            continue
        big = b"a=" + b"x" * most.get(route, 16_384)
        over = cut_off(portal.settings.address + path, big, FORM)
        assert over.status_code == 413, route
        for name, value in HEADERS.items():
            assert over.headers[name] == value
    part = ways.sends["/d/{link}/pieces/{name}"][0]
    piece = SEALED + bytes(1 << 20)
    assert cut_off(portal.settings.address + part, piece).status_code == 413
    assert ways.get(part.partition("?")[0]).json() == {"received": 0}
    for path in (part, ways.sends["/m"][0], ways.sends["/w/{link}"][0]):
        slow = head(portal, f"POST {path} HTTP/1.1", *map(": ".join, FORM.items()))
        slow = slow.replace(b"\r\n\r\n", b"\r\nContent-Length: 50\r\n\r\n") + b"age"
        assert raw(portal, slow).startswith(b"HTTP/1.1 408"), path
    assert rows(portal)[:2] == [0, 0]
    # A line or a header of any length is refused before it is kept.
    for line, more in (
        (f"GET /m/{'x' * 100_000} HTTP/1.1", ()),
        (f"GET /m/{'x' * 2_000} HTTP/1.1", ()),
        (f"GET /m?{'x' * 2_000} HTTP/1.1", ()),
        ("GET /m HTTP/1.1", (f"X: {'x' * 100_000}",)),
    ):
        try:
            answer = raw(portal, head(portal, line, *more))
        except ConnectionError:
            continue
        assert answer.startswith(b"HTTP/1.1 4"), line[:10]


def test_whatever_the_settings_say_is_text(session: Session, clock: Any) -> None:
    clock.moment = datetime.now(UTC)
    with made_portal(session) as plain:
        home = PortalOfHome(session.home.portal)
        says = home.settings().model_dump() | {
            "contact": SCRIPT,
            "notice": SCRIPT,
            "notice_version": SCRIPT[:20],
            "regions": {"greater_london": SCRIPT},
        }
        link = plain.invitation()[1]
    with made_portal(session, given=type(home.settings()).model_validate(says)) as portal:
        _, link = portal.invitation()
        receipt = portal.answer(link)
        leaves = withdrawal_in(receipt.text)
        pages = [receipt.text]
        pages += [
            requests.get(one, timeout=SECONDS).text
            for one in (link, leaves, *(f"{portal.settings.address}{p}" for p in ("/m", "/i/x")))
        ]
        pages.append(requests.post(leaves, {"withdraw": "now"}, timeout=SECONDS).text)
    for page in pages:
        assert "<script>" not in page
        assert 'src="https' not in page
    assert sum("&lt;script&gt;alert(1)" in page for page in pages) >= len(pages) - 1
