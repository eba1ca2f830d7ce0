"""One channel of Slack's export as a chronicle: day by day, people before they write."""

from collections.abc import Iterator, Sequence

import msgspec

from assets.restricted.collection.contract import ChatFile
from assets.restricted.collection.slack.fields import (
    MESSAGES,
    Channel,
    Element,
    Message,
    Person,
)
from assets.restricted.collection.slack.reading import REFERENCE, People
from assets.restricted.collection.structured.chronicle_document import BETWEEN, document, emptied
from assets.restricted.collection.structured.json_stream import JsonStream


def channel_chronicle(
    channel: Channel, days: Sequence[ChatFile], people: People
) -> Iterator[bytes]:
    """The chronicle of a channel.

    Of the workspace's people only those are told of who write or are mentioned in it, each by names
    and whether it is a bot.

    Args:
        channel: which.
        days: its files, in order.
        people: of the workspace, by id.

    Raises:
        ExportError: if a file can't be read.
    """
    return document("slack", [("channel", channel)], _batches(days, people))


def _batches(days: Sequence[ChatFile], people: People) -> Iterator[bytes]:
    told: set[str] = set()
    for one in days:
        with one.open() as stream:
            walk = JsonStream(stream)
            for batch in walk.elements(MESSAGES):
                pieces: list[bytes] = []
                for message in batch:
                    for user in sorted(_named(message) - told):
                        if user in people:
                            told.add(user)
                            names, is_bot = people[user]
                            person = Person(user, names, is_bot=bool(is_bot))
                            pieces.append(msgspec.json.encode(Element(message.ts, person=person)))
                    if message.user in people:
                        message.user_profile = None
                    emptied(message)
                    pieces.append(msgspec.json.encode(message))
                if pieces:
                    yield BETWEEN.join(pieces)
            walk.end()


def _named(message: Message) -> set[str]:
    named = {message.user} if message.user else set[str]()
    if message.text and "<@" in message.text:
        named |= {found[2] for found in REFERENCE.finditer(message.text) if found[1] == "@"}
    return named
