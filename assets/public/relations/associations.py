"""The one entry: published values in, lagged associations of a region or the reason for none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Literal

import pandas as pd

from assets.core.constructs import CONSTRUCTS
from assets.public.relations.lagged import LAGS, lagged, pairs_at
from assets.public.relations.release_noise import FEWEST
from assets.public.relations.slow_trend import without_trend
from assets.public.relations.weekly_means import WeeklyMeans, segments

MIN_WEEKS = 26
"""Weeks that a segment needs."""

MIN_PAIRS = MIN_WEEKS - max(LAGS)
"""Pairs of weeks that a lag needs: what the shortest segment without a gap has at the last lag."""

MIN_SIGNAL_SHARE = 0.4
"""Share of a course's variance that must not be noise, were its people as few as they may be."""

WORDS = "association among groups, not persons"
Reason = Literal["too_few_weeks", "noise_dominates"]


@dataclass(frozen=True)
class Association:
    """How one construct goes with another some weeks later, among a region's groups.

    Attributes:
        first: a construct.
        second: another.
        lag: weeks by which `second` follows `first`; negative where it goes before.
        weeks: pairs of weeks compared.
        association: correlation of weekly means without slow trend and known noise, in [-1, 1].
        lo95: lower end of its interval; all of a region, but for lag 0, hold together 95 times
            of 100.
        hi95: upper end.
        adjusted_p: chance that unrelated courses show one so large at any of the 27 looks. None
            at lag 0: the same people write of both in one week, so what chance alone gives is not
            known.
        reason: why there is none of these; else None.
    """

    first: str
    second: str
    lag: int
    weeks: int
    association: float | None = None
    lo95: float | None = None
    hi95: float | None = None
    adjusted_p: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True)
class Relations:
    """Associations of one region.

    Attributes:
        region: the region.
        method_version: the release method of the segment used; None if there is none.
        first_week: Monday of its first week.
        last_week: Monday of its last week.
        weeks: weeks in it that have a value.
        rows: every pair of constructs at every lag of -4 to 4 weeks.
    """

    region: str
    method_version: str | None
    first_week: date | None
    last_week: date | None
    weeks: int
    rows: tuple[Association, ...]


def relate(published: pd.DataFrame, region: str) -> Relations:
    """Associate the constructs' published series of one region, at no budget.

    It reads the newest segment of one release method that is long enough. What people share who
    write of two constructs in the same week is not corrected for: it is part of lag 0.

    Args:
        published: as `PublishedValues.read` gives it, in any order.
        region: the region; one without rows has too few weeks.

    Returns:
        27 rows, the same for the same values.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
        ReleaseError: `BUDGET_NOT_DIVISIBLE`.
    """
    found = segments(published, region)
    longest = max((one.weeks for one in found), default=0)
    used = next(
        (one for one in reversed(found) if one.weeks >= min(longest, MIN_WEEKS)),
        None,
    )
    if used is None:
        return Relations(region, None, None, None, 0, _refused(0))
    return Relations(
        region,
        used.method_version,
        used.mondays[0],
        used.mondays[-1],
        used.weeks,
        _refused(used.weeks) if used.weeks < MIN_WEEKS else tuple(_associations(used)),
    )


def _pairs() -> list[tuple[int, int]]:
    return list(combinations(range(len(CONSTRUCTS)), 2))


def _refused(weeks: int) -> tuple[Association, ...]:
    return tuple(
        Association(
            CONSTRUCTS[one],
            CONSTRUCTS[other],
            lag,
            max(0, weeks - abs(lag)),
            reason="too_few_weeks",
        )
        for one, other in _pairs()
        for lag in LAGS
    )


def _associations(means: WeeklyMeans) -> Iterator[Association]:
    courses = [
        without_trend(values, means.noise(place, place))
        for place, values in enumerate(means.values)
    ]
    for one, other in _pairs():
        noisy = any(
            courses[place].signal_shares[FEWEST] < MIN_SIGNAL_SHARE for place in (one, other)
        )
        for lag in LAGS:
            weeks = pairs_at(courses[one], courses[other], lag)
            reason: Reason | None = None
            if weeks < MIN_PAIRS:
                reason = "too_few_weeks"
            elif noisy:
                reason = "noise_dominates"
            row = Association(CONSTRUCTS[one], CONSTRUCTS[other], lag, weeks, reason=reason)
            if reason is None:
                found = lagged(courses[one], courses[other], means.noise(one, other), lag)
                row = replace(
                    row,
                    association=found.association,
                    lo95=found.lo95,
                    hi95=found.hi95,
                    adjusted_p=found.adjusted_p if lag else None,
                )
            yield row
