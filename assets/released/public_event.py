"""A dated public event that graphs mark."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PublicEvent:
    """One event, signed by two people.

    Attributes:
        day: its day.
        kind: of `resources.stores.study.public_events.KINDS`.
        words: what it was, in a few words.
        source: who announced it.
        regions: ids of the regions that it is marked in.
    """

    day: date
    kind: str
    words: str
    source: str
    regions: tuple[str, ...]
