"""What a home does for its connectors: writes their settings, and their lists of rooms ever anew.

A room's platform id lies in the connector's list alone, and goes with the group's withdrawal.
Without connectors there is no folder, and nothing here does anything.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from assets.core.errors import ConnectorError, StorageError, refuse_as
from assets.core.london_time import LONDON
from assets.core.modes import Mode
from resources.base.files import make_folder, write_once
from resources.stores.connect import health, room_list, settings
from resources.stores.connect.room_list import Room, RoomList, read_list, write_list, written_alike
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.consent.consent_state import Consent

PATIENCE_SECONDS = 5.0
_NEVER_WRITTEN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Consents:
    """What is asked of consents when a list is written.

    Attributes:
        states: every group's, by reference.
        spans: of all groups, in the order of recording.
        permits: whether groups of a platform may be read.
        stops: the code of what stops all reading now, None where nothing does.
        mode: of the home.
    """

    states: Callable[[], Mapping[str, Consent]]
    spans: Callable[[], Sequence[ConsentSpan]]
    permits: Callable[[str], bool]
    stops: Callable[[datetime], str | None]
    mode: Mode


@dataclass(frozen=True)
class ConnectorsOfHome:
    """The folder of connectors, one for each platform; it is there once one was configured.

    Attributes:
        folder: of the home.
    """

    folder: Path

    def platforms(self) -> list[str]:
        """The platforms that have a connector."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{settings.FILE}"))

    def settings_file(self, platform: str) -> Path:
        """The settings file of a platform's connector."""
        return self.folder / platform / settings.FILE

    def save(self, given: settings.ConnectorSettings) -> None:
        """Write a connector's settings; its rooms stay.

        Raises:
            StorageError: what `make_folder` and `write_once` raise.
        """
        make_folder(self.folder)
        make_folder(self.folder / given.platform)
        write_once(self.settings_file(given.platform), settings.written_settings(given))

    def add(self, platform: str, group_ref: str, chat: str) -> None:
        """Give a connector a group's chat; nothing of it is read before the next `refresh`.

        Raises:
            SetupError: `CONNECTOR_SETTINGS_MISSING`, `CONNECTOR_SETTINGS_INVALID`.
            ConnectorError: `CONNECTOR_CHAT_TAKEN` of another group's chat, however it is written.
            StorageError: as `remove`.
        """
        settings.read_settings(self.settings_file(platform), platform)
        chat = written_alike(platform, chat)
        with self._changing(platform) as listed:
            others = [one for one in listed.rooms if one.group_ref != group_ref]
            if any(written_alike(platform, one.chat) == chat for one in others):
                raise ConnectorError("CONNECTOR_CHAT_TAKEN")
            self._write(platform, listed, (*others, Room(group_ref=group_ref, chat=chat)))

    def remove(self, group_ref: str) -> int:
        """Take a group's chat from every list, at once. Returns from how many.

        Raises:
            StorageError: `LIFETIME_NOT_ENFORCED` where a list is held by another process for
                `PATIENCE_SECONDS`, or what `write_once` raises.
        """
        count = 0
        for platform in self.platforms():
            with self._changing(platform) as listed:
                kept = tuple(one for one in listed.rooms if one.group_ref != group_ref)
                if len(kept) < len(listed.rooms):
                    count += 1
                    self._write(platform, listed, kept)
        return count

    def refresh(self, consents: Consents, now: datetime) -> None:
        """Write every list anew: what stands is good for a minute, chats of groups that left go.

        Args:
            consents: asked only where there is a connector.
            now: a moment (aware) before which nothing was asked, so that what is recorded meanwhile
                does not seem known.

        Raises:
            StorageError: as `remove`, or what asking raises.
        """
        for platform in self.platforms():
            with self._changing(platform) as listed:
                stopped = consents.stops(now)
                if stopped is None and not consents.permits(platform):
                    stopped = "PLATFORM_NOT_PERMITTED"
                standing = _Standing(
                    platform, consents.mode, consents.states(), consents.spans(), stopped, now
                )
                rooms = map(standing.room, listed.rooms)
                found = tuple(one for one in rooms if one is not None)
                write_list(self._list(platform), RoomList(written_at=now, rooms=found))

    def rooms(self, platform: str) -> Sequence[Room]:
        """What the list holds, however old; none where it can't be read."""
        try:
            return read_list(self._list(platform)).rooms
        except ConnectorError:
            return ()

    def health(self, platform: str) -> health.Health | None:
        """What the connector told last; None where it told nothing."""
        return health.HealthFile(self.folder / platform / health.FILE).read()

    def _list(self, platform: str) -> Path:
        return self.folder / platform / room_list.FILE

    def _write(self, platform: str, before: RoomList, rooms: tuple[Room, ...]) -> None:
        write_list(self._list(platform), msgspec.structs.replace(before, rooms=rooms))

    @contextmanager
    def _changing(self, platform: str) -> Iterator[RoomList]:
        """The list as it is, alone; an empty one where there is none yet."""
        lock = FileLock(self.folder / platform / ".rooms.lock", timeout=PATIENCE_SECONDS)
        with refuse_as(StorageError("LIFETIME_NOT_ENFORCED"), Timeout), lock:
            # Nobody else writes lists now: what a process that was killed left holds chats.
            for left in (self.folder / platform).glob(f".{room_list.FILE}.*.partial"):
                left.unlink(missing_ok=True)
            try:
                listed = read_list(self._list(platform))
            except ConnectorError as error:
                if error.code != "CONNECTOR_LIST_MISSING":
                    raise
                listed = RoomList(written_at=_NEVER_WRITTEN)
            yield listed


@dataclass(frozen=True)
class _Standing:
    """What stands at one moment."""

    platform: str
    mode: Mode
    states: Mapping[str, Consent]
    spans: Sequence[ConsentSpan]
    stopped: str | None
    now: datetime

    def room(self, room: Room) -> Room | None:
        """A room with what may be read of it; None for one whose group has left."""
        consent = self.states.get(room.group_ref)
        if consent is None or not consent.active:
            return None
        plain = Room(group_ref=room.group_ref, chat=room.chat)
        today = self.now.astimezone(LONDON).date()
        day = min(max(today, consent.valid_from), consent.valid_until)
        refused = consent.refusal(day, today, self.mode) or self.stopped
        if refused is None and consent.platform_read != self.platform:
            refused = "EXPORT_OTHER_PLATFORM"
        if refused is not None:
            return msgspec.structs.replace(plain, refused=refused)
        began = began_at([one for one in self.spans if one.group_ref == room.group_ref])
        first = datetime.combine(consent.valid_from, time(), LONDON)
        starts = first_midnight(first if began is None else max(began, first))
        return msgspec.structs.replace(
            plain, starts=starts.astimezone(UTC), ends=consent.ended_at.astimezone(UTC)
        )


def began_at(spans: Sequence[ConsentSpan]) -> datetime | None:
    """When the consent that runs now was first recorded (aware), renewals without a gap included.

    Args:
        spans: of one group, in the order of recording.
    """
    began: datetime | None = None
    for one in reversed(spans):
        # A renewal ends what it renews at its own moment.
        if began is not None and not (one.withdrawn_at == began <= one.runs_out_at):
            break
        began = one.recorded_at
    return began


def first_midnight(moment: datetime) -> datetime:
    """The first moment of a day in London at or after a moment (aware)."""
    day = moment.astimezone(LONDON).date()
    start = datetime.combine(day, time(), LONDON)
    return start if start >= moment else datetime.combine(day + timedelta(days=1), time(), LONDON)
