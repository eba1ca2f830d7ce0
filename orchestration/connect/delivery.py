"""Plans, seals and acknowledges: in this order, so that nothing is lost and nothing comes twice.

1. `plan` writes down span and file name.
2. The platform is asked, in memory.
3. `put` seals and writes that file; at a second try the same one.
4. `acknowledge` notes the span as supplied, and for a platform with a queue how far it was taken;
   only then may the platform be told.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from assets.core.canonical_export import Record
from orchestration.connect.contract import Span
from resources.stores.connect.outbox import Outbox
from resources.stores.connect.pull_state import (
    Counted,
    GroupState,
    Plan,
    PullState,
    PullStateFile,
    chat_digest,
    planned,
)
from resources.stores.connect.room_list import Room, RoomFile


@dataclass(frozen=True)
class Delivery:
    """The only writer of a connector's state, and the only way into the inbox.

    Attributes:
        platform: one of `assets.core.platforms.PLATFORMS`.
        outbox: where sealed files go.
        states: where is kept how far it has come.
        rooms: asked again before anything is kept.
        now: the time.
    """

    platform: str
    outbox: Outbox
    states: PullStateFile
    rooms: RoomFile
    now: Callable[[], datetime]

    def state(self) -> PullState:
        """How far it has come; raises as `PullStateFile.load`."""
        return self.states.load()

    def keep_only(self, group_refs: Collection[str]) -> None:
        """Forget how far groups have come that are not on the list any more.

        Raises:
            ConnectorError: `CONNECTOR_STATE_INVALID`.
            StorageError: as `write_once`.
        """
        state = self.state()
        if not state.groups.keys() <= set(group_refs):
            self.states.save(state.without_others(group_refs))

    def mark(self, room: Room, after: str) -> None:
        """Note the place from which a room is read on; raises as `keep_only`."""
        state = GroupState(
            chat=chat_digest(room.group_ref, room.chat), marked_at=self.now(), after=after
        )
        self.states.save(self.state().with_group(room.group_ref, state))

    def plan(self, room: Room, span: Span) -> Plan:
        """Write down what is to be pulled; what is planned already for that span stays.

        Raises:
            ConnectorError: `CONNECTOR_STATE_INVALID`.
            StorageError: as `write_once`.
        """
        state = self.state()
        own = state.of(room.group_ref)
        known = own.plan
        if known is not None and (known.covers_from, known.covers_until) == (span.start, span.end):
            return known
        plan = planned(span.start, span.end, self.now())
        own = msgspec.structs.replace(own, plan=plan)
        self.states.save(state.with_group(room.group_ref, own))
        return plan

    def put(self, room: Room, plan: Plan, records: Iterable[Record]) -> None:
        """Seal and write what was pulled, if the room may still be read.

        Raises:
            ConnectorError: what `RoomFile.require` raises; nothing was kept.
            StorageError: `INBOX_NOT_WRITABLE`; nothing was kept.
        """
        self.rooms.require(room)
        self.outbox.put(room.group_ref, plan, self.platform, records)

    def acknowledge(
        self,
        plans: Mapping[str, Plan],
        position: str | None = None,
        *,
        after: Mapping[str, str] | None = None,
        counted: Mapping[str, Counted] | None = None,
    ) -> None:
        """Note spans as supplied, at once for all groups.

        Args:
            plans: by group reference; those whose files were put.
            position: of the platform's queue, where it has one; None leaves it as it was.
            after: by group reference, marks of the places from which they are read on.
            counted: by group reference, how much the spans held.

        Raises:
            ConnectorError: `CONNECTOR_STATE_INVALID`.
            StorageError: as `write_once`.
        """
        state = self.state()
        for group_ref, plan in plans.items():
            before = state.of(group_ref)
            now = msgspec.structs.replace(
                before,
                supplied_until=plan.covers_until,
                plan=None,
                after=(after or {}).get(group_ref, before.after),
                counted=(counted or {}).get(group_ref),
            )
            state = state.with_group(group_ref, now)
        if position is not None:
            state = msgspec.structs.replace(state, position=position)
        self.states.save(state)
