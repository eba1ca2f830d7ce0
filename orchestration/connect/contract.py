"""What a connector of one platform must offer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from assets.core.canonical_export import Record
from resources.stores.connect.room_list import Room

Permission = Callable[[], None]
"""Asked before every request that could bring messages: raises `ConnectorError` where the list of
rooms no longer lets the room be read."""


@dataclass(frozen=True)
class Span:
    """A stretch of time; for a `Puller` one day in London.

    Attributes:
        start: the first moment (aware).
        end: the moment (aware) after the last.
        after: the platform's own mark of the place after which it is looked for, where it has such
            marks; see `MarksPlaces`.
    """

    start: datetime
    end: datetime
    after: str = ""


@dataclass(frozen=True)
class Pulled:
    """All that a chat holds of a span.

    Attributes:
        records: one for each message that was sent in the span, in its newest form; for each of
            before that was deleted or edited in it, one of kind `deleted` dated before the span;
            for each member, one of kind `member`, with an id and dated when they joined if they
            sent something in the span.
        after: the platform's mark of a place before which nothing of the next span lies; empty
            where it has no such marks.
    """

    records: Sequence[Record] = field(repr=False)
    after: str = ""


class Puller(Protocol):
    """Pulls chats of a platform that can be asked for a span of time.

    A platform that hands out each message once (a queue) has no such puller: see `Delivery`.
    """

    platform: str
    """One of `assets.core.platforms.PLATFORMS`."""

    async def pull(self, room: Room, span: Span, permitted: Permission) -> Pulled:
        """All that the chat holds of the span, whole or not at all.

        Nothing is asked for that would bring messages of before `span.start`.

        Args:
            room: which.
            span: of closed days; `span.end` has passed.
            permitted: as `Permission`.

        Raises:
            ConnectorError: what `permitted` raises, `CHAT_NOT_WHOLE` where the platform does not
                show all of the span, or why it did not answer.
        """
        ...


@runtime_checkable
class MarksPlaces(Protocol):
    """A puller whose platform marks places in a chat, so that what was before is never asked for.

    `orchestration.connect.due.to_be_marked` says when it is asked; the first day that is pulled is
    the first whole one after the mark.
    """

    async def place_now(self, room: Room, permitted: Permission) -> str:
        """The mark of the place after everything that the chat holds now; brings no message.

        Raises:
            ConnectorError: as `Puller.pull`.
        """
        ...
