"""When a region-day closed, as the release store tells of it."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Closing:
    """A region-day and when it closed (aware)."""

    day: date
    closed_at: datetime
