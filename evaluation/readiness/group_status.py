"""Where a region's groups stand today: who counts, who waits and until when, who comes and goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from assets.released.thresholds import LONGEST_WAIT
from assets.restricted.release.membership import membership
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.release.closing import Closing

AHEAD = LONGEST_WAIT + timedelta(weeks=1)
"""How far ahead is looked: by then whoever waits today has joined, where 5 employers are."""

_DAY = timedelta(days=1)
_MONDAY = 0


@dataclass(frozen=True)
class GroupStatus:
    """Employers of a region's groups, one entry for each group.

    Attributes:
        counted: of groups that count today.
        waiting: of groups that wait for a batch.
        later: of groups whose consent begins after today.
        ending: how many of those that count today will have left when `AHEAD` is over.
        joining_on: the first day on which one of those that wait or come later will count, as the
            register stands; None if none will.
    """

    counted: tuple[str, ...]
    waiting: tuple[str, ...]
    later: tuple[str, ...]
    ending: int
    joining_on: date | None

    @property
    def consented(self) -> tuple[str, ...]:
        """Of all groups that count, wait or come."""
        return self.counted + self.waiting + self.later


def group_status(
    spans: Sequence[ConsentSpan], closings: Sequence[Closing], today: date, now: datetime
) -> GroupStatus:
    """Where the groups stand, by the rules of admission.

    Args:
        spans: every stretch of consent of the region's groups.
        closings: the region's closed days.
        today: the day now.
        now: the moment (aware).
    """
    employer_of = {span.group_ref: span.employer_ref for span in spans}
    at_present = membership(spans, closings, today, now)
    known = at_present.groups | at_present.waiting
    later = {
        span.group_ref
        for span in spans
        if span.withdrawn_at is None and span.valid_from > today and span.group_ref not in known
    }
    to_come = at_present.waiting | later
    days = [today + number * _DAY for number in range(1, AHEAD.days + 1)] if to_come else []
    starts = {span.valid_from for span in spans}
    joining_on = next(
        (
            day
            for day in days
            # Groups join on Mondays, and a region's first ones as soon as there are enough.
            if (day.weekday() == _MONDAY or day in starts)
            and membership(spans, closings, day, now).groups & to_come
        ),
        None,
    )
    afterwards = membership(spans, closings, today + AHEAD, now).groups
    return GroupStatus(
        *(
            tuple(employer_of[ref] for ref in sorted(refs))
            for refs in (at_present.groups, at_present.waiting, later)
        ),
        ending=len(at_present.groups - afterwards),
        joining_on=joining_on,
    )
