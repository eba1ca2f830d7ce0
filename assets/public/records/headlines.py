"""The pooled value that a region's line shows, and how far back it is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assets.released.thresholds import MIN_DAYS_FOR_VALUE_7D, MIN_DAYS_FOR_VALUE_28D

HeadlineColumn = Literal["value_7d", "value_28d"]


@dataclass(frozen=True)
class Headline:
    """One pooled value and its words.

    Attributes:
        column: the published column.
        name: as it is called on the page.
        days: days that it pools.
        least_days: published days that it needs among them.
        compared_days: how many days lie between two values that are compared; never fewer than
            `days`, so that the two have no day in common.
        ago: those days in words.
    """

    column: HeadlineColumn
    name: str
    days: int
    least_days: int
    compared_days: int
    ago: str

    @property
    def error_column(self) -> str:
        """The published column of its standard error."""
        return self.column.replace("value", "standard_error")

    @property
    def change_column(self) -> str:
        """The published column of its smallest detectable change."""
        return self.column.replace("value", "detectable_change")


HEADLINES: Mapping[str, Headline] = {
    one.column: one
    for one in (
        Headline(
            "value_7d",
            "7-day mean",
            7,
            MIN_DAYS_FOR_VALUE_7D,
            28,
            "four weeks",
        ),
        Headline(
            "value_28d",
            "4-week mean",
            28,
            MIN_DAYS_FOR_VALUE_28D,
            56,
            "eight weeks",
        ),
    )
}
DEFAULT = HEADLINES["value_7d"]
