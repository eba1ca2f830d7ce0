"""Days in England on which people live unlike on the weekday that it is."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays
import numpy as np

_CHRISTMAS = (1222, 103)
_SATURDAY = 5


@dataclass(frozen=True)
class SpecialDays:
    """For each of some days in a row, whether it is one; boolean arrays.

    Attributes:
        bank: a bank holiday in England, outside Christmas.
        eve: the day before one, outside Christmas.
        after: the day after one, outside Christmas.
        christmas: 22 December to 3 January.
        of_year: month x 100 + day, to find the same day of another year.
    """

    bank: np.ndarray
    eve: np.ndarray
    after: np.ndarray
    christmas: np.ndarray
    of_year: np.ndarray


def special_days(first: date, count: int) -> SpecialDays:
    """The special ones among `count` days from `first`."""
    days = [first + timedelta(days=n) for n in range(-1, count + 1)]
    known = np.array([day in _bank_holidays(day.year) for day in days])
    of_year = np.array([day.month * 100 + day.day for day in days[1:-1]])
    christmas = (of_year >= _CHRISTMAS[0]) | (of_year <= _CHRISTMAS[1])
    bank = known[1:-1]
    return SpecialDays(
        bank=bank & ~christmas,
        eve=known[2:] & ~bank & ~christmas,
        after=known[:-2] & ~bank & ~christmas,
        christmas=christmas,
        of_year=of_year,
    )


def bank_holidays(first: date, last: date) -> list[date]:
    """All bank holidays in England from the first to the last day; one on a weekend has another."""
    found = [day for year in range(first.year, last.year + 1) for day in _bank_holidays(year)]
    return sorted(day for day in found if first <= day <= last and day.weekday() < _SATURDAY)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
