"""Which export supplies a group-day (design: 'One export per group-day')."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from assets.governance.london_time import LONDON

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """A readable export of one group.

    Attributes:
        digest: which file it is.
        arrived_at: when it reached the inbox (aware).
        last_entry: time of its latest entry (aware), None for none.
        first_entry: time of its earliest entry (aware), None for none or where it is not known.
    """

    digest: str
    arrived_at: datetime
    last_entry: datetime | None
    first_entry: datetime | None = None


def end_of(day: date) -> datetime:
    """The first moment after the day in London, aware; 23 or 25 hours on at clock changes."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON)


def covers(candidate: Candidate, day: date) -> bool:
    """Whether an export is known to hold all of the day."""
    end = end_of(day)
    return candidate.arrived_at >= end or (candidate.last_entry or _NEVER) >= end


def supplier(candidates: Collection[Candidate], day: date) -> Candidate | None:
    """The newest of the covering exports; the order they are given in does not matter.

    One that begins after the day gives way to any that does not, and of two that end alike the one
    that reaches further back is taken, whichever arrived first (docs/decisions/0005).
    """
    end = end_of(day)

    def newest(one: Candidate) -> tuple[bool, datetime, timedelta, datetime, str]:
        first, last = one.first_entry or _NEVER, one.last_entry or _NEVER
        return first < end, last, last - first, one.arrived_at, one.digest

    return max((one for one in candidates if covers(one, day)), key=newest, default=None)


def is_spent(candidate: Candidate, first: date, last: date, done: Collection[date]) -> bool:
    """Whether an export can supply no further day, and there were days that it could supply.

    Days before its first entry count too, for nothing may have been written on them.

    Args:
        candidate: a readable export.
        first: first day that may be read of its group.
        last: last day that may be read.
        done: days that have settled, or whose region-day is closed.
    """
    found = False
    day = first
    while day <= last and covers(candidate, day):
        if day not in done:
            return False
        found = True
        day += timedelta(days=1)
    return found
