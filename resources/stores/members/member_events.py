"""What a member said about being read, as the store keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from resources.stores.members.exporter import Exporter
from resources.stores.members.marks import Marker, Marks


class Saying(StrEnum):
    """What a member said. An objection and a withdrawn opt-in weigh the same."""

    OBJECTED = "objected"
    OPTED_IN = "opted_in"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken_back"
    """One objection, or opt-in withdrawn, by the portal is void again; it opts in nobody."""


class SayingSource(StrEnum):
    """Where it was said."""

    COMMAND = "command"
    CHAT = "chat"
    PORTAL = "portal"
    """Nobody knows who sent it."""


@dataclass(frozen=True)
class MemberEvent:
    """One thing that a member said.

    Attributes:
        saying: what.
        source: where.
        day: when.
        marks: who.
    """

    saying: Saying
    source: SayingSource
    day: date
    marks: Marks


@dataclass(frozen=True)
class RollCall:
    """The senders of one export.

    Attributes:
        first_day: day of each sender's first entry, by sender as written. Never shown.
        sayings: (sender, saying, day) of the sentences posted. Never shown.
        exporter: who bears the labels that stand for whoever made the export, if that was told.
        labels: those labels.
    """

    first_day: Mapping[str, date] = field(repr=False)
    sayings: tuple[tuple[str, Saying, date], ...] = field(repr=False)
    exporter: Exporter | None = field(default=None, repr=False)
    labels: frozenset[str] = frozenset()

    def tell(self, marker: Marker) -> Marker:
        """Have a marker of the group know the exporter by these labels."""
        if self.exporter is not None:
            for label in self.labels:
                marker.tell(label, self.exporter.marks, self.exporter.sender)
        return marker
