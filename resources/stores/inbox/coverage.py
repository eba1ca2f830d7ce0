"""Which export supplies a group-day (design: 'One export per group-day')."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from assets.core.london_time import LONDON

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """A readable export of one group.

    Attributes:
        digest: which file it is.
        arrived_at: when it reached the inbox (aware).
        last_entry: time of its latest entry (aware), None for none.
        first_entry: time of its earliest entry (aware), None for none or where it is not known.
        covered: where the export says so itself, from when and until when it holds everything
            (aware).
        takes_back: whether it says of messages in other exports that they were deleted or edited.
        parts: digests of the exports that hold a day only together; empty for one export.
    """

    digest: str
    arrived_at: datetime
    last_entry: datetime | None
    first_entry: datetime | None = None
    covered: tuple[datetime, datetime] | None = None
    takes_back: bool = False
    parts: tuple[str, ...] = ()


def start_of(day: date) -> datetime:
    """The first moment of the day in London, aware."""
    return datetime.combine(day, time(), LONDON)


def end_of(day: date) -> datetime:
    """The first moment after the day in London, aware; 23 or 25 hours on at clock changes."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON)


def covers(candidate: Candidate, day: date) -> bool:
    """Whether an export is known to hold all of the day; one that says what it holds decides."""
    end = end_of(day)
    if candidate.covered is not None:
        return candidate.covered[0] <= start_of(day) and end <= candidate.covered[1]
    return candidate.arrived_at >= end or (candidate.last_entry or _NEVER) >= end


def supplier(candidates: Collection[Candidate], day: date) -> Candidate | None:
    """The newest of the covering exports; the order they are given in does not matter.

    One that begins after the day gives way to any that does not, and of two that end alike the one
    that reaches further back is taken, whichever arrived first (docs/decisions/0005).
    """
    end = end_of(day)

    def newest(one: Candidate) -> tuple[bool, datetime, timedelta, datetime, str]:
        first, last = one.covered or (one.first_entry or _NEVER, one.last_entry or _NEVER)
        return first < end, last, last - first, one.arrived_at, one.digest

    return max((one for one in candidates if covers(one, day)), key=newest, default=None)


def joined(candidates: Collection[Candidate]) -> Iterator[Candidate]:
    """For each day that no export holds whole but several do together, those as one.

    Only exports that say what they hold are joined, without a gap between them. Such are those of
    a platform that hands out each message once, and of a connector that was stopped in between.
    """
    told = sorted((one.covered, one.digest, one) for one in candidates if one.covered is not None)
    # Of several that hold a day only together, the one that holds its start ends within it. To walk
    # over the days of a span would take as long as whoever wrote the file wants.
    for day in sorted({last.astimezone(LONDON).date() for (_, last), _, _ in told}):
        start, end = start_of(day), end_of(day)
        if any(covers(one, day) for one in candidates):
            continue
        reached, own = start, []
        for (first, last), _, one in told:
            if first < end and last > start and first <= reached:
                reached = max(reached, last)
                own.append(one)
        if reached >= end:
            yield _as_one(own)


def _as_one(parts: Collection[Candidate]) -> Candidate:
    digests = tuple(sorted(one.digest for one in parts))
    spans = [one.covered for one in parts if one.covered is not None]
    firsts = [one.first_entry for one in parts if one.first_entry is not None]
    lasts = [one.last_entry for one in parts if one.last_entry is not None]
    return Candidate(
        sha256("".join(digests).encode()).hexdigest(),
        max(one.arrived_at for one in parts),
        max(lasts, default=None),
        min(firsts, default=None),
        (min(first for first, _ in spans), max(last for _, last in spans)),
        parts=digests,
    )


def is_spent(candidate: Candidate, first: date, last: date, done: Collection[date]) -> bool:
    """Whether an export can supply no further day, and there were days that it could supply.

    Days before its first entry count too, for nothing may have been written on them.

    Args:
        candidate: a readable export.
        first: first day that may be read of its group.
        last: last day that may be read.
        done: days that have settled, or whose region-day is closed.
    """
    if candidate.covered is not None:
        # With others it may hold those days too of which it has but a part.
        begins, ends = candidate.covered
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        own = {day for day in days if start_of(day) < ends and end_of(day) > begins}
        return bool(own) and own <= set(done)
    found = False
    day = first
    while day <= last and covers(candidate, day):
        if day not in done:
            return False
        found = True
        day += timedelta(days=1)
    return found
