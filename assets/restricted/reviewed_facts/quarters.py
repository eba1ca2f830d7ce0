"""Calendar quarters: which have ended, and what may be told of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from assets.core.london_time import LONDON
from assets.released.reviewed_facts import NONE, SOME, WITHDRAWAL_BANDS
from resources.stores.reviewed.fact_book import QuarterCounts

NOISE_SCALE = 2
"""Of the discrete Laplace noise on a quarter's withdrawals: epsilon 0.5 for one of them."""


@dataclass(frozen=True)
class CalendarQuarter:
    """A quarter of a year, in London.

    Attributes:
        name: such as `2026-Q3`.
        begin: its first moment (aware).
        end: the first moment after it (aware).
    """

    name: str
    begin: datetime
    end: datetime


def ended(first_day: date, now: datetime) -> Iterator[CalendarQuarter]:
    """The quarters that have ended, from the one of a home's first day on.

    Args:
        first_day: of the home.
        now: the moment (aware).
    """
    year, quarter = first_day.year, (first_day.month - 1) // 3
    while True:
        after = (year + 1, 0) if quarter == 3 else (year, quarter + 1)  # noqa: PLR2004
        begin, end = _midnight(year, quarter), _midnight(*after)
        if end > now:
            return
        yield CalendarQuarter(f"{year}-Q{quarter + 1}", begin, end)
        year, quarter = after


def told(counts: QuarterCounts) -> dict[str, Any]:
    """What may be told of a quarter: withdrawals as a band of a noisy count.

    Noise comes before the band, so that no single withdrawal moves one for certain; nothing is
    told of objections, not even a band. Of incidents only whether there was any: one may be about a
    single person.
    """
    noisy = max(0, _noise()(counts.withdrawals))
    band = max(least for least in WITHDRAWAL_BANDS if least <= noisy)
    return {
        "withdrawals": WITHDRAWAL_BANDS[band],
        "incidents": SOME if counts.incidents else NONE,
        "regulator_told": SOME if counts.regulator_told else NONE,
    }


def _midnight(year: int, quarter: int) -> datetime:
    return datetime.combine(date(year, 3 * quarter + 1, 1), time(), LONDON)


@cache
def _noise() -> Any:
    # Slow to load, and Dagster loads this module to list the assets.
    import opendp.prelude  # noqa: PLC0415

    dp: Any = opendp.prelude
    dp.enable_features("contrib")
    return dp.m.make_laplace(dp.atom_domain(T="i64"), dp.absolute_distance(T="i64"), NOISE_SCALE)
