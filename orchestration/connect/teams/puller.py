"""Pulls a channel: its posts and replies of some days."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, timedelta

from assets.core.canonical_export import Record
from assets.core.errors import ConnectorError
from orchestration.connect.contract import Permission, Pulled, Span
from orchestration.connect.teams.graph import Graph, decoded
from orchestration.connect.teams.records import ChannelMessage, record_of
from resources.stores.connect.room_list import Room

PLATFORM = "teams"
POSTS_AT_ONCE = 50
CHAT = re.compile(r"([0-9a-fA-F-]{36})/(19:[A-Za-z0-9_.-]{1,120}@thread\.(?:tacv2|skype))")
"""How a room is told: the team's id, a stroke, the channel's."""
_TICK = timedelta(milliseconds=1)


@dataclass
class TeamsPuller(AbstractAsyncContextManager["TeamsPuller"]):
    """Pulls channels. A `Puller`.

    Attributes:
        graph: as whom is asked.
    """

    graph: Graph
    platform: str = PLATFORM

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self.graph.__aexit__()

    async def pull(self, room: Room, span: Span, permitted: Permission) -> Pulled:
        """All that a channel holds of the span; see `Puller`.

        Asked for are posts that were sent or changed, or got a reply, since the span's start.
        With such a post come its earlier replies; of what was sent before the consent nothing is
        looked at but its date.

        Raises:
            ConnectorError: what `Graph.pages` raises, `CHAT_NOT_JOINED` for what is no channel.
        """
        named = CHAT.fullmatch(room.chat)
        if named is None or room.starts is None:
            raise ConnectorError("CHAT_NOT_JOINED")
        team, channel = named.groups()
        records: list[Record] = []
        path = f"/v1.0/teams/{team}/channels/{channel}/messages"
        async for message in self._messages(path, span, permitted):
            if message.created_date_time >= room.starts:
                found = record_of(message, span.start, span.end)
                if found is not None:
                    records.append(found)
        return Pulled(records)

    async def _messages(
        self, path: str, span: Span, permitted: Permission
    ) -> AsyncIterator[ChannelMessage]:
        since = (span.start - _TICK).astimezone(UTC).isoformat(timespec="milliseconds")
        query = {
            "$top": POSTS_AT_ONCE,
            "$expand": "replies",
            "$filter": f"lastModifiedDateTime gt {since.replace('+00:00', 'Z')}",
        }
        async for page in self.graph.pages(f"{path}/delta", query, permitted):
            for one in page.value:
                post = decoded(one, ChannelMessage)
                yield post
                for reply in post.replies:
                    yield reply
                own = f"{path}/{post.id}/replies"
                async for more in self.graph.further_pages(post.more_replies, own, permitted):
                    for reply in more.value:
                        yield decoded(reply, ChannelMessage)
