"""A connector's folder and inbox without a home, and what comes to lie in it."""

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyrage

from assets.core.canonical_export import Header, Record
from assets.core.modes import Mode
from assets.restricted.collection import Export, read_export
from assets.restricted.collection.structured.joined_canonical import joined_canonical
from resources.stores.connect.room_list import FILE, Room, RoomList, write_list
from resources.stores.connect.settings import ConnectorSettings
from resources.stores.inbox.coverage import Candidate
from resources.stores.inbox.file_names import export_named
from resources.stores.inbox.location import InboxLocation

IDENTITY = pyrage.x25519.Identity.generate()  # pyright: ignore[reportAttributeAccessIssue]
AGENT = "Tideline (Test House; team@example.org)"


@dataclass
class Connected:
    """A folder, an inbox, a clock and a list of rooms that is always fresh.

    Attributes:
        root: of both.
        platform: of the connector.
        server: address of the platform.
        now: what the clock shows.
        rooms: that the list holds.
    """

    root: Path
    platform: str
    server: str
    now: datetime
    rooms: list[Room] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.location = InboxLocation(str(self.root / "inbox"))

    @property
    def folder(self) -> Path:
        return self.root / "connector"

    @property
    def settings(self) -> ConnectorSettings:
        return ConnectorSettings(
            mode=Mode.SYNTHETIC,
            platform=self.platform,
            server=self.server,
            organisation="Test House",
            contact="team@example.org",
            inbox=str(self.root / "inbox"),
            inbox_recipient=str(IDENTITY.to_public()),
            close_after_days=3,
            requests_per_minute=600,
        )

    def clock(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.list_rooms()

    def list_rooms(self) -> None:
        """Write the list, as the home does twice a minute."""
        write_list(self.folder / FILE, RoomList(written_at=self.now, rooms=tuple(self.rooms)))

    def sealed(self, ref: str) -> list[bytes]:
        """What lies in a group's folder, unsealed, oldest first."""
        found = sorted((self.root / "inbox" / ref).glob("*.age"))
        assert all(export_named(str(one)) for one in found)
        return [pyrage.decrypt(one.read_bytes(), [IDENTITY]) for one in found]

    def held(self, ref: str) -> list[tuple[Header, list[Record]]]:
        """Header and records of each file."""
        return [
            (
                msgspec.json.decode(content.partition(b"\n")[0], type=Header),
                msgspec.json.Decoder(Record).decode_lines(content.partition(b"\n")[2]),
            )
            for content in self.sealed(ref)
        ]

    def spans(self, ref: str) -> list[tuple[datetime, datetime]]:
        """The span of each file, in order of time."""
        return sorted(
            (datetime.fromisoformat(one.covers_from), datetime.fromisoformat(one.covers_until))
            for one, _ in self.held(ref)
        )

    def candidates(self, ref: str) -> list[Candidate]:
        """Its files as they are offered to a day."""
        return [
            Candidate(str(number), self.now, None, None, span)
            for number, span in enumerate(self.spans(ref))
        ]

    def read(self, ref: str) -> Export:
        """All files of a group, read as one."""
        return read_export(
            joined_canonical([io.BytesIO(one) for one in self.sealed(ref)]),
            now=self.now + timedelta(days=1),
        )

    def kept_in_clear(self) -> str:
        """Everything that lies in its files, but for the sealed ones."""
        files = [one for one in self.root.rglob("*") if one.is_file() and one.suffix != ".age"]
        return "\n".join(f"{one.name}\n{one.read_text()}" for one in files)


def at(hour: float, day: int = 12) -> datetime:
    """A moment of November 2026, when London keeps the time of UTC."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


def room(ref: str, chat: str, starts: datetime | None = None, ends: datetime | None = None) -> Room:
    """A room that may be read, in November 2026."""
    return Room(group_ref=ref, chat=chat, starts=starts or at(0, 1), ends=ends or at(0, 30))


def as_json(value: Any) -> str:
    return json.dumps(value)
