"""What Microsoft Graph answers otherwise, and where a secret never goes."""

from typing import Any

import httpx
import pytest
from connected import AGENT, at, room
from graph_server import CHANNEL, CLIENT, TEAM, TENANT
from made_channel import CHAT, MARKER, SECRET, A, Channel, a_channel, application

from assets.core.errors import ConnectorError, SetupError
from orchestration.connect import asking
from orchestration.connect.asking import Asking
from orchestration.connect.contract import Span
from orchestration.connect.teams import graph as asked
from orchestration.connect.teams.graph import decoded


@pytest.mark.parametrize(
    ("fails", "code", "waits"),
    [
        ([(429, {"Retry-After": "9"})], None, [9]),
        ([(503, {"Retry-After": "4"}), (504, {})], None, [4, 2]),
        ([(429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"})], None, [0]),
        ([(429, {"Retry-After": "3600"})], "PLATFORM_THROTTLES", []),
        ([(429, {"Retry-After": "\u00b2"})], None, [1]),
        ([(429, {})] * 9, "PLATFORM_THROTTLES", [1, 2, 4, 8]),
        ([(500, {})] * 9, "PLATFORM_NOT_REACHABLE", [1, 2, 4, 8]),
        ([(401, {})], None, []),
        ([(401, {})] * 2, "CHAT_TOKEN_REFUSED", []),
        ([(403, {})], "CHAT_NOT_JOINED", []),
        ([(404, {})], "CHAT_NOT_JOINED", []),
        ([(302, {"Location": "http://127.0.0.1:1/"})], "PLATFORM_ANSWER_UNKNOWN", []),
        ([(410, {})], "PLATFORM_ANSWER_UNKNOWN", []),
    ],
)
def test_an_answer_that_is_none(channel: Channel, monkeypatch, fails, code, waits) -> None:
    channel.post(at(9, 12))
    channel.graph.fails = list(fails)
    assert channel.take().groups[A].refused == code
    assert channel.waits == waits
    assert len(channel.own.held(A)) == (code is None)
    channel.graph.fails = []
    if code == "PLATFORM_THROTTLES" and not waits:
        # It is left alone for the hour that it named, whatever turns come in between.
        asked_so_far = len(channel.graph.asked)
        assert channel.take(minutes=11).groups[A].refused == code
        assert len(channel.graph.asked) == asked_so_far
        an_hour_on = asking.time.monotonic() + 3601
        monkeypatch.setattr(asking.time, "monotonic", lambda: an_hour_on)
    channel.take(minutes=11)
    assert channel.texts() == ["so tired"]


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:1/v1.0/teams/{TEAM}/channels/{CHANNEL}/messages/delta?$skiptoken=1",
        "{url}.example.org/v1.0/teams/{TEAM}/channels/{CHANNEL}/messages/delta?$skiptoken=1",
        "http://x@{host}/v1.0/teams/{TEAM}/channels/{CHANNEL}/messages/delta?$skiptoken=1",
        "https://{host}/v1.0/teams/{TEAM}/channels/{CHANNEL}/messages/delta?$skiptoken=1",
        "{url}/v1.0/users/messages/delta?$skiptoken=1",
        "{url}/v1.0/teams/{TEAM}/channels/{CHANNEL}/messages/delta/../../../x",
        "/v1.0/teams/{TEAM}/channels/{CHANNEL}/messages/delta?$skiptoken=1",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_a_next_page_elsewhere_is_not_asked_for(channel: Channel, monkeypatch, link: str) -> None:
    sent: list[str] = []
    send = httpx.AsyncClient.send

    async def seen(self, request: httpx.Request, **more: Any) -> httpx.Response:
        sent.append(str(request.url))
        return await send(self, request, **more)

    monkeypatch.setattr(httpx.AsyncClient, "send", seen)
    url = channel.graph.url
    for number in range(60):
        channel.post(at(9, 12), f"w{number}")
    host = url.removeprefix("http://")
    channel.graph.next_link = link.format(url=url, host=host, TEAM=TEAM, CHANNEL=CHANNEL)
    told = channel.take()
    assert told.groups[A].refused == "PLATFORM_ANSWER_UNKNOWN"
    # For its token, and for the first page.
    assert len(sent) == 2
    assert channel.own.held(A) == []


def test_pages_that_lead_in_a_circle_end(channel: Channel, monkeypatch) -> None:
    for number in range(60):
        channel.post(at(9, 12), f"w{number}")
    monkeypatch.setattr(channel.graph, "_link", lambda path, _: f"{channel.graph.url}{path}?a=1")
    assert channel.take().groups[A].refused == "PLATFORM_ANSWER_UNKNOWN"
    assert len(channel.graph.asked) == 2


def test_a_withdrawal_between_two_pages(channel: Channel) -> None:
    channel.graph.page = 2
    for number in range(9):
        channel.post(at(9, 12), f"w{number}")
    answer = channel.graph.answer

    def withdrawn(*given: Any) -> Any:
        channel.own.rooms = []
        channel.own.list_rooms()
        return answer(*given)

    channel.graph.answer = withdrawn  # type: ignore[method-assign]
    assert channel.take().groups[A].refused == "CONNECTOR_ROOM_STOPPED"
    assert (len(channel.graph.asked), channel.own.held(A)) == (1, [])


@pytest.mark.parametrize("after", ["at first", "once it was taken back"])
def test_a_withdrawal_while_a_token_is_had(channel: Channel, after: str) -> None:
    channel.post(at(9, 12))
    token = channel.graph.token
    if after != "at first":
        channel.graph.fails = [(401, {})]

    def withdrawn(form: dict[str, str]) -> Any:
        if after == "at first" or channel.graph.tokens:
            channel.own.rooms = []
            channel.own.list_rooms()
        return token(form)

    channel.graph.token = withdrawn  # type: ignore[method-assign]
    assert channel.take().groups[A].refused == "CONNECTOR_ROOM_STOPPED"
    assert len(channel.graph.asked) == (after != "at first")
    assert channel.own.held(A) == []


def test_no_repr_shows_a_token_or_the_secret(channel: Channel) -> None:
    channel.post(at(9, 12))
    channel.take()
    own, given = channel.puller.graph, f"{SECRET}.bearer.1"
    token = decoded(f'{{"access_token": "{given}", "expires_in": 9}}'.encode(), asked._Token)
    assert (own._token, token.access_token) == (given, given)
    for one in (channel.puller, channel.turns, own, application(), token):
        assert SECRET not in repr(one)


def test_what_is_no_channel_is_not_asked_for(channel: Channel) -> None:
    for chat in ("19:x@thread.tacv2", f"{TEAM}/19:x@thread.tacv2/../x", f"{TEAM}/19:a b", "../x"):
        channel.own.rooms = [room(A, chat, at(0, 12))]
        assert channel.take(minutes=11).groups[A].refused == "CHAT_NOT_JOINED"
    assert channel.graph.asked == []


@pytest.mark.parametrize(
    "chain",
    [
        {"id": MARKER},
        {"id": "1", "createdDateTime": MARKER, "replies": []},
        {"id": "1", "createdDateTime": "2026-11-12T09:00:00", "replies": []},
        {"id": "1", "createdDateTime": "2026-11-12T09:00:00Z", "deletedDateTime": "2026-11-12"},
        {"id": "1", "createdDateTime": "2026-11-12T09:00:00Z", "body": MARKER, "replies": []},
    ],
)
def test_an_answer_in_no_known_form(channel: Channel, monkeypatch, chain) -> None:
    monkeypatch.setattr(channel.graph, "_delta", lambda *_: {"value": [chain]})
    told = channel.take()
    assert told.groups[A].refused == "PLATFORM_ANSWER_UNKNOWN"
    assert MARKER not in channel.own.kept_in_clear()


def test_no_word_no_token_and_no_secret_is_kept_or_told(tmp_path, caplog, capfd) -> None:
    caplog.set_level(0)
    told = []
    with a_channel(tmp_path / "1") as made:
        made.own.rooms = [room(A, CHAT, at(0, 12))]
        made.post(at(9, 12), MARKER, subject=MARKER)
        made.graph.fails = [(500, {}), (400, {})]
        told += [made.take(), made.take(minutes=11)]
        assert MARKER in "".join(one.decode() for one in made.own.sealed(A))
    with a_channel(tmp_path / "2", f"{SECRET}-wrong") as made:
        made.own.rooms = [room(A, CHAT, at(0, 12))]
        told.append(made.take())
        assert told[-1].groups[A].refused == "CHAT_TOKEN_REFUSED"
        assert made.graph.asked == []
        kept = made.own.kept_in_clear()
    out = "".join((*capfd.readouterr(), caplog.text, repr(told), kept, repr(application())))
    assert MARKER not in out
    assert SECRET not in out


def test_an_error_keeps_nothing_of_the_library_s(channel: Channel) -> None:
    channel.post(at(9, 12), MARKER, lastEditedDateTime=MARKER)
    day = Span(at(0, 12), at(0, 13))

    async def pulled() -> None:
        await channel.puller.pull(channel.own.rooms[0], day, lambda: None)

    with pytest.raises(ConnectorError) as caught:
        channel._runner.run(pulled())
    assert caught.value.code == "PLATFORM_ANSWER_UNKNOWN"
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)


@pytest.mark.parametrize(
    ("server", "tenant", "code"),
    [
        ("https://graph.example.org", TENANT, "CONNECTOR_SETTINGS_INVALID"),
        ("http://graph.microsoft.com", TENANT, "CONNECTOR_SETTINGS_INVALID"),
        ("https://graph.microsoft.com", "x@example.org/y", "CONNECTOR_TOKEN_MISSING"),
    ],
)
def test_the_secret_goes_to_no_host_but_microsoft_s(server: str, tenant: str, code: str) -> None:
    with pytest.raises(SetupError) as caught:
        asked.Graph(server, asked.Application(tenant, CLIENT, SECRET), AGENT, Asking(60))
    assert caught.value.code == code


def test_a_token_is_had_anew_before_it_runs_out(channel: Channel, monkeypatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(asked.time, "monotonic", lambda: clock[0])
    channel.take()
    clock[0] += 3599 - 301
    channel.take(days=1)
    assert channel.graph.tokens == 1
    clock[0] += 2
    channel.take(days=1)
    assert channel.graph.tokens == 2
