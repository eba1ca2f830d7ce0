"""Caps on what a region may spend, by month and year of the data day, in whole micro-rho.

They hold over all methods and revisions together: no change of method opens new budget.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

MONTH_CAP = 31 * 50_000
YEAR_CAP = 366 * 50_000
"""A full draw on each day of the longest month, and of the longest year."""


@dataclass(frozen=True)
class Debit:
    """Budget taken for one draw of a data day."""

    day: date
    micro_rho: int


@dataclass(frozen=True)
class Spent:
    """What a region has spent in the month and the year of a data day."""

    in_month: int
    in_year: int

    def allows(self, micro_rho: int) -> bool:
        """Whether both caps leave room for a draw."""
        return self.in_month + micro_rho <= MONTH_CAP and self.in_year + micro_rho <= YEAR_CAP


def spent(debits: Iterable[Debit], day: date) -> Spent:
    """Add up the debits of the data day's month and year."""
    of_year = [one for one in debits if one.day.year == day.year]
    return Spent(
        sum(one.micro_rho for one in of_year if one.day.month == day.month),
        sum(one.micro_rho for one in of_year),
    )
