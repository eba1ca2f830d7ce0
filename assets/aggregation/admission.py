"""Which groups count on a day: joining in batches, leaving at once, as of the day.

A group's mean can be told from the change that its joining or leaving makes, so groups join
several at a time, and where one or two come or go a week shows only its pooled value. What is
decided for a day depends on the consent register and on which days had closed when an event was
recorded, never on when it is asked: an event recorded later can't change what a closed day was
made of.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from assets.aggregation.thresholds import LONGEST_WAIT, MIN_BATCH, MIN_GROUPS
from resources.closing import Closing
from resources.consent_span import ConsentSpan

POOLED_WEEK = timedelta(days=7)
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_MONDAY = 0


@dataclass(frozen=True)
class Membership:
    """Who counts on a day.

    Attributes:
        day: the day.
        groups: references of the groups that count.
        waiting: references of those that wait for a batch.
        changed_on: the last day up to `day` from which a small change holds: a group left, or
            fewer than `MIN_BATCH` joined. None if there was none.
    """

    day: date
    groups: frozenset[str]
    waiting: frozenset[str]
    changed_on: date | None

    @property
    def pooled_only(self) -> bool:
        """Whether the day lies in a week that shows only its pooled value."""
        return self.changed_on is not None and self.day < self.changed_on + POOLED_WEEK

    @property
    def shows_pooled_value(self) -> bool:
        """Whether the day is the last of such a week, the one that shows its pooled value."""
        return self.changed_on is not None and self.day == self.changed_on + POOLED_WEEK - _DAY


def membership(
    spans: Iterable[ConsentSpan],
    closings: Iterable[Closing],
    day: date,
    now: datetime,
    first_scored: Mapping[str, date] | None = None,
) -> Membership:
    """Who counts on `day` if it closes now.

    Args:
        spans: every stretch of consent of the region's groups, in any order.
        closings: the region's closed days, in any order.
        day: the day that closes.
        now: the moment of asking (aware); what is recorded later is not heeded.
        first_scored: for each group the first day that was scored: before, it waits, for a group
            that has sent nothing would hide nobody in a batch. None where the register alone is
            asked.
    """
    latest = _LatestClosed(closings)
    known = [span for span in spans if span.recorded_at <= now]
    # Sorted, so that of two spans from the same day the newer one's terms hold.
    known.sort(key=lambda span: (span.recorded_at, span.valid_until, span.employer_ref))
    stays = _joined([stay for span in known if (stay := _stay(span, latest, now))])
    if first_scored is not None:
        stays = _that_wrote(stays, first_scored)
    first = min((stay.joins for stay in stays), default=day)
    inside: list[_Stay] = []
    outside = sorted(stays, key=lambda stay: (stay.joins, stay.group_ref))
    changed_on = None
    waiting: list[_Stay] = []
    for number in range((day - first).days + 1):
        at = first + number * _DAY
        left = [stay for stay in inside if stay.leaves <= at]
        inside = [stay for stay in inside if stay.leaves > at]
        waiting = [stay for stay in outside if stay.joins <= at < stay.leaves]
        if _may_join(waiting, at, founding=not inside):
            joined = {id(stay) for stay in waiting}
            outside = [stay for stay in outside if id(stay) not in joined]
            inside += waiting
            few = _units(waiting, at) < MIN_BATCH
            waiting = []
        else:
            few = False
        if left or few:
            changed_on = at
    return Membership(
        day,
        frozenset(stay.group_ref for stay in inside),
        frozenset(stay.group_ref for stay in waiting),
        changed_on,
    )


@dataclass(frozen=True)
class _Stay:
    """Spans without a break as the release sees them: `joins` is the first day to wait from."""

    group_ref: str
    joins: date
    leaves: date
    employers: tuple[tuple[date, str], ...]

    def employer(self, day: date) -> str:
        """The employer on a day, for a renewal may name another one from then on."""
        return [ref for since, ref in self.employers if since <= day][-1]


class _LatestClosed:
    """The latest day that had closed at a moment."""

    def __init__(self, closings: Iterable[Closing]) -> None:
        ordered = sorted(closings, key=lambda one: one.closed_at)
        self._moments = [one.closed_at for one in ordered]
        self._latest: list[date] = []
        for one in ordered:
            self._latest.append(max([one.day, *self._latest[-1:]]))

    def at(self, moment: datetime) -> date | None:
        """That day; None if none had closed.

        At the very moment of a closing the day had not: what is recorded then is heeded by it.
        """
        place = bisect_left(self._moments, moment)
        return self._latest[place - 1] if place else None


def _stay(span: ConsentSpan, latest: _LatestClosed, now: datetime) -> _Stay | None:
    """None for a span that ended before it could count on any day."""
    closed = latest.at(span.recorded_at)
    joins = span.valid_from if closed is None else max(span.valid_from, closed + _DAY)
    leaves = span.valid_until + _DAY
    ended_at = min(span.withdrawn_at or span.runs_out_at, span.runs_out_at)
    if ended_at <= now:
        # From the first day that was still open then, for consent is asked again when a day closes.
        closed = latest.at(ended_at)
        leaves = min(leaves, date.min if closed is None else closed + _DAY)
    if joins >= leaves:
        return None
    return _Stay(span.group_ref, joins, leaves, ((joins, span.employer_ref),))


def _joined(stays: Iterable[_Stay]) -> list[_Stay]:
    """Make one of stays of a group between which no day passed: a consent that was renewed."""
    found: dict[str, list[_Stay]] = {}
    for stay in sorted(stays, key=lambda stay: stay.joins):
        of_group = found.setdefault(stay.group_ref, [])
        if of_group and stay.joins <= of_group[-1].leaves:
            before = of_group[-1]
            of_group[-1] = replace(
                before,
                leaves=max(before.leaves, stay.leaves),
                employers=before.employers + stay.employers,
            )
        else:
            of_group.append(stay)
    return [stay for of_group in found.values() for stay in of_group]


def _that_wrote(stays: Iterable[_Stay], first_scored: Mapping[str, date]) -> list[_Stay]:
    later = [
        replace(stay, joins=max(stay.joins, first_scored[stay.group_ref]))
        for stay in stays
        if stay.group_ref in first_scored
    ]
    return [stay for stay in later if stay.joins < stay.leaves]


def _may_join(waiting: Sequence[_Stay], at: date, *, founding: bool) -> bool:
    if founding:
        # Nobody is inside whom the newcomers could be told from, and fewer can't be published.
        return _units(waiting, at) >= MIN_GROUPS
    if not waiting or at.weekday() != _MONDAY:
        return False
    longest = max(at - stay.joins for stay in waiting)
    return _units(waiting, at) >= MIN_BATCH or longest + _WEEK > LONGEST_WAIT


def _units(stays: Iterable[_Stay], day: date) -> int:
    return len({stay.employer(day) for stay in stays})
