"""From the sums of groups to the value of a region-day. Pure integer sums, one division."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assets.aggregation.thresholds import (
    MIN_DAYS_FOR_VALUE_7D,
    MIN_GROUPS,
    MIN_PERSON_DAYS,
)
from assets.governance.errors import ReleaseError

HALF_SCALE_MILLI = 500
"""Each person-day adds round(1000 * score) - 500, so sums are centred on the scale's middle."""


@dataclass(frozen=True)
class GroupSum:
    """What one group adds to one construct.

    Attributes:
        person_days: people who wrote, at least 1.
        sum_milli: sum over them of round(1000 * score) - 500.
    """

    person_days: int = field(repr=False)
    sum_milli: int = field(repr=False)

    def __post_init__(self) -> None:
        if self.person_days < 1 or abs(self.sum_milli) > HALF_SCALE_MILLI * self.person_days:
            raise ReleaseError("SUM_OUT_OF_RANGE")


@dataclass(frozen=True)
class RegionSum:
    """Totals of one construct in one region-day."""

    person_days: int = field(repr=False)
    sum_milli: int = field(repr=False)


def add_up(groups: Mapping[str, GroupSum]) -> RegionSum:
    """Add the groups' sums."""
    return RegionSum(
        sum(one.person_days for one in groups.values()),
        sum(one.sum_milli for one in groups.values()),
    )


def suppression(groups: Mapping[str, GroupSum]) -> str | None:
    """Why a region-day may not be published, as a restricted code; None if it may."""
    if len(groups) < MIN_GROUPS:
        return "TOO_FEW_GROUPS"
    if add_up(groups).person_days < MIN_PERSON_DAYS:
        return "TOO_FEW_PEOPLE"
    return None


def mean_score(sums: Sequence[RegionSum]) -> float:
    """Mean of all person-days in these sums, in [0, 1]."""
    people = sum(one.person_days for one in sums)
    return (sum(one.sum_milli for one in sums) / people + HALF_SCALE_MILLI) / 1000


def value_7d(published: Sequence[RegionSum]) -> float | None:
    """The seven-day value from the sums of the days published among D-6..D, D last.

    None with fewer than `MIN_DAYS_FOR_VALUE_7D` of them.
    """
    return mean_score(published) if len(published) >= MIN_DAYS_FOR_VALUE_7D else None
