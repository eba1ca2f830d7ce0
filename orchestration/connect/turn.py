"""One turn over a connector's rooms: what is due is pulled, sealed, acknowledged, one by one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import msgspec

from assets.core.errors import ConnectorError, StorageError
from orchestration.connect.contract import MarksPlaces, Puller, Span
from orchestration.connect.delivery import Delivery
from orchestration.connect.due import due_span, to_be_marked
from orchestration.connect.late import came_late, counted
from resources.stores.connect.health import GroupHealth, Health, HealthFile, magnitude
from resources.stores.connect.room_list import Room, RoomFile

REFUSED_RESTS = timedelta(minutes=10)
"""How long a chat is left alone after the platform refused it."""
_OUR_OWN = frozenset({"CONNECTOR_LIST_STALE", "CONNECTOR_ROOM_STOPPED"})
"""What no platform refuses, and the next turn may find mended."""


@dataclass(frozen=True)
class Turns:
    """Takes turns with one puller.

    Attributes:
        puller: of the platform.
        delivery: where what it pulls goes.
        rooms: the list, read anew at every turn and before every request.
        health: where is told how it went.
        close_after_days: after which a day closes.
        now: the time.
    """

    puller: Puller
    delivery: Delivery
    rooms: RoomFile
    health: HealthFile
    close_after_days: int
    now: Callable[[], datetime]
    _rests_until: dict[Room, datetime] = field(default_factory=dict, init=False, repr=False)

    async def take(self) -> Health:
        """Pull what is due of every room; one that is refused keeps no other back.

        Raises:
            StorageError: where its own state or health can't be written.
        """
        before = self.health.read() or Health(written_at=self.now())
        try:
            rooms = self.rooms.read()
            self.delivery.keep_only([one.group_ref for one in rooms])
            groups = {
                room.group_ref: await self._after(
                    room, before.groups.get(room.group_ref, GroupHealth())
                )
                for room in rooms
            }
            found = Health(written_at=self.now(), groups=groups)
        except ConnectorError as error:
            # Of a list that can't be read nothing is known of any group.
            found = msgspec.structs.replace(before, written_at=self.now(), refused=error.code)
        self.health.write(found)
        return found

    async def _after(self, room: Room, before: GroupHealth) -> GroupHealth:
        """How a room fares after its pull."""
        if room.refused is not None:
            return msgspec.structs.replace(before, refused=room.refused)
        rests_until = self._rests_until.get(room)
        if rests_until is not None and self.now() < rests_until:
            return before
        try:
            await self._mark(room)
            while True:
                span = due_span(
                    room,
                    self.delivery.state().of(room.group_ref),
                    self.now(),
                    self.close_after_days,
                )
                if span is None:
                    return self._at_rest(room, before)
                before = await self._pull(room, span)
        except (ConnectorError, StorageError) as error:
            if error.code == "CONNECTOR_STATE_INVALID":
                raise
            if error.code not in _OUR_OWN:
                self._rests_until[room] = self.now() + REFUSED_RESTS
            return before.after_refusal(error.code)
        except Exception:  # noqa: BLE001  (its words may be a member's; no other room waits for it)
            self._rests_until[room] = self.now() + REFUSED_RESTS
            return before.after_refusal("PLATFORM_ANSWER_UNKNOWN")

    def _at_rest(self, room: Room, before: GroupHealth) -> GroupHealth:
        """How a room fares of which nothing is due: what was refused is over, or closed.

        By the state, for whoever was killed after a pull had told nothing of it yet.
        """
        state = self.delivery.state().of(room.group_ref)
        late = before.late if state.counted is None else magnitude(state.counted.late_before)
        return msgspec.structs.replace(
            before,
            refused=None,
            refusals=0,
            supplied_until=state.supplied_until or before.supplied_until,
            late=late,
        )

    async def _mark(self, room: Room) -> None:
        """Mark the place in a chat that is seen for the first time, or is about to be read."""
        if isinstance(self.puller, MarksPlaces) and to_be_marked(
            room, self.delivery.state().of(room.group_ref), self.now()
        ):
            permitted = partial(self.rooms.require, room)
            self.delivery.mark(room, await self.puller.place_now(room, permitted))

    async def _pull(self, room: Room, span: Span) -> GroupHealth:
        ref = room.group_ref
        permitted = partial(self.rooms.require, room)
        permitted()
        late = await came_late(
            self.puller, room, self.delivery.state().of(ref).counted, self.now(), permitted
        )
        plan = self.delivery.plan(room, span)
        pulled = await self.puller.pull(room, span, permitted)
        self.delivery.put(room, plan, pulled.records)
        self.delivery.acknowledge(
            {ref: plan},
            after={ref: pulled.after} if pulled.after else None,
            counted={ref: counted(room, span, pulled.records, self.now(), late)},
        )
        return GroupHealth().after_pull(self.now(), span.end, len(pulled.records), late)
