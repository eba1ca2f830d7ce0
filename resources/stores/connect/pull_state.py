"""How far a connector has come: spans of time, names of sealed files, a position; nothing else.

A file is planned before anything is pulled for it: its span and its name are written down. Whoever
is killed after that pulls the same span again and writes under the same name, so that nothing comes
twice; only when the file lies in the inbox is its span noted as supplied, so that nothing is lost.
"""

import hashlib
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from assets.core.errors import ConnectorError, refuse_as
from resources.base.files import disk_error, write_once
from resources.stores.inbox.file_names import STAMP, export_named

FILE = "pull-state.json"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sealed file that is to be, or is already without its having been noted.

    Attributes:
        covers_from: the first moment (aware) of which it will hold everything.
        covers_until: the moment (aware) up to which it will; not in it.
        name: of the file in the group's folder of the inbox.
    """

    covers_from: datetime
    covers_until: datetime
    name: str


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much the last span held, so that it can be seen later what came late.

    Attributes:
        covers_from: the span's first moment (aware).
        covers_until: the moment (aware) after its last.
        after: the platform's mark of the place after which it was looked for.
        chat: a digest of the chat's id.
        messages: sent in the span.
        pulled_at: when they were counted (aware).
        late_before: messages of the span before that came after it had been supplied.
    """

    covers_from: datetime
    covers_until: datetime
    after: str
    chat: str
    messages: int
    pulled_at: datetime
    late_before: int = 0


class GroupState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far one group has come.

    Attributes:
        supplied_until: the moment (aware) up to which sealed files lie, or lay, in the inbox.
        plan: what is under way.
        chat: a digest of the chat's id, so that marks are of this chat.
        marked_at: when its place was first marked (aware); nothing of before is asked for.
        after: the platform's mark of the place from which it is read on.
        counted: what the last span held, where it can be asked for again.
    """

    supplied_until: datetime | None = None
    plan: Plan | None = None
    chat: str = ""
    marked_at: datetime | None = None
    after: str = ""
    counted: Counted | None = None


class PullState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How far a connector has come.

    Attributes:
        position: the platform's own mark of how far its queue is acknowledged, where it has one
            queue for all chats; empty where none is needed.
        groups: by group reference.
    """

    position: str = ""
    groups: dict[str, GroupState] = {}

    def of(self, group_ref: str) -> GroupState:
        """The state of a group; a new one for a group that was never pulled."""
        return self.groups.get(group_ref, GroupState())

    def without_others(self, group_refs: Collection[str]) -> "PullState":
        """The same without groups that are not among these."""
        kept = {ref: one for ref, one in self.groups.items() if ref in group_refs}
        return msgspec.structs.replace(self, groups=kept)

    def with_group(self, group_ref: str, state: GroupState) -> "PullState":
        """The same with another state of one group."""
        return msgspec.structs.replace(self, groups={**self.groups, group_ref: state})


def chat_digest(group_ref: str, chat: str) -> str:
    """A digest by which marks of a chat are told from those of another, and no more."""
    return hashlib.sha256(f"{group_ref} {chat}".encode()).hexdigest()[:16]


def planned(covers_from: datetime, covers_until: datetime, now: datetime) -> Plan:
    """A plan under a name that no other file has, and that tells nothing of what will be in it.

    Args:
        covers_from: as in `Plan`.
        covers_until: as in `Plan`, at most `now`.
        now: the moment, which counts as the file's arrival, at every try.
    """
    stamp = now.astimezone(UTC).strftime(STAMP)
    return Plan(
        covers_from=covers_from,
        covers_until=covers_until,
        name=f"{stamp}-{secrets.token_hex(32)}.age",
    )


@dataclass(frozen=True)
class PullStateFile:
    """Where the state lies; one connector writes it.

    Attributes:
        path: of the file.
    """

    path: Path

    def load(self) -> PullState:
        """The state; an empty one where nothing was ever pulled.

        Raises:
            ConnectorError: `CONNECTOR_STATE_INVALID`.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return PullState()
        with refuse_as(ConnectorError("CONNECTOR_STATE_INVALID"), msgspec.MsgspecError, ValueError):
            state = msgspec.json.decode(content, type=PullState)
            for one in state.groups.values():
                if one.plan is not None and export_named(one.plan.name) is None:
                    raise ValueError
            return state

    def save(self, state: PullState) -> None:
        """Put a state in place whole, to outlast a loss of power; raises as `write_once`.

        What a platform is told to have come must not seem, after one, not to have.
        """
        write_once(self.path, msgspec.json.encode(state))
        with refuse_as(disk_error, OSError):
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
