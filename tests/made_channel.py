"""A channel of Teams with its connector, and people who write, over a Graph of our own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connected import AGENT, Connected, at, room
from graph_server import CHANNEL, CLIENT, TEAM, TENANT, Graph, served

from orchestration.connect.asking import Asking
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
