"""When a line can first have a value, told from the register by the rules of a release.

A day's own value needs enough groups that count and no week in which groups came or went; a line's
value needs enough such days among its last ones. The numbers of people can't be known beforehand,
so this is the earliest day, on which a line has its value if every day until then has one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from assets.released.thresholds import MIN_GROUPS
from assets.restricted.release.membership import membership
from evaluation.readiness.group_status import AHEAD
from evaluation.readiness.publishable import PublishableLine
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.release.closing import Closing

HORIZON = AHEAD + timedelta(weeks=8)
"""How far ahead is looked: whoever waits has joined, and four weeks have filled twice."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class FirstValue:
    """The earliest a line can show something.

    Attributes:
        counts_on: the first open day on which enough groups of different employers count and no
            group came or went in its week; None if there is none up to `until`.
        value_on: the first open day of which the line can have a value, likewise.
        until: the last day that was looked at.
    """

    counts_on: date | None
    value_on: date | None
    until: date


def first_value(
    spans: Sequence[ConsentSpan],
    closings: Sequence[Closing],
    published: Collection[date],
    line: PublishableLine,
    first_day: date,
    now: datetime,
    today: date,
) -> FirstValue:
    """When the line can first have a value on a day that has not closed yet.

    Args:
        spans: every stretch of consent of the region's groups.
        closings: the region's closed days.
        published: those of them that have a value of their own.
        line: which line.
        first_day: the first day that could still close.
        now: the moment (aware).
        today: the day now.
    """
    until = today + HORIZON
    employer_of = {span.group_ref: span.employer_ref for span in spans}
    with_value = set(published)
    closed = {one.day for one in closings}
    counts_on = value_on = None
    # A region without groups is not looked through day by day.
    day = max(first_day, min((span.valid_from for span in spans), default=until + _DAY))
    while day <= until and value_on is None:
        if day not in closed:
            counted = membership(spans, closings, day, now)
            employers = {employer_of[ref] for ref in counted.groups}
            if len(employers) >= MIN_GROUPS and not counted.pooled_only:
                counts_on = counts_on or day
                with_value.add(day)
                window = (day - number * _DAY for number in range(line.days))
                if sum(one in with_value for one in window) >= line.least_days:
                    value_on = day
        day += _DAY
    return FirstValue(counts_on, value_on, until)


def simulated_spans(groups: int, today: date, now: datetime) -> list[ConsentSpan]:
    """Consents of groups that might be: each of an employer of its own, a year from today on.

    Args:
        groups: how many.
        today: the day now.
        now: the moment (aware).
    """
    until = today + timedelta(days=365)
    runs_out = now + timedelta(days=366)
    return [
        ConsentSpan(f"what if {n}", f"what if {n}", today, until, now, None, runs_out)
        for n in range(groups)
    ]
