"""Which export supplies a group-day (design: 'One export per group-day')."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """A readable export of one group.

    Attributes:
        digest: which file it is.
        arrived_at: when it reached the inbox (aware).
        last_entry: time of its latest entry (aware), None for none.
    """

    digest: str
    arrived_at: datetime
    last_entry: datetime | None


def end_of(day: date) -> datetime:
    """The first moment after the day in London, aware; 23 or 25 hours on at clock changes."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON)


def covers(candidate: Candidate, day: date) -> bool:
    """Whether an export is known to hold all of the day."""
    end = end_of(day)
    return candidate.arrived_at >= end or (candidate.last_entry or _NEVER) >= end


def supplier(candidates: Collection[Candidate], day: date) -> Candidate | None:
    """The newest of the covering exports; the order they are given in does not matter."""
    covering = [one for one in candidates if covers(one, day)]
    return max(
        covering,
        key=lambda one: (one.last_entry or _NEVER, one.arrived_at, one.digest),
        default=None,
    )
