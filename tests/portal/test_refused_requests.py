"""What OWASP's lists name, each tried on a served portal and refused."""

import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from made_portal import SECONDS, MadePortal, made_portal, withdrawal_in

from orchestration.cli.session import Session
from orchestration.portal import ended_invitations
from orchestration.portal.limits import Asked, Clients, Limits
from orchestration.portal.words import texts
from resources.base.database.tables import consent_events, portal_consents
from resources.maintenance.database_setup import as_owner

pytestmark = pytest.mark.slow

Tried = Callable[[MadePortal, str], requests.Response]
SCRIPT = "<script>alert(1)</script>"


def post(
    portal: MadePortal,
    link: str,
    headers: dict[str, str] | None = None,
    to: str | None = None,
    **changes: Any,
) -> requests.Response:
    page = requests.get(link, timeout=SECONDS).text
    return requests.post(to or link, portal.form(page, **changes), headers=headers, timeout=SECONDS)


def raw(portal: MadePortal, content: bytes, pauses: float = 0.0) -> bytes:
    """Send bytes as they are, a part at a time. Returns all that came back."""
    host, port = portal.settings.host.split(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        for part in content.split(b"|"):
            try:
                connection.sendall(part)
            except OSError:
                break
            time.sleep(pauses)
        answer = b""
        while True:
            try:
                got = connection.recv(65536)
            except OSError:
                break
            if not got:
                break
            answer += got
            if b"\r\n\r\n" in answer and pauses:
                break
        return answer


CASES: dict[str, tuple[Tried, int]] = {
    "csrf: a form on another site": (
        lambda portal, link: post(portal, link, {"Sec-Fetch-Site": "cross-site"}),
        403,
    ),
    "csrf: a form on a sister site": (
        lambda portal, link: post(portal, link, {"Sec-Fetch-Site": "same-site"}),
        403,
    ),
    "csrf: another origin": (
        lambda portal, link: post(portal, link, {"Origin": "https://evil.example"}),
        403,
    ),
    "csrf: no link": (
        lambda portal, link: requests.post(f"{portal.settings.address}/i/", {}, timeout=SECONDS),
        403,
    ),
    "csrf: what a page of another site may send without asking": (
        lambda portal, link: requests.post(
            link, "a=b", headers={"Content-Type": "text/plain"}, timeout=SECONDS
        ),
        403,
    ),
    "a guessed link": (lambda portal, link: requests.get(link[:-1], timeout=SECONDS), 403),
    "a link cut to its signed part": (
        lambda portal, link: requests.get(link.rsplit(".", 2)[0], timeout=SECONDS),
        403,
    ),
    "an invitation as a withdrawal": (
        lambda portal, link: requests.post(
            link.replace("/i/", "/w/"), {"withdraw": "now"}, timeout=SECONDS
        ),
        403,
    ),
    "a withdrawal link as an invitation": (
        lambda portal, link: requests.get(
            f"{portal.settings.address}/i/{link.split('.', 2)[2]}", timeout=SECONDS
        ),
        403,
    ),
    "an invitation as a delivery": (
        lambda portal, link: requests.get(link.replace("/i/", "/d/"), timeout=SECONDS),
        403,
    ),
    "a link of yesterday": (
        lambda portal, link: post(
            portal, link, to=portal.invitation(expires=datetime.now(UTC) - timedelta(days=1))[1]
        ),
        410,
    ),
    "a link of another region": (
        lambda portal, link: requests.get(portal.invitation(region="nowhere")[1], timeout=SECONDS),
        403,
    ),
    "oversize: a form": (lambda portal, link: post(portal, link, more="x" * 20_000), 413),
    "oversize: a receipt code": (
        lambda portal, link: requests.post(
            f"{portal.settings.address}/m/receipt", {"code": "A" * 20_000}, timeout=SECONDS
        ),
        413,
    ),
    "oversize: many fields": (
        lambda portal, link: requests.post(
            link, {f"f{one}": "1" for one in range(100)}, timeout=SECONDS
        ),
        403,
    ),
    "another host": (
        lambda portal, link: requests.get(link, headers={"Host": "evil.example"}, timeout=SECONDS),
        400,
    ),
    "a path out of the static files": (
        lambda portal, link: requests.get(
            f"{portal.settings.address}/static/..%2f..%2f..%2fpyproject.toml", timeout=SECONDS
        ),
        403,
    ),
    "another method": (lambda portal, link: requests.put(link, timeout=SECONDS), 403),
    "reflected script: in a path": (
        lambda portal, link: requests.get(f"{portal.settings.address}/i/{SCRIPT}", timeout=SECONDS),
        403,
    ),
    "reflected script: in a question": (
        lambda portal, link: post(portal, link, sector=SCRIPT, informed_on=SCRIPT),
        400,
    ),
    "header injection: in a path": (
        lambda portal, link: requests.get(
            f"{portal.settings.address}/i/a%0d%0aSet-Cookie:%20a=b", timeout=SECONDS
        ),
        403,
    ),
}


def test_each_is_refused_and_leaves_nothing(portal: MadePortal) -> None:
    _, link = portal.invitation()
    wrong = {}
    for name, (attempt, status) in CASES.items():
        answer = attempt(portal, link)
        if (
            answer.status_code != status
            or "alert(" in answer.text
            or "set-cookie" in answer.headers
        ):
            wrong[name] = answer.status_code
    assert wrong == {}
    assert portal.rows(portal_consents) == []
    assert portal.rows(consent_events) == []
    # And who holds the link is none the worse for it.
    assert portal.answer(link).status_code == 200


def test_a_link_is_answered_once(portal: MadePortal) -> None:
    _, link = portal.invitation()
    assert portal.answer(link).status_code == 200
    other = portal.form(requests.get(portal.invitation()[1], timeout=SECONDS).text)
    again = requests.post(link, other | {"sector": "home_care"}, timeout=SECONDS)
    assert again.status_code == 410
    assert withdrawal_in(again.text)
    [row] = portal.rows(portal_consents)
    assert row.sector == "care_home"
    _, raced = portal.invitation()
    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(lambda _: requests.post(raced, other, timeout=SECONDS), range(8))
        answers = [one.status_code for one in sent]
    assert sorted(answers) == [200] + [410] * 7


def test_an_invitation_that_has_ended_leads_to_withdrawing(
    portal: MadePortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, answered = portal.invitation()
    kept = withdrawal_in(portal.answer(answered, sector="home_care").text)
    opened = requests.get(answered, timeout=SECONDS)
    told = texts()["answered"]
    assert (opened.status_code, withdrawal_in(opened.text)) == (410, kept)
    assert told["title"] in opened.text
    # No form, and nothing of the answer, for whoever has the link.
    for nothing in ("<form", "Home care", made.group_ref, made.invitation[:12]):
        assert nothing not in opened.text
    yesterday = datetime.now(UTC) - timedelta(days=1)
    late, run_out = portal.invitation(expires=yesterday)
    opened = requests.get(run_out, timeout=SECONDS)
    assert opened.status_code == 410
    assert "<form" not in opened.text
    # Not that nothing was sent: a database that came back from a backup may have lost the answer.
    for name in ("title", "holds", "new"):
        assert texts()["expired"][name] in opened.text
    assert "No answer" not in opened.text
    leads_to = withdrawal_in(opened.text)
    assert requests.post(leads_to, {"withdraw": "now"}, timeout=SECONDS).status_code == 200
    assert [row.group_ref for row in portal.rows(consent_events)] == [late.group_ref]
    for page in (opened.text, requests.get(answered, timeout=SECONDS).text):
        assert portal.settings.contact in page.split("<footer>")[0]
    # Where the records don't answer, no page waits for them.
    monkeypatch.setattr(ended_invitations, "LONGEST_LOOK", 0.1)
    with as_owner(portal.session.url) as connection:
        locking = "LOCK TABLE restricted.portal_consents IN ACCESS EXCLUSIVE MODE"
        connection.execute(sa.text(locking))
        assert requests.get(answered, timeout=SECONDS).status_code == 200
    monkeypatch.undo()
    # Where they can't be asked, the questions are shown, and what has run out has.
    with as_owner(portal.session.url) as connection:
        right = "EXECUTE ON FUNCTION restricted.is_answered(varchar)"
        connection.execute(sa.text(f"REVOKE {right} FROM tideline_portal"))
    assert requests.get(answered, timeout=SECONDS).status_code == 200
    opened = requests.get(run_out, timeout=SECONDS)
    assert opened.status_code == 410
    assert texts()["expired"]["holds"] in opened.text
    with as_owner(portal.session.url) as connection:
        connection.execute(sa.text(f"GRANT {right} TO tideline_portal"))


def test_no_two_refusals_can_be_told_apart(portal: MadePortal) -> None:
    _, link = portal.invitation()
    portal.answer(link)
    late = portal.invitation(expires=datetime.now(UTC) - timedelta(days=1))[1]
    unanswered = portal.invitation()[1]
    # Whoever holds no signed link learns nothing of one that was answered or has run out.
    answers = [
        *(
            requests.get(one, timeout=SECONDS)
            for signed in (link, late, unanswered)
            for one in (signed[:-2], signed + "x", signed.rsplit(".", 2)[0])
        ),
        requests.post(link[:-2], {"attested": "yes"}, timeout=SECONDS),
        requests.get(f"{portal.settings.address}/i/x", timeout=SECONDS),
        requests.get(f"{portal.settings.address}/nothing", timeout=SECONDS),
    ]
    assert len({(one.status_code, one.text) for one in answers}) == 1


def test_every_answer_has_its_headers_and_no_cookie(portal: MadePortal) -> None:
    paths = ("/i/x", "/alive", "/static/portal.css", "/nothing")
    for link in (portal.invitation()[1], *(portal.settings.address + path for path in paths)):
        has_its_headers(portal, requests.get(link, timeout=SECONDS))


def has_its_headers(portal: MadePortal, answer: requests.Response) -> None:
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    # Clickjacking.
    assert "frame-ancestors 'none'" in policy
    assert {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }.items() <= {name.lower(): value for name, value in answer.headers.items()}.items()
    assert not {"set-cookie", "server", "x-powered-by"} & {name.lower() for name in answer.headers}
    # Nothing of another site is asked for, and nothing stands in the page that a policy forbids.
    for found in re.findall(r'(?:src|href|action)="([^"]+)"', answer.text):
        assert found.startswith(("/", portal.settings.address))
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_what_a_notice_says_is_text(session: Session, clock: Any) -> None:
    clock.moment = datetime.now(UTC)
    with made_portal(session, notice=f'{SCRIPT}<img src="https://evil.example/a">') as portal:
        _, link = portal.invitation()
        page = requests.get(link, timeout=SECONDS).text
        assert SCRIPT not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


def test_slow_and_endless_bodies_are_cut_off(session: Session, clock: Any) -> None:
    clock.moment = datetime.now(UTC)
    limits = Limits(per_minute=100_000, chunk_seconds=0.3, body_seconds=1.0)
    with made_portal(session, limits) as portal:
        _, link = portal.invitation()
        path = link.removeprefix(portal.settings.address)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {portal.settings.host}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
        )
        length = f"{head}Content-Length: 100\r\n\r\n".encode()
        chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
        began = time.monotonic()
        # Nothing comes; a sign now and then for ever; and more than it may be, of no told length.
        assert raw(portal, length).startswith(b"HTTP/1.1 408")
        assert raw(portal, length + b"|a" * 8, pauses=0.2).startswith(b"HTTP/1.1 408")
        endless = chunked + (b"|4000\r\n" + b"a" * 0x4000 + b"\r\n") * 4
        assert raw(portal, endless).startswith(b"HTTP/1.1 413")
        assert time.monotonic() - began < 10
        told = f"{head}Content-Length: {'9' * 5000}\r\n\r\n".encode()
        assert raw(portal, told)[:12] in {b"HTTP/1.1 413", b"HTTP/1.1 400"}
        # Refused with a body that never comes: the connection is not kept for it.
        unread = f"POST /d/x/pieces HTTP/1.1\r\nHost: {portal.settings.host}\r\n"
        refused = raw(portal, f"{unread}Content-Length: 1000000\r\n\r\n".encode())
        assert refused.startswith(b"HTTP/1.1 4")
        assert b"connection: close" in refused.lower()
        injected = f"GET {path} HTTP/1.1\r\nHost: {portal.settings.host}\r\nHost: evil\r\n\r\n"
        assert raw(portal, injected.encode()).startswith(b"HTTP/1.1 400")
        assert portal.answer(link).status_code == 200


def test_a_client_who_asks_too_often_waits(session: Session, clock: Any) -> None:
    clock.moment = datetime.now(UTC)
    with made_portal(session, Limits(per_minute=5)) as portal:
        address = portal.settings.address
        answers = [requests.get(f"{address}/alive", timeout=SECONDS) for _ in range(7)]
        # Whose workplace has sent too much is told what else they can do, and whom to ask.
        members = [requests.post(f"{address}/m", timeout=SECONDS) for _ in range(11)]
        contact = portal.settings.contact
    assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
    assert [one.status_code for one in members] == [403] * 10 + [429]
    for one, who in ((answers[-1], "pages"), (members[-1], "members")):
        assert one.headers["content-type"].startswith("text/html")
        assert one.encoding == "utf-8"
        assert texts()["often"][who] in one.text
        assert contact in one.text


def test_who_asked_is_forgotten_within_an_hour() -> None:
    now = 0.0
    clients = Clients(Limits(per_minute=2), seconds=lambda: now)
    assert [clients.may_ask("198.51.100.7") for _ in range(3)] == [True, True, False]
    assert clients.may_ask("198.51.100.8")
    before = set(clients._counts._counts.storage)
    assert not any("198.51" in key for key in before)
    now = 3601.0
    assert clients.may_ask("198.51.100.7")
    assert not before & set(clients._counts._counts.storage)


def test_a_database_that_is_away_is_told_and_nothing_else(portal: MadePortal) -> None:
    _, link = portal.invitation()
    withdrawal = withdrawal_in(portal.answer(link).text)
    with as_owner(portal.session.url) as connection:
        connection.execute(
            sa.text("REVOKE INSERT ON restricted.consent_events FROM tideline_portal")
        )
    answer = requests.post(withdrawal, {"withdraw": "now"}, timeout=SECONDS)
    assert answer.status_code == 503
    assert "Nothing was recorded" in answer.text
    with as_owner(portal.session.url) as connection:
        connection.execute(sa.text("GRANT INSERT ON restricted.consent_events TO tideline_portal"))
    assert requests.post(withdrawal, {"withdraw": "now"}, timeout=SECONDS).status_code == 200


def test_who_leaves_is_not_held_up_by_who_else_asks() -> None:
    clients = Clients(Limits(per_minute=2, requests_per_hour=1))
    assert [clients.may_ask("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert clients.may_ask("192.0.2.1", Asked.TO_LEAVE)
    assert clients.may_ask("192.0.2.1", Asked.AS_MEMBER)
    clients.count_kept("192.0.2.1", Asked.AS_MEMBER)
    assert not clients.may_ask("192.0.2.1", Asked.AS_MEMBER)
    assert clients.may_ask("192.0.2.1", Asked.IN_PULSE)
    assert clients.may_ask("192.0.2.1", Asked.TO_LEAVE)
