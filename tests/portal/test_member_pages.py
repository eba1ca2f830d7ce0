"""Pages for members: they take what is asked without script, and no address tells what."""

import base64
import re
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyrage
import pytest
import requests
import sqlalchemy as sa
import uvicorn
from markupsafe import escape

from assets.core.modes import Mode
from assets.restricted.consent.sentences import OBJECTION_SENTENCE
from orchestration.portal import members
from orchestration.portal.app import make_app
from orchestration.portal.limits import Limits
from orchestration.portal.state import Portal
from orchestration.portal.words import texts
from resources.base.database.roles import Role
from resources.base.database.tables import member_requests
from resources.base.database.tables.requests import SEALED_BYTES
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.members.marks import Marker
from resources.stores.portal.drop_box import DropBox
from resources.stores.portal.settings import PortalSettings
from resources.stores.requests.matching import group_code
from resources.stores.requests.member_request import GROUP_CODE_LETTERS, Asks, MemberRequest
from resources.stores.requests.receipts import Answer, Stands, digest_of, new_code, plain_code
from resources.stores.requests.request_book import RequestBook
from resources.stores.requests.sealing import seal

pytestmark = pytest.mark.slow

UNKNOWN = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-A"
"""A well-formed receipt code that nobody was given."""
SLIP = "B" + UNKNOWN[1:]

GROUP = group_code(Marker(b"k" * 32, "g-00000001"))
CODE = re.compile(r'<strong class="code"[^>]*>([A-Z2-7-]+)</strong>')


@pytest.fixture
def book(session) -> RequestBook:
    return session.resources["request_book"]


@dataclass(frozen=True)
class Pages:
    """The served pages, by a login of their own."""

    address: str

    def get(self, path: str) -> requests.Response:
        return requests.get(self.address + path, timeout=20, allow_redirects=False)

    def post(self, path: str, **given: Any) -> requests.Response:
        return requests.post(self.address + path, timeout=20, allow_redirects=False, **given)


@pytest.fixture
def pages(session) -> Iterator[Pages]:
    config = session.home.config
    name = f"portal_{secrets.token_hex(6)}"
    with as_owner(session.url) as connection:
        connection.execute(sa.text(f"CREATE ROLE {name} LOGIN IN ROLE {Role.PORTAL.value}"))
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = PortalSettings(
        mode=Mode.SYNTHETIC,
        address=address,
        regions=config.regions,
        inbox_recipient=config.inbox_recipient,
        invitation_keys=("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",),
        withdrawal_keys=("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",),
        member_bases=(MemberBasis.OPT_IN,),
        cooling_off_days=7,
        close_after_days=3,
        notice_version="v1",
        notice="what members were told",
        contact="team@example.org",
    )
    drop_box = DropBox(session.url.set(username=name), Mode.SYNTHETIC)
    drop_box.require_reads_nothing()
    app = make_app(
        Portal(settings, drop_box, session.clock),
        sections=(members.SECTION,),
        limits=Limits(per_minute=500, requests_per_hour=500),
    )
    config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Pages(address)
    server.should_exit = True
    thread.join()
    listening.close()
    drop_box.dispose()
    with as_owner(session.url) as connection:
        connection.execute(sa.text(f"DROP ROLE {name}"))


def send(pages: Pages, asks: str, **said: str):
    return pages.post("/m", data={"asks": asks, **said})


SAID = {
    Asks.OBJECT: {"group": GROUP.lower(), "name": "Zoë <b>Quastorp</b>", "number": "07700 900123"},
    Asks.OPT_IN: {"group": GROUP, "name": "Ama"},
    Asks.TAKE_BACK: {"group": GROUP, "earlier": UNKNOWN},
    Asks.COMPLAIN: {"text": "one & two\r\nthree", "contact": "me@example.org"},
    Asks.QUESTION: {"text": "?"},
}


@pytest.mark.parametrize("asks", Asks)
def test_what_is_sent_arrives_sealed_and_a_code_is_shown_once(pages, book, asks) -> None:
    answer = send(pages, asks.value, **SAID[asks])
    assert answer.status_code == 200
    (code,) = CODE.findall(answer.text)
    (one,) = book.opened()
    request = one.request
    assert (request.asks, request.receipt) == (asks, code)
    assert {name: getattr(request, name) for name in SAID[asks]} == SAID[asks]
    # Nothing of it comes back, and the address is the same for all.
    assert "Quastorp" not in answer.text
    assert answer.url == f"{pages.address}/m"
    if asks is Asks.COMPLAIN:
        assert "acknowledged" in answer.text
        assert "14 November 2026" in answer.text


@pytest.mark.parametrize(
    ("asks", "said", "fault"),
    [
        ("object", {"group": GROUP}, "wrong_name"),
        ("object", {"group": GROUP, "number": "12"}, "wrong_name"),
        ("object", {"group": "AB", "name": "Ama"}, "wrong_group"),
        ("take_back", {"group": GROUP}, "wrong_name"),
        ("take_back", {"group": GROUP, "earlier": UNKNOWN[:-2]}, "wrong_earlier"),
        ("take_back", {"group": GROUP, "earlier": "AAAA-AAAA"}, "wrong_earlier"),
        ("take_back", {"group": GROUP, "earlier": "don't have it"}, "wrong_earlier"),
        # A name beside it does not make an objection of a slip.
        (
            "take_back",
            {"group": GROUP, "name": "Ama", "earlier": SLIP},
            "wrong_earlier",
        ),
        ("complain", {"text": " "}, "wrong_text"),
        ("complain", {"text": "x" * 1501}, "wrong_text"),
        ("complain", {"text": "\x01" * 1500}, "wrong_text"),
        ("question", {"text": "x", "contact": "x" * 121}, "wrong_long"),
        ("object", {"group": GROUP, "name": "Ama", "number": "1" * 121}, "wrong_long"),
    ],
)
def test_what_lacks_something_is_asked_for_again(pages, book, asks, said, fault) -> None:
    answer = send(pages, asks, **said)
    assert answer.status_code == 400
    assert texts()["members"][fault] in answer.text.replace("&#39;", "'")
    assert list(book.opened()) == []


def test_what_was_typed_comes_back_as_text_only(pages) -> None:
    script = '"><script>alert(1)</script>'
    answer = send(pages, "complain", text=script + "</textarea>" + script, contact="x" * 121)
    assert answer.status_code == 400
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_without_script_all_answers_are_of_one_length(pages) -> None:
    """What is sent is as long as what was typed; how long an answer was tells nothing."""
    sent = [send(pages, asks.value, **SAID[asks]) for asks in Asks]
    codes = [CODE.findall(one.text)[0] for one in sent]
    looked = [pages.post("/m/receipt", data={"code": one}) for one in (codes[0], "none", "")]
    assert {len(one.content) for one in (*sent, *looked)} == {members.ANSWER_BYTES}


def sealed_in_browser(**changes: Any) -> dict[str, str]:
    """As the page's script makes it."""
    code = new_code()
    request = MemberRequest(Asks.OBJECT, code, group=GROUP, name="Ama")
    frame = seal(request, str(pyrage.x25519.Identity.generate().to_public()))
    written = base64.urlsafe_b64encode(frame).decode().rstrip("=")
    return {"receipt": digest_of(code), "sealed": written} | changes


def test_what_was_sealed_in_the_browser_is_taken_unopened(pages, session) -> None:
    given = sealed_in_browser()
    answer = pages.post("/m", data=given)
    assert answer.status_code == 200
    assert answer.json() == {"today": "15 October 2026", "due": "14 November 2026"}
    with session.database.transaction() as connection:
        (row,) = connection.execute(sa.select(member_requests)).all()
    assert row.receipt == given["receipt"]
    assert len(row.sealed) == SEALED_BYTES


def test_what_has_not_the_form_of_a_sealed_request_is_refused(pages, session) -> None:
    whole = sealed_in_browser()["sealed"]
    for changes in (
        {"receipt": ""},
        {"receipt": "x" * 64},
        {"sealed": ""},
        {"sealed": "A" * len(whole)},
        {"sealed": whole[:-4]},
        {"sealed": [whole] * 2},
        {"asks": "object"},
        {"name": "Ama", "group": GROUP},
    ):
        assert pages.post("/m", data=sealed_in_browser(**changes)).status_code == 403, changes
    with session.database.transaction() as connection:
        assert connection.execute(sa.select(member_requests.c.seq)).all() == []


@pytest.mark.parametrize(
    "form", [{}, {"asks": "else"}, {"asks": ["object", "opt_in"], "name": "Ama", "group": GROUP}]
)
def test_what_the_page_does_not_offer_is_refused(pages, book, form) -> None:
    assert pages.post("/m", data=form).status_code == 403
    assert pages.post("/m", json={"asks": "object"}).status_code == 403
    assert list(book.opened()) == []


def test_a_form_of_another_site_is_refused(pages, book) -> None:
    for headers in ({"origin": "https://else.example"}, {"sec-fetch-site": "cross-site"}):
        form = {"asks": "question", "text": "x"}
        assert pages.post("/m", data=form, headers=headers).status_code == 403
    assert pages.post("/m", data=b"x" * (members.MOST_BYTES + 1)).status_code == 413
    assert list(book.opened()) == []


def test_the_notice_s_link_fills_in_the_group_and_any_code_looks_alike(pages) -> None:
    own, unknown = plain_code(GROUP), "A" * GROUP_CODE_LETTERS
    shown = [pages.get(f"/m/{one}") for one in (own, unknown)]
    assert [one.status_code for one in shown] == [200, 200]
    assert shown[0].text.replace(own, unknown) == shown[1].text
    assert shown[0].text.count(f'name="group" value="{own}"') == 3
    assert 'name="group" type="text"' in pages.get("/m").text
    # One script of the portal's own; nothing else is fetched.
    assert re.findall(r"<script[^>]*>", shown[0].text) == [
        '<script type="module" src="/static/members/page.js">'
    ]
    assert OBJECTION_SENTENCE in shown[0].text
    for signpost in ("116 123", "999", "111", "ico.org.uk", "team@example.org"):
        assert signpost in shown[0].text


def test_a_receipt_tells_how_it_stands_and_not_whether_it_is_one(pages, book) -> None:
    (code,) = CODE.findall(send(pages, "question", text="what is kept?").text)
    unknown = UNKNOWN

    def told(one: str):
        return pages.post("/m/receipt", data={"code": one})

    assert told(code).content == told(unknown).content
    # A slip is told before anything is looked up, the same for each.
    slips = {one: told(one) for one in ('"<b>', code[:-1], unknown[1:], SLIP)}
    assert {one.status_code for one in slips.values()} == {400}
    texts_of_slips = {
        page.text.rstrip().replace(f'value="{escape(typed)}"', 'value=""')
        for typed, page in slips.items()
    }
    assert len(texts_of_slips) == 1
    assert texts()["members"]["wrong_code"] in texts_of_slips.pop()
    assert told(code).status_code == 200
    (one,) = book.opened()
    for stands in Stands:
        text = "digests <i>alone</i>" if stands is Stands.ANSWERED else ""
        book.answer(one, Answer(stands, date(2026, 10, 16), text))
        page = told(code.lower().replace("-", ""))
        title = texts()["members"]["state"]["stands"][stands.value]["title"]
        assert f"<h1>{title}</h1>" in page.text
        assert "16 October 2026" in page.text
        assert ("digests &lt;i&gt;alone" in page.text) is (stands is Stands.ANSWERED)
    assert "Nothing new yet" in told(unknown).text
    assert pages.post("/m/receipt", data={}).status_code == 403
    assert pages.get("/m/receipt").status_code == 200
