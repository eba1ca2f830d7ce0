"""A connector in a folder of its own, and a platform in memory for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyrage

from assets.core.canonical_export import Record
from assets.core.modes import Mode
from orchestration.connect.contract import Permission, Pulled, Span
from orchestration.connect.running import turns_of
from orchestration.connect.turn import Turns
from resources.base.home import HomeConfig
from resources.stores.connect.room_list import FILE, Room, RoomList, write_list
from resources.stores.connect.settings import ConnectorSettings

GROUP = "g-0123abcd"


@dataclass
class Chat:
    """A platform that holds one chat in memory. A `Puller`.

    Attributes:
        sent: when each message was sent, by id.
        asked: spans, in the order of asking.
        before_answer: called before each answer.
    """

    sent: dict[str, datetime]
    asked: list[Span] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    platform: str = "matrix"

    async def pull(self, room: Room, span: Span, permitted: Permission) -> Pulled:
        permitted()
        self.asked.append(span)
        self.before_answer()
        return Pulled(
            [
                Record(id=one, at=at.isoformat(), sender="@ola:x.test", name="Ola", text=one)
                for one, at in self.sent.items()
                if span.start <= at < span.end
            ]
        )


def settings_at(
    config: HomeConfig, platform: str = "matrix", server: str = "http://localhost"
) -> ConnectorSettings:
    """A connector's settings at a home, of its mode."""
    return ConnectorSettings(
        mode=config.mode,
        platform=platform,
        server=server,
        organisation="Example University",
        contact="study@example.org",
        inbox=config.inbox,
        inbox_recipient=config.inbox_recipient,
        close_after_days=config.close_after_days,
    )


@dataclass
class Connector:
    """A connector's folder with its home's inbox, and a clock to set.

    Attributes:
        folder: the connector's.
        inbox: the folder of the home's inbox.
        identity: that opens what lies there.
        now: the moment.
        room: of its list.
    """

    folder: Path
    inbox: Path
    identity: pyrage.x25519.Identity
    now: datetime
    room: Room

    @property
    def settings(self) -> ConnectorSettings:
        return ConnectorSettings(
            mode=Mode.SYNTHETIC,
            platform="matrix",
            server="http://localhost",
            organisation="Example University",
            contact="study@example.org",
            inbox=str(self.inbox),
            inbox_recipient=str(self.identity.to_public()),
            close_after_days=3,
        )

    def turns(self, puller: Chat) -> Turns:
        return turns_of(self.settings, self.folder, puller, lambda: self.now)

    def list_rooms(self, *rooms: Room) -> None:
        write_list(self.folder / FILE, RoomList(written_at=self.now, rooms=rooms))

    def exports(self, group_ref: str = GROUP) -> list[list[bytes]]:
        """The lines of each sealed file, by name."""
        files = sorted((self.inbox / group_ref).glob("*.age"))
        return [pyrage.decrypt(one.read_bytes(), [self.identity]).splitlines() for one in files]
