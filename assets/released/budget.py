"""Caps on what a region may spend, by month and year of the data day, in whole micro-rho.

They hold over all methods and revisions together: no change of method opens new budget. The pulse
has caps of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assets.released.method import PULSE_1

MONTH_CAP = 31 * 50_000
YEAR_CAP = 366 * 50_000
"""A full draw on each day of the longest month, and of the longest year."""


@dataclass(frozen=True)
class Caps:
    """The most that a region may spend, in micro-rho.

    Attributes:
        in_month: by month of the data day.
        in_year: by its year.
    """

    in_month: int
    in_year: int


OF_RELEASE = Caps(MONTH_CAP, YEAR_CAP)
OF_PULSE = Caps(3 * PULSE_1.micro_rho, 27 * PULSE_1.micro_rho)
"""A draw for each fortnight that can end in one month, or year. It is beside the release's: what a
person answers is another thing than what they write."""


def caps_of(method_version: str) -> Caps:
    """The caps that a draw by a method counts under."""
    return OF_PULSE if method_version == PULSE_1.version else OF_RELEASE


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

    def allows(self, micro_rho: int, caps: Caps = OF_RELEASE) -> bool:
        """Whether both caps leave room for a draw."""
        return (
            self.in_month + micro_rho <= caps.in_month and self.in_year + micro_rho <= caps.in_year
        )


def spent(debits: Iterable[Debit], day: date) -> Spent:
    """Add up the debits of the data day's month and year."""
    of_year = [one for one in debits if one.day.year == day.year]
    return Spent(
        sum(one.micro_rho for one in of_year if one.day.month == day.month),
        sum(one.micro_rho for one in of_year),
    )
