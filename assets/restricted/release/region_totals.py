"""What the groups of a region add up to on one day, and whether that may be released."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from assets.released.method import SUM_SENSITIVITY_MILLI
from assets.released.thresholds import MIN_GROUPS, MOST_OF_LARGEST_PERCENT, MOST_OF_TOP_TWO_PERCENT

MOST_PERSON_DAYS = 10_000
"""Far above any chat group's members; more can only be a defect."""


@dataclass(frozen=True)
class GroupSums:
    """What one group adds on one day.

    Attributes:
        group_ref: random reference of the group.
        employer_ref: random reference of its employer.
        person_days: people who wrote, from 1.
        sums_milli: for each construct the sum over them of round(1000 * score) - 500.
    """

    group_ref: str
    employer_ref: str
    person_days: int = field(repr=False)
    sums_milli: Mapping[str, int] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what those people can't add up to: the clipping upstream is what noise covers.

        Raises:
            ReleaseError: `SUM_OUT_OF_RANGE`.
        """
        if set(self.sums_milli) != set(CONSTRUCTS):
            raise ReleaseError("SUM_OUT_OF_RANGE")
        numbers = (self.person_days, *self.sums_milli.values())
        if any(isinstance(one, bool) or not isinstance(one, int) for one in numbers):
            raise ReleaseError("SUM_OUT_OF_RANGE")
        most = SUM_SENSITIVITY_MILLI * self.person_days
        if not 1 <= self.person_days <= MOST_PERSON_DAYS or any(
            abs(one) > most for one in self.sums_milli.values()
        ):
            raise ReleaseError("SUM_OUT_OF_RANGE")


@dataclass(frozen=True)
class RegionTotals:
    """Exact totals of a region-day; they exist in memory only, until noise is added."""

    person_days: int = field(repr=False)
    sums_milli: Mapping[str, int] = field(repr=False)


def region_totals(groups: Sequence[GroupSums]) -> RegionTotals:
    """Add the groups' sums.

    Raises:
        ReleaseError: `GROUP_TWICE` if a group is there more than once.
    """
    if len({one.group_ref for one in groups}) != len(groups):
        raise ReleaseError("GROUP_TWICE")
    return RegionTotals(
        sum(one.person_days for one in groups),
        {name: sum(one.sums_milli[name] for one in groups) for name in CONSTRUCTS},
    )


class Contribution(Protocol):
    """What a group adds, as far as the tests ask."""

    @property
    def employer_ref(self) -> str:
        """Random reference of its employer."""
        ...

    @property
    def person_days(self) -> int:
        """People who are in it, each once for a day, or for an answer."""
        ...


def suppression(groups: Sequence[Contribution]) -> str | None:
    """Why nothing of a region-day may be drawn, as a restricted code; None if it may.

    Groups of one employer are one group here.
    """
    of_employer: Counter[str] = Counter()
    for one in groups:
        of_employer[one.employer_ref] += one.person_days
    if len(of_employer) < MIN_GROUPS:
        return "TOO_FEW_GROUPS"
    (_, first), (_, second) = of_employer.most_common(2)
    people = of_employer.total()
    if 100 * first > MOST_OF_LARGEST_PERCENT * people:
        return "LARGEST_TOO_LARGE"
    if 100 * (first + second) > MOST_OF_TOP_TWO_PERCENT * people:
        return "TOP_TWO_TOO_LARGE"
    return None
