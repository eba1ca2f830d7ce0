"""One turn over the bot's queue: what came is sealed by group, then acknowledged.

The platform takes an update for acknowledged when it is asked for a later one. It is asked for
that only by a mark that was noted after every sealed file lay in the inbox.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from assets.core.errors import ConnectorError, StorageError
from orchestration.connect.contract import Span
from orchestration.connect.delivery import Delivery
from orchestration.connect.running import delivery_of
from orchestration.connect.telegram.batch import Batch, Taken, batch_of, midnight
from orchestration.connect.telegram.bot import MOST_AT_ONCE, BotClient, Moved
from orchestration.connect.telegram.queue_mark import Held, QueueMark
from orchestration.connect.telegram.updates import Standing
from resources.stores.connect import health
from resources.stores.connect.health import GroupHealth, Health, HealthFile, magnitude
from resources.stores.connect.pull_state import Plan
from resources.stores.connect.room_list import Room, RoomFile
from resources.stores.connect.settings import ConnectorSettings
from resources.stores.inbox.location import InboxLocation

SETTLES_AFTER = timedelta(minutes=2)
"""How long an empty queue has to have been empty: what was just sent may not be in it yet."""
OFTEN_ENOUGH = timedelta(minutes=10)
"""How often the queue is emptied; each time a file for every group in which somebody wrote."""
_TOLD_FOR = timedelta(days=2)
_OURS = "CONNECTOR_"
"""How codes begin that are no answer of the platform, which may be asked again at once."""
_SECOND = timedelta(seconds=1)
_NUMBER = re.compile(r"-[0-9]{1,20}")
"""How groups are called; people and channels otherwise, or alike with no message for a bot."""


@dataclass
class _Turn:
    """What is known of the rooms at one turn.

    Attributes:
        mark: how far the queue was taken.
        privacy_off: whether the bot is given more than what is addressed to it.
        rooms: those that may be read, by chat.
        groups: how each group fares.
        left: groups whose chat the bot is not in any more.
    """

    mark: QueueMark
    groups: dict[str, GroupHealth]
    privacy_off: bool = False
    rooms: dict[int, Room] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)


@dataclass
class TelegramTurns:
    """Takes turns with one bot.

    Attributes:
        client: of the bot.
        delivery: where what comes goes.
        rooms: the list, read anew at every turn and before every request.
        health: where is told how it went.
        now: the time.
    """

    client: BotClient
    delivery: Delivery
    rooms: RoomFile
    health: HealthFile
    now: Callable[[], datetime]
    _rests_until: datetime | None = None

    async def take(self) -> Health:
        """Empty the queue, unless it was asked for just now.

        Raises:
            StorageError: where its own health can't be written.
        """
        before = self.health.read() or Health(written_at=self.now())
        try:
            rooms = self.rooms.read()
            groups = {one.group_ref: _before(one, before) for one in rooms}
            if self._rests_until is None or self.now() >= self._rests_until:
                self.delivery.keep_only(groups)
                await self._take(rooms, groups)
                self._rests_until = self.now() + OFTEN_ENOUGH
            elif before.refused is not None:
                return self._told(msgspec.structs.replace(before, written_at=self.now()))
            found = Health(written_at=self.now(), groups=groups)
        except (ConnectorError, StorageError) as error:
            if not error.code.startswith(_OURS):
                self._rests_until = self.now() + OFTEN_ENOUGH
            found = msgspec.structs.replace(before, written_at=self.now(), refused=error.code)
        except Exception:  # noqa: BLE001  (its words may be a member's; the process goes on)
            self._rests_until = self.now() + OFTEN_ENOUGH
            refused = "PLATFORM_ANSWER_UNKNOWN"
            found = msgspec.structs.replace(before, written_at=self.now(), refused=refused)
        return self._told(found)

    def _told(self, found: Health) -> Health:
        self.health.write(found)
        return found

    def _permitted(self) -> None:
        self.rooms.read()

    async def _take(self, listed: Collection[Room], groups: dict[str, GroupHealth]) -> None:
        known = QueueMark.of(self.delivery.state().position)
        rooms = [one for one in listed if one.may_be_read]
        chats = [int(one.chat) for one in listed if _NUMBER.fullmatch(one.chat)]
        # Who left, or may not be read for now, has a gap.
        turn = _Turn(known.only([one.group_ref for one in rooms], chats), groups)
        if turn.mark != known:
            self.delivery.acknowledge({}, turn.mark.written())
        if not rooms:
            return
        bot, turn.privacy_off = await self.client.sees_all(self._permitted)
        now = self.now()
        turn.mark = turn.mark.after_gap(now)
        shared = _of_one_chat(rooms, turn.mark)
        turn.mark = turn.mark.without(*shared)
        for room in rooms:
            if room.group_ref not in shared:
                await self._look_at(turn, room, bot, now)
        for ref in shared:
            turn.groups[ref] = turn.groups[ref].after_refusal("CONNECTOR_CHAT_TAKEN")
        while not await self._one_answer(turn):
            pass
        for room in rooms:
            held, told = turn.mark.held.get(room.group_ref), turn.groups[room.group_ref]
            if held is not None and held.until > held.since:
                # By the state, for whoever was killed after it had told nothing yet.
                told = msgspec.structs.replace(
                    told, supplied_until=held.until, late=magnitude(held.late)
                )
            if told.refused is None and (held is None or _began_lately(room, held, now)):
                told = msgspec.structs.replace(told, refused="CHAT_NOT_WHOLE")
            turn.groups[room.group_ref] = told

    async def _look_at(self, turn: _Turn, room: Room, bot: int, now: datetime) -> None:
        """Find out how the bot stands in a room, and so whether all its messages come."""
        ref = room.group_ref
        if not _NUMBER.fullmatch(room.chat):
            turn.groups[ref] = turn.groups[ref].after_refusal("CHAT_NOT_JOINED")
            return
        chat = int(room.chat)
        standing = await self._standing(turn, chat, bot)
        turn.rooms[chat] = room
        if standing.is_told_all(privacy_off=turn.privacy_off):
            turn.mark = turn.mark.reading(ref, now)
            turn.groups[ref] = msgspec.structs.replace(turn.groups[ref], refused=None, refusals=0)
        elif standing.is_in:
            # Since when it is not given all, nothing tells.
            turn.mark = turn.mark.without(ref)
            turn.groups[ref] = turn.groups[ref].after_refusal("BOT_SEES_NOT_ALL")
        else:
            # When it left, the queue tells.
            turn.left.add(ref)
            turn.groups[ref] = turn.groups[ref].after_refusal("CHAT_NOT_JOINED")

    async def _standing(self, turn: _Turn, chat: int, bot: int) -> Standing:
        for _ in range(2):
            now = turn.mark.moved.get(chat, chat)
            try:
                return await self.client.standing(now, bot, self._permitted)
            except Moved as told:
                turn.mark = turn.mark.renamed(chat, told.chat)
        return Standing("left")

    async def _one_answer(self, turn: _Turn) -> bool:
        """Seal and acknowledge what one answer of the queue holds; says whether it is empty."""
        asked_at = self.now()
        try:
            updates = await self.client.updates(turn.mark.offset, self._permitted)
        except ConnectorError as error:
            if error.code == "BOT_READ_BY_ANOTHER":
                # What it took nobody can tell.
                gap = turn.mark.without(*turn.mark.held)
                self.delivery.acknowledge({}, gap.written())
            raise
        batch = batch_of(updates, turn.mark, turn.rooms, asked_at, privacy_off=turn.privacy_off)
        is_empty = len(updates) < MOST_AT_ONCE and not batch.is_cut
        plans: dict[str, Plan] = {}
        mark = batch.mark
        for room in turn.rooms.values():
            ref = room.group_ref
            held = mark.held.get(ref)
            if held is None:
                continue
            taken = batch.taken.get(ref, Taken())
            emptied = asked_at if is_empty and ref not in turn.left else None
            span = _span(room, held, taken, batch, emptied)
            if span is None:
                continue
            plan = plans[ref] = self.delivery.plan(room, span)
            self.delivery.put(room, plan, taken.records)
            # Told until the next day ends.
            ended = held.until < midnight(span.end)
            late = taken.late + (0 if ended else held.late)
            mark = mark.with_held(ref, Held(held.since, span.end, late))
            if ref not in turn.left:
                turn.groups[ref] = turn.groups[ref].after_pull(
                    self.now(), span.end, len(taken.records), late
                )
        if is_empty:
            mark = msgspec.structs.replace(mark.without(*turn.left), emptied_at=asked_at)
        self.delivery.acknowledge(plans, mark.written())
        turn.mark = mark
        return is_empty


def _span(
    room: Room, held: Held, taken: Taken, batch: Batch, emptied: datetime | None
) -> Span | None:
    """The stretch that a group's next file covers; None where none is to be written.

    It goes up to the newest of what came, and where the queue is empty up to shortly before it
    was asked. Without a message a file is written only where a day ends, or the consent.
    """
    if room.starts is None or room.ends is None:
        return None
    start = max(room.starts, held.until)
    if taken.first is not None:
        # What comes late belongs to files that are there already, and is read with them.
        start = min(start, taken.first)
    end = start
    if batch.latest is not None and (taken.records or emptied):
        end = max(end, batch.latest + _SECOND)
    if emptied is not None:
        end = max(end, emptied - SETTLES_AFTER)
    end = min(end, room.ends)
    if taken.records:
        return Span(start, max(end, start + _SECOND))
    ends_a_day = start < midnight(end) or end == room.ends
    return Span(start, end) if start < end and ends_a_day else None


def _of_one_chat(rooms: Collection[Room], mark: QueueMark) -> set[str]:
    """Groups whose chat is another's too, under the number of before or of now: nobody is read."""
    numbers = {one.group_ref: int(one.chat) for one in rooms if _NUMBER.fullmatch(one.chat)}
    now = {ref: mark.moved.get(number, number) for ref, number in numbers.items()}
    many = Counter(now.values())
    return {ref for ref, number in now.items() if many[number] > 1}


def _began_lately(room: Room, held: Held, now: datetime) -> bool:
    """Whether messages are held whole only since a moment of the last days, of which it is told."""
    return room.starts is not None and room.starts < held.since and now - held.since < _TOLD_FOR


def _before(room: Room, told: Health) -> GroupHealth:
    """How a group fared, with why it may not be read."""
    known = told.groups.get(room.group_ref, GroupHealth())
    return known if room.refused is None else msgspec.structs.replace(known, refused=room.refused)


def telegram_turns(
    settings: ConnectorSettings,
    folder: Path,
    client: BotClient,
    now: Callable[[], datetime],
    location: InboxLocation | None = None,
) -> TelegramTurns:
    """A bot's turns, put together; the arguments and errors are those of `running.turns_of`."""
    delivery = delivery_of(settings, folder, now, location)
    return TelegramTurns(client, delivery, delivery.rooms, HealthFile(folder / health.FILE), now)
