"""One answer of the queue, taken apart by group; no message of another chat is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

import msgspec
from telegram import Message

from assets.core.canonical_export import Record, line_of
from assets.core.london_time import LONDON
from orchestration.connect.telegram.queue_mark import QueueMark
from orchestration.connect.telegram.records import records_of
from orchestration.connect.telegram.updates import Happening, Update
from resources.stores.connect.room_list import Room

UNREADABLE = "unreadable"
"""The kind of a record of a message in no form that is known: counted, and left out."""


@dataclass
class Taken:
    """What came of one group.

    Attributes:
        records: in the order in which they came.
        first: when the earliest message was sent (aware); None where there are only edited ones.
        late: messages of a day whose end lies in an earlier file.
    """

    records: list[Record] = field(default_factory=list, repr=False)
    first: datetime | None = None
    late: int = 0


@dataclass
class Batch:
    """What came.

    Attributes:
        mark: after it.
        taken: by group reference.
        latest: when the newest of all was sent (aware); None where nothing came.
        is_cut: whether updates are left over, because a gap lies before them.
    """

    mark: QueueMark
    taken: dict[str, Taken] = field(default_factory=dict)
    latest: datetime | None = None
    is_cut: bool = False


def batch_of(
    updates: Sequence[Update],
    mark: QueueMark,
    rooms: Mapping[int, Room],
    now: datetime,
    *,
    privacy_off: bool,
) -> Batch:
    """Take an answer apart, up to the first gap in a group of which something was taken.

    Args:
        updates: of one answer, in its order.
        mark: before it.
        rooms: those that may be read, by chat, under the names of before and of now.
        now: when it came (aware).
        privacy_off: whether the bot is given more than what is addressed to it.
    """
    batch = Batch(_moved(updates, mark, rooms))
    if not updates:
        # All is confirmed. After a quiet week numbers begin anew, perhaps lower.
        batch.mark = batch.mark.up_to(0)
    known = {**rooms, **{new: rooms[old] for old, new in batch.mark.moved.items() if old in rooms}}
    for update in updates:
        happening = update.happening
        room = None if update.chat is None else known.get(update.chat)
        gap = _gap(update, room, batch.mark, now, privacy_off=privacy_off)
        if any(ref in batch.taken for ref in gap):
            batch.is_cut = True
            break
        batch.mark = batch.mark.without(*gap)
        if happening is not None:
            batch.latest = max(happening.at, batch.latest or happening.at)
            if room is not None:
                _take(batch, update, happening, room, privacy_off=privacy_off)
        batch.mark = batch.mark.after(update.number, now)
    return batch


def _moved(updates: Sequence[Update], mark: QueueMark, rooms: Mapping[int, Room]) -> QueueMark:
    """The mark with groups that became supergroups, whichever of both chats tells of it first."""
    for update in updates:
        one = update.happening
        if one is None or update.kind != "message":
            continue
        if one.migrate_to_chat_id is not None and one.chat.id in rooms:
            mark = mark.renamed(one.chat.id, one.migrate_to_chat_id)
        elif one.migrate_from_chat_id is not None and one.migrate_from_chat_id in rooms:
            mark = mark.renamed(one.migrate_from_chat_id, one.chat.id)
    return mark


def _gap(
    update: Update, room: Room | None, mark: QueueMark, now: datetime, *, privacy_off: bool
) -> Sequence[str]:
    """The groups whose messages do not all come from here on."""
    happening = update.happening
    unknown_whose = update.is_damaged and update.chat is None
    if unknown_whose or mark.lacks_some_before(update.number, now):
        return tuple(mark.held)
    if happening is None:
        return (room.group_ref,) if update.is_damaged and room is not None else ()
    standing = happening.new_chat_member
    if room is None or standing is None or standing.is_told_all(privacy_off=privacy_off):
        return ()
    return (room.group_ref,)


def _take(
    batch: Batch, update: Update, happening: Happening, room: Room, *, privacy_off: bool
) -> None:
    ref, sent = room.group_ref, happening.at
    standing = happening.new_chat_member
    if standing is not None:
        if standing.is_told_all(privacy_off=privacy_off):
            batch.mark = batch.mark.reading(ref, sent)
        return
    held = batch.mark.held.get(ref)
    if held is None or room.starts is None or room.ends is None:
        return
    is_edited = update.kind == "edited_message"
    if not room.starts <= sent < room.ends or (sent < held.since and not is_edited):
        return
    records = _records(update, happening, is_edited=is_edited)
    if is_edited:
        # Of a message that lies in an earlier file, nothing else may be said.
        records = [one for one in records if one.kind == "edited" or sent >= held.until]
    if not records:
        return
    taken = batch.taken.setdefault(ref, Taken())
    taken.records += records
    if not is_edited:
        taken.first = min(sent, taken.first or sent)
        taken.late += sent < midnight(held.until)


def _records(update: Update, happening: Happening, *, is_edited: bool) -> list[Record]:
    try:
        message = Message.de_json(dict(update.content), None)
        records = records_of(message, edited=is_edited)
        # The library takes whatever stands in a field; a record of another form spoils its file.
        return [msgspec.json.decode(line_of(one), type=Record) for one in records]
    except Exception:  # noqa: BLE001  (the library's errors quote the message)
        number = f"{happening.chat.id}/{happening.message_id}"
    return [Record(id=number, at=happening.at.isoformat(), kind=UNREADABLE)]


def midnight(moment: datetime) -> datetime:
    """The beginning of a moment's day in London, aware."""
    return datetime.combine(moment.astimezone(LONDON).date(), time(), LONDON)
