"""Fortnights: blocks of 14 days from a Monday, the same for everybody."""

from dataclasses import dataclass
from datetime import date, timedelta

DAYS = 14
_ANCHOR = date(2026, 1, 5)
"""A Monday; which one is a convention, and never changed."""


@dataclass(frozen=True, order=True)
class Fortnight:
    """One fortnight.

    Attributes:
        first: its first day, a Monday.
    """

    first: date

    @classmethod
    def of(cls, day: date) -> "Fortnight":
        """The fortnight that a day lies in."""
        return cls(day - timedelta(days=(day - _ANCHOR).days % DAYS))

    @property
    def last(self) -> date:
        """Its last day, a Sunday."""
        return self.first + timedelta(days=DAYS - 1)

    def is_due(self, today: date, close_after_days: int) -> bool:
        """Whether its answers may be combined: so long after its end as region-days close."""
        return today >= self.last + timedelta(days=close_after_days)
