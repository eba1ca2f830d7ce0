"""A stretch of consent, as the register tells of it."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class ConsentSpan:
    """One unbroken stretch of a group's consent.

    Attributes:
        group_ref: the group.
        employer_ref: its employer.
        valid_from: first day that may be read.
        valid_until: last day that may be read.
        recorded_at: when it was first recorded (aware).
        withdrawn_at: when it was withdrawn (aware); None if it was not.
        runs_out_at: the end of `valid_until` (aware), after which nothing more is read.
    """

    group_ref: str
    employer_ref: str
    valid_from: date
    valid_until: date
    recorded_at: datetime
    withdrawn_at: datetime | None
    runs_out_at: datetime
