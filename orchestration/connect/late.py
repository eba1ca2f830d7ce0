"""Messages that reach a platform after their day was supplied: counted, for they are not read.

A day is pulled once and, as a rule, scored at once; what is scored is never opened again. So a day
is looked at a second time when the next one is pulled, and told is by how much it has grown.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from assets.core.canonical_export import Record
from assets.core.errors import ConnectorError
from orchestration.connect.contract import Permission, Puller, Span
from resources.stores.connect.pull_state import Counted, chat_digest
from resources.stores.connect.room_list import Room

LOOKED_AT_AGAIN_AFTER = timedelta(hours=12)
"""Sooner there is nothing to see: who makes up for days that were missed pulls them in a row."""
LOOKED_AT_AGAIN_WITHIN = timedelta(days=3)
"""Later it is of no use to anybody, and not asked for."""
_STOPPED = frozenset(
    {
        "CONNECTOR_ROOM_STOPPED",
        "CONNECTOR_LIST_STALE",
        "CONNECTOR_LIST_MISSING",
        "CONNECTOR_LIST_INVALID",
    }
)


def counted(
    room: Room, span: Span, records: Iterable[Record], now: datetime, late_before: int
) -> Counted:
    """How much a span held.

    Args:
        room: whose.
        span: that was pulled.
        records: that it gave.
        now: the moment (aware).
        late_before: as `came_late` told.
    """
    return Counted(
        covers_from=span.start,
        covers_until=span.end,
        after=span.after,
        chat=chat_digest(room.group_ref, room.chat),
        messages=_sent(records, span.start),
        pulled_at=now,
        late_before=late_before,
    )


async def came_late(
    puller: Puller, room: Room, before: Counted | None, now: datetime, permitted: Permission
) -> int:
    """How many messages of the span before came after it was pulled; 0 where nobody can tell.

    It keeps nothing of what it is shown, and what fails here keeps no day back. Of days that are
    made up for in a row, the first tells for all.

    Args:
        puller: of the platform.
        room: as the list has it now.
        before: what the span held.
        now: the moment (aware).
        permitted: as `Permission`.

    Raises:
        ConnectorError: what `permitted` raises.
    """
    if before is None:
        return 0
    if now - before.pulled_at < LOOKED_AT_AGAIN_AFTER:
        return before.late_before
    if not _may_be_looked_at(before, room, now):
        return 0
    span = Span(before.covers_from, before.covers_until, before.after)
    try:
        pulled = await puller.pull(room, span, permitted)
    except ConnectorError as error:
        if error.code in _STOPPED:
            raise
        return 0
    except Exception:  # noqa: BLE001  (its words may be a member's; the next day is pulled anyhow)
        return 0
    return max(_sent(pulled.records, span.start) - before.messages, 0)


def _may_be_looked_at(before: Counted, room: Room, now: datetime) -> bool:
    """Whether it is time, and the same chat under a consent that covers the span still."""
    return (
        now - before.pulled_at <= LOOKED_AT_AGAIN_WITHIN
        and before.chat == chat_digest(room.group_ref, room.chat)
        and room.starts is not None
        and room.ends is not None
        and room.starts <= before.covers_from
        and before.covers_until <= room.ends
    )


def _sent(records: Iterable[Record], start: datetime) -> int:
    """Messages of a span, without those of before that it says were taken back."""
    return sum(one.kind != "member" and datetime.fromisoformat(one.at) >= start for one in records)
