"""A connector's list of rooms: the only consent that it reads, and good for a minute.

The home writes it anew at every withdrawal and, while `tideline lifetimes --every 30` runs, every
half minute. Nothing is asked of a platform by a list that is older than `GOOD_FOR`: a home that is
down, or a copy that no longer comes, stops the connector as a withdrawal does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from assets.core.errors import ConnectorError, refuse_as
from resources.base.files import write_once
from resources.stores.consent.consent_terms import GROUP_REF

FILE = "rooms.json"
GOOD_FOR = timedelta(seconds=60)
TOLERATED_CLOCK = timedelta(seconds=5)
"""How far the clock of the machine that wrote the list may be ahead."""
_NUMBER = re.compile(r"-?[0-9]{1,20}")


class Room(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One group's chat.

    Attributes:
        group_ref: the group's reference, which names its folder of the inbox.
        chat: the platform's id of the chat. Never shown.
        starts: the first moment (aware) that may be read; None while nothing may be.
        ends: the moment (aware) from which on nothing may be read.
        refused: why nothing may be read, a code; None where it may.
    """

    group_ref: Annotated[str, msgspec.Meta(pattern=GROUP_REF.pattern)]
    chat: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    starts: datetime | None = None
    ends: datetime | None = None
    refused: str | None = None

    def __repr__(self) -> str:
        """Without the chat."""
        return f"Room({self.group_ref})"

    @property
    def may_be_read(self) -> bool:
        """Whether the consent stood when the list was written."""
        return self.refused is None and self.starts is not None and self.ends is not None


class RoomList(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The list.

    Attributes:
        written_at: when consents were last asked (aware).
        rooms: one for each group.
    """

    written_at: datetime
    rooms: tuple[Room, ...] = ()


@dataclass(frozen=True)
class RoomFile:
    """Where the list lies.

    Attributes:
        path: of the file.
        now: the time.
    """

    path: Path
    now: Callable[[], datetime]

    def read(self) -> tuple[Room, ...]:
        """The rooms of a list that is fresh.

        Raises:
            ConnectorError: `CONNECTOR_LIST_MISSING`, `CONNECTOR_LIST_INVALID`, or
                `CONNECTOR_LIST_STALE` for one that is older than `GOOD_FOR`.
        """
        listed = read_list(self.path)
        age = self.now() - listed.written_at
        if not -TOLERATED_CLOCK <= age <= GOOD_FOR:
            raise ConnectorError("CONNECTOR_LIST_STALE")
        return listed.rooms

    def require(self, room: Room) -> None:
        """Ask whether a room may be read now; before every request, and before anything is kept.

        Raises:
            ConnectorError: `CONNECTOR_ROOM_STOPPED` where the list does not have the room as it
                was, or what `read` raises.
        """
        if not room.may_be_read or room not in self.read():
            raise ConnectorError("CONNECTOR_ROOM_STOPPED")


def written_alike(platform: str, chat: str) -> str:
    """A chat's id in the one form in which it can be compared.

    Args:
        platform: of `assets.core.platforms.PLATFORMS`.
        chat: its id as somebody wrote it.
    """
    chat = chat.strip()
    if platform == "telegram" and _NUMBER.fullmatch(chat):
        return str(int(chat))
    if platform == "teams":
        team, stroke, channel = chat.partition("/")
        return f"{team.lower()}{stroke}{channel}"
    return chat


def read_list(path: Path) -> RoomList:
    """The list as it lies there, however old; raises `ConnectorError` as `RoomFile.read`."""
    with refuse_as(ConnectorError("CONNECTOR_LIST_MISSING"), OSError):
        content = path.read_bytes()
    with refuse_as(ConnectorError("CONNECTOR_LIST_INVALID"), msgspec.MsgspecError, ValueError):
        listed = msgspec.json.decode(content, type=RoomList)
        moments = [listed.written_at]
        moments += [at for one in listed.rooms for at in (one.starts, one.ends) if at is not None]
        if any(one.tzinfo is None for one in moments):
            raise ValueError
        return listed


def write_list(path: Path, listed: RoomList) -> None:
    """Put a list in place; raises `StorageError` as `write_once`."""
    write_once(path, msgspec.json.encode(listed))
