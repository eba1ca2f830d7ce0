"""How far the bot's queue was taken, and since when each group's messages are held whole."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from assets.core.errors import ConnectorError, refuse_as

KEPT_FOR = timedelta(hours=23)
"""Telegram keeps an update for 24 hours at most; who comes later than this may have lost some."""
NUMBERED_FOR = timedelta(days=6)
"""Updates are numbered one by one, and perhaps from elsewhere on after a week without any."""


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One group.

    Attributes:
        since: from when on (aware) every message has come.
        until: up to when (aware) all that came lies in the inbox.
        late: messages that came after the end of their day had been claimed, since the last such
            end.
    """

    since: datetime
    until: datetime
    late: int = 0


class QueueMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the queue was taken.

    Attributes:
        offset: number of the first update that is not yet in the inbox; 0 before the first.
        emptied_at: when the queue was last found empty (aware).
        held: by group reference; a group that is missing has a gap that ends when it is next read.
        moved: of groups that became supergroups, the new number by the one of before.
        next_number: that of the update after the last that came; 0 before the first.
        numbered_at: when that one came (aware).
    """

    offset: int = 0
    emptied_at: datetime | None = None
    held: dict[str, Held] = {}
    moved: dict[int, int] = {}
    next_number: int = 0
    numbered_at: datetime | None = None

    @classmethod
    def of(cls, position: str) -> "QueueMark":
        """The mark that a connector's state holds, a new one where that is empty.

        Raises:
            ConnectorError: `CONNECTOR_STATE_INVALID`.
        """
        if not position:
            return cls()
        with refuse_as(ConnectorError("CONNECTOR_STATE_INVALID"), msgspec.MsgspecError):
            return msgspec.json.decode(position, type=cls)

    def written(self) -> str:
        """As a connector's state holds it."""
        return msgspec.json.encode(self).decode()

    def after_gap(self, now: datetime) -> "QueueMark":
        """The same, with the gap that there is where the queue was not emptied for too long."""
        if self.emptied_at is not None and now - self.emptied_at <= KEPT_FOR:
            return self
        kept_since = now - KEPT_FOR
        held = {
            group_ref: Held(kept_since, kept_since)
            for group_ref, one in self.held.items()
            if one.since < kept_since
        }
        # What is missing by number is missing from before that gap's end.
        return msgspec.structs.replace(self, held=self.held | held, next_number=0)

    def reading(self, group_ref: str, at: datetime) -> "QueueMark":
        """The same, with every message of a group coming from now on; where they do, it stays."""
        if group_ref in self.held:
            return self
        return self.with_held(group_ref, Held(at, at))

    def only(self, group_refs: Collection[str], chats: Collection[int]) -> "QueueMark":
        """The same, with gaps in all other groups, and without the numbers of other chats."""
        return msgspec.structs.replace(
            self,
            held={ref: one for ref, one in self.held.items() if ref in group_refs},
            moved={before: now for before, now in self.moved.items() if before in chats},
        )

    def with_held(self, group_ref: str, held: Held) -> "QueueMark":
        """The same with another stretch of one group."""
        return msgspec.structs.replace(self, held={**self.held, group_ref: held})

    def without(self, *group_refs: str) -> "QueueMark":
        """The same, with a gap in these groups from now on."""
        left = {ref: one for ref, one in self.held.items() if ref not in group_refs}
        return msgspec.structs.replace(self, held=left)

    def up_to(self, offset: int) -> "QueueMark":
        """The same, taken up to another number."""
        return msgspec.structs.replace(self, offset=offset)

    def after(self, number: int, now: datetime) -> "QueueMark":
        """The same, with an update taken."""
        return msgspec.structs.replace(
            self, offset=number + 1, next_number=number + 1, numbered_at=now
        )

    def lacks_some_before(self, number: int, now: datetime) -> bool:
        """Whether updates are missing before the one of this number: another program took them."""
        return (
            self.numbered_at is not None
            and now - self.numbered_at < NUMBERED_FOR
            and 0 < self.next_number < number
        )

    def renamed(self, before: int, now: int) -> "QueueMark":
        """The same, with a group that became a supergroup."""
        return msgspec.structs.replace(self, moved={**self.moved, before: now})
