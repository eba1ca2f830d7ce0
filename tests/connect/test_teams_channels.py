"""Channels of Teams, by a server of our own that answers as Microsoft Graph is documented to."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from connected import AGENT, Connected, at, room
from graph_server import CHANNEL, CLIENT, TEAM, TENANT, Graph, served

from assets.core.errors import ConnectorError, SetupError
from orchestration.connect.asking import Asking
from orchestration.connect.contract import Span
from orchestration.connect.running import turns_of
from orchestration.connect.teams import graph as asked
from orchestration.connect.teams.puller import TeamsPuller
from resources.stores.connect.health import Health

A = "g-0000000a"
SECRET = "marker-secret-q9f"
MARKER = "zyxwvutmarker"
CHAT = f"{TEAM}/{CHANNEL}"


def application(secret: str = SECRET) -> asked.Application:
    return asked.Application(TENANT, CLIENT, secret)


class Channel:
    """A channel, its connector and the people who write."""

    def __init__(self, root, graph: Graph, runner: asyncio.Runner, secret: str = SECRET) -> None:
        self.graph, self._runner = graph, runner
        self.own = Connected(root, "teams", graph.url, at(1, 13))
        self.own.rooms = [room(A, CHAT)]
        self.own.list_rooms()
        self.waits: list[float] = []
        self.numbers = 0

        async def made() -> TeamsPuller:
            asking = Asking(600, sleep=self._waited)
            return TeamsPuller(asked.Graph(graph.url, application(secret), AGENT, asking))

        self.puller = runner.run(made())
        self.turns = turns_of(self.own.settings, self.own.folder, self.puller, self.own.clock)

    async def _waited(self, seconds: float) -> None:
        self.waits.append(seconds)
        # Longer than a test has, a list that nobody writes would be stale.
        self.own.list_rooms()

    def take(self, **time: float) -> Health:
        self.own.passes(**time)
        return self._runner.run(self.turns.take())

    def post(self, sent: datetime, content: str = "so tired", **more: Any) -> dict[str, Any]:
        """A post; it gets into the channel's list of chains."""
        made = self.message(sent, content, **more)
        made["replies"] = []
        self.graph.chains.append(made)
        return made

    def reply(self, post: dict[str, Any], sent: datetime, content: str = "me too", **more: Any):
        made = self.message(sent, content, replyToId=post["id"], **more)
        post["replies"].append(made)
        return made

    def message(self, sent: datetime, content: str, **more: Any) -> dict[str, Any]:
        self.numbers += 1
        user = {
            "@odata.type": "#microsoft.graph.teamworkUserIdentity",
            "id": "8ea0e38b-efb3-4757-924a-5f94061cf8c2",
            "displayName": "Ola Berg",
            "userIdentityType": "aadUser",
        }
        return {
            "id": str(1_790_000_000_000 + self.numbers),
            "replyToId": None,
            "etag": "1",
            "messageType": "message",
            "createdDateTime": written(sent),
            "lastModifiedDateTime": more.pop("modified", written(sent)),
            "lastEditedDateTime": None,
            "deletedDateTime": None,
            "subject": None,
            "from": {"application": None, "device": None, "user": user},
            "body": {"contentType": "html", "content": content},
            "attachments": [],
            "mentions": [],
            "reactions": [{"reactionType": "like", "user": {"user": user}}],
            "channelIdentity": {"teamId": TEAM, "channelId": CHANNEL},
            **more,
        }

    def kinds(self) -> set[tuple[str, str]]:
        return {(one.kind, one.text) for one in self.own.read(A).messages}

    def texts(self) -> list[str]:
        return sorted(one.text for one in self.own.read(A).messages)


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def a_channel(root, secret: str = SECRET) -> Iterator[Channel]:
    with served(Graph(SECRET)) as graph, asyncio.Runner() as runner:
        made = Channel(root, graph, runner, secret)
        try:
            yield made
        finally:
            runner.run(made.puller.__aexit__())


@pytest.fixture
def channel(tmp_path) -> Iterator[Channel]:
    with a_channel(tmp_path) as made:
        # The 12th alone is due.
        made.own.rooms = [room(A, CHAT, at(0, 12))]
        made.own.list_rooms()
        yield made


def test_a_day_comes_whole_with_replies_page_by_page(channel: Channel) -> None:
    channel.graph.page, channel.graph.replies_at_once = 3, 2
    for hour in range(10):
        post = channel.post(at(hour, 12), f"post {hour}")
        for number in range(hour % 6):
            channel.reply(post, at(hour + 0.5, 12), f"reply {hour}.{number}")
    told = channel.take()
    assert (told.refused, told.groups[A].refused) == (None, None)
    replies = [f"reply {hour}.{number}" for hour in range(10) for number in range(hour % 6)]
    assert channel.texts() == sorted([*(f"post {hour}" for hour in range(10)), *replies])
    assert channel.own.spans(A) == [(at(0, 12), at(0, 13))]
    first = channel.graph.asked[0][1]
    assert first["$filter"] == "lastModifiedDateTime gt 2026-11-11T23:59:59.999Z"
    assert {query.get("$top") for _, query in channel.graph.asked} <= {"50", None}
    assert channel.graph.user_agents == {AGENT}
    assert channel.graph.tokens == 1


def test_nothing_of_before_the_consent_and_of_earlier_days_only_what_was_taken_back(
    channel: Channel,
) -> None:
    old = channel.post(at(9, 11), "before the consent")
    channel.reply(old, at(9, 12), "a reply of the day")
    edited = {"lastEditedDateTime": written(at(9, 12)), "modified": written(at(9, 12))}
    channel.post(at(10, 11), "before, and edited", **edited)
    channel.post(at(9, 13), "of the next day")
    channel.take()
    assert channel.texts() == ["a reply of the day"]
    post = channel.post(at(10, 12), "stays")
    gone = channel.reply(post, at(10, 12), "goes tomorrow")
    other = channel.reply(post, at(11, 12), "becomes another")
    picture = channel.reply(post, at(12, 12), "becomes a picture")
    later = written(at(9, 13))
    gone |= {"deletedDateTime": later, "body": {"contentType": "html", "content": ""}}
    other |= {"lastEditedDateTime": later, "body": {"contentType": "html", "content": "new"}}
    picture |= {"lastEditedDateTime": later, "body": {"contentType": "html", "content": "<img>"}}
    for one in (gone, other, picture):
        one["lastModifiedDateTime"] = later
    channel.take(days=1)
    ((_, first), (_, second)) = channel.own.held(A)
    assert [one.text for one in first] == ["a reply of the day"]
    assert sorted((one.kind, one.text) for one in second) == [
        ("deleted", ""),
        ("edited", "<img>"),
        ("edited", "new"),
        ("speech", "of the next day"),
    ]


@pytest.mark.parametrize(
    ("more", "kind", "text"),
    [
        ({}, "speech", "a & b"),
        ({"body": {"contentType": "text", "content": "a &amp; <b>"}}, "speech", "a &amp; <b>"),
        ({"subject": "Rota <x>"}, "speech", "Rota <x>\na & b"),
        (
            {"subject": "Rota", "body": {"contentType": "text", "content": "late"}},
            "speech",
            "Rota\nlate",
        ),
        (
            {
                "body": {
                    "contentType": "html",
                    "content": '<div><at id="0">Ben Ito</at> look<attachment id="5"></attachment>'
                    '<p><emoji alt="🙂"></emoji></p></div>',
                },
                "attachments": [
                    {"id": "5", "contentType": "messageReference", "content": f"{{{MARKER}}}"}
                ],
            },
            "speech",
            "@\u2068Ben Ito\u2069 look\n🙂",
        ),
        (
            {
                "body": {"contentType": "html", "content": '<attachment id="5"></attachment>'},
                "attachments": [{"id": "5", "contentType": "reference", "name": MARKER}],
            },
            "media",
            "",
        ),
        ({"lastEditedDateTime": written(at(10, 12))}, "edited", "a & b"),
        ({"deletedDateTime": written(at(10, 12))}, "deleted", ""),
        ({"policyViolation": {"dlpAction": "notifySender, blockAccess"}}, "deleted", ""),
    ],
)
def test_kinds(channel: Channel, more: dict[str, Any], kind: str, text: str) -> None:
    channel.post(at(9, 12), "<p>a &amp; b</p>", **more)
    channel.take()
    assert channel.kinds() == {(kind, text)}
    assert MARKER not in str(channel.own.held(A))


@pytest.mark.parametrize(
    "more",
    [
        {"from": {"application": {"id": "1", "displayName": "Rota"}, "user": None}},
        {"from": None},
        {
            "messageType": "systemEventMessage",
            "from": None,
            "body": {"contentType": "html", "content": "<systemEventMessage/>"},
            "eventDetail": {"@odata.type": "#microsoft.graph.callEndedEventMessageDetail"},
        },
        {"messageType": "unknownFutureValue"},
    ],
)
def test_what_no_member_said(channel: Channel, more: dict[str, Any]) -> None:
    channel.post(at(9, 12), "beep", **more)
    channel.take()
    report = channel.own.read(A).report
    assert (report.entries, report.counts["system"], channel.texts()) == (1, 1, [])


def test_a_day_on_which_nobody_wrote(channel: Channel) -> None:
    channel.take()
    assert channel.own.spans(A) == [(at(0, 12), at(0, 13))]
    report = channel.own.read(A).report
    assert (report.entries, report.covered_until) == (0, at(0, 13))


@pytest.mark.parametrize(
    ("fails", "code", "waits"),
    [
        ([(429, {"Retry-After": "9"})], None, [9]),
        ([(503, {"Retry-After": "4"}), (504, {})], None, [4, 2]),
        ([(429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"})], None, [0]),
        ([(429, {"Retry-After": "3600"})], "PLATFORM_THROTTLES", []),
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
def test_an_answer_that_is_none(channel: Channel, fails, code, waits) -> None:
    channel.post(at(9, 12))
    channel.graph.fails = list(fails)
    assert channel.take().groups[A].refused == code
    assert channel.waits == waits
    assert len(channel.own.held(A)) == (code is None)
    channel.graph.fails = []
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


def test_days_of_a_stopped_connector_are_made_up_for(channel: Channel) -> None:
    for day in range(12, 20):
        channel.post(at(9, day), f"day {day}")
    channel.take(days=4)
    # The 17th is not over; of before the 14th days have closed.
    assert channel.texts() == ["day 14", "day 15", "day 16"]
    assert [last - first for first, last in channel.own.spans(A)] == [timedelta(days=1)] * 3
