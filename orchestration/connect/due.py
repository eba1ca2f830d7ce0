"""Which day of a room is to be pulled now."""

from datetime import date, datetime, time, timedelta

from assets.core.london_time import LONDON
from orchestration.connect.contract import Span
from resources.stores.connect.pull_state import GroupState, chat_digest
from resources.stores.connect.room_list import Room

SETTLES_AFTER = timedelta(minutes=20)
"""How long after a day's end it is pulled: what was sent in its last minutes may come late."""

MARKED_BEFORE = timedelta(minutes=5)
"""How long before a room's first day its place may have been marked at the earliest."""


def due_span(room: Room, state: GroupState, now: datetime, close_after_days: int) -> Span | None:
    """The first day that is over and that nothing supplies yet; None where there is none.

    What was planned before is due in its own span, as long as the consent still covers it and it
    has not closed.

    Args:
        room: with the first and last moment that may be read.
        state: how far its group has come.
        now: the moment (aware).
        close_after_days: after which a day closes; what is older could be read by nobody.
    """
    if not room.may_be_read or room.starts is None or room.ends is None:
        return None
    oldest = now.astimezone(LONDON).date() - timedelta(days=close_after_days)
    plan = state.plan
    if plan is not None and (
        max(room.starts, _midnight(oldest)) <= plan.covers_from and plan.covers_until <= room.ends
    ):
        return Span(plan.covers_from, plan.covers_until, state.after)
    begun = max(room.starts, state.supplied_until or room.starts, state.marked_at or room.starts)
    day = max(begun.astimezone(LONDON).date(), oldest)
    if _midnight(day) < begun:
        # It began within a day, of which it could not hold everything.
        day += timedelta(days=1)
    span = Span(_midnight(day), _midnight(day + timedelta(days=1)), state.after)
    over = span.end + SETTLES_AFTER <= now
    return span if over and span.end <= room.ends else None


def to_be_marked(room: Room, state: GroupState, now: datetime) -> bool:
    """Whether the place in a room is to be marked now, on platforms that mark places.

    At first sight, so that a room that can't be read is told at once; and in the last minutes
    before the first day at every turn, so that nothing of before is asked for. Who was not running
    then marks when it is, and begins with the next whole day.

    Args:
        room: with the first moment that may be read.
        state: how far its group has come.
        now: the moment (aware).
    """
    if not room.may_be_read or room.starts is None:
        return False
    placed_at = state.supplied_until or state.marked_at
    if placed_at is None or state.chat != chat_digest(room.group_ref, room.chat):
        return True
    earliest = room.starts - MARKED_BEFORE
    return now >= earliest and (placed_at < earliest or now < room.starts)


def _midnight(day: date) -> datetime:
    """The first moment of a day in London, aware."""
    return datetime.combine(day, time(), LONDON)
