"""A group of twelve in a Matrix room of a made server, and a home that collects it by itself."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from made_synapse import MadeSynapse

from assets.core.london_time import LONDON
from assets.restricted.collection.group_reading import GroupReading
from orchestration.connect.asking import Asking
from orchestration.connect.matrix.rooms import MatrixRooms
from orchestration.connect.running import turns_of
from resources.stores.connect.health import Health
from resources.stores.connect.settings import read_settings
from resources.stores.inbox.coverage import supplier

MEMBERS = [f"m{number}" for number in range(12)]
OBJECTOR, LATE, EDITOR, DELETER = "m3", "m11", "m5", "m6"
DAYS = [date(2026, 10, day) for day in (12, 13, 14)]
HISTORY_DAY = date(2026, 10, 11)
EACH = 3
"""Messages of each member on each day."""
A_DAY, BEFORE = 12 * EACH, 22
TOLD = date(2026, 10, 1)
HISTORY, TYPED = "wobblequex", "zandermoor"
"""What was said before the consent, and after."""


def at(day: date, minute: float = 0) -> datetime:
    """A moment of a day in London."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(minutes=minute)


def shown(member: str) -> str:
    return f"Quillon{member[1:]} Fennimarsh{member[1:]}"


@dataclass
class Chat:
    """A room that is talked in day by day.

    Attributes:
        synapse: where.
        room: its id.
    """

    synapse: MadeSynapse
    room: str

    def talk(self, day: date) -> list[str]:
        """A day's messages, number n by member n % 12. Returns their ids."""
        many, word = (A_DAY, TYPED) if day in DAYS else (BEFORE, HISTORY)
        return [
            self.synapse.say(
                self.room,
                MEMBERS[number % (12 if day in DAYS else 11)],
                f"so tired after that shift {word} {day.day} {number}",
                at(day, 5 + number * 1430 / many),
            )
            for number in range(many)
        ]


@dataclass
class Collected:
    """A session's home that collects the room by itself.

    Attributes:
        session: the home's.
        group_ref: the group.
        answers: of the server, in the order of asking.
        after_answer: called with each answer's text.
    """

    session: Any
    group_ref: str
    token: str
    answers: list[str] = field(default_factory=list)
    after_answer: Callable[[str], None] = lambda _: None

    @property
    def folder(self) -> Path:
        return self.session.home.connectors / "matrix"

    def turn_at(self, moment: datetime) -> Health:
        """One turn, with a list of rooms of that moment."""
        self.session.clock.moment = moment.astimezone(UTC)
        self.session.ways_out.refresh_connectors(self.session.clock.now())
        settings = read_settings(self.folder / "settings.yaml", "matrix")

        async def take() -> Health:
            rooms = MatrixRooms(settings.server, self.token, settings.user_agent, Asking(600))
            async with rooms as puller:
                return await turns_of(settings, self.folder, puller, self.session.clock.now).take()

        return asyncio.run(take())

    def read(self, day: date) -> tuple[list[str], Counter[str]]:
        """Texts of a day that may be read, and how many messages are not, by reason."""
        have = self.session.resources
        reading = GroupReading(
            have["inbox"],
            have["records"],
            have["members"],
            have["register"].consent(self.group_ref),
            cooling_off=self.session.home.config.cooling_off,
            now=self.session.clock.now(),
        )
        exports = reading.group_exports()
        assert not exports.refused
        chosen = supplier(exports.candidates, day)
        assert chosen is not None
        found = reading.messages(exports, chosen.digest, [day])
        return [one.text for one in found.messages], Counter(found.set_apart)
