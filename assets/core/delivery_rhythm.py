"""How often a group's admin delivers, and how long its days have to stay open for that."""

from enum import StrEnum

SLACK_DAYS = 2
"""A delivery that comes a day late, and the morning on which the day closes."""


class Rhythm(StrEnum):
    """What an admin agreed to."""

    DAILY = "daily"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"

    @property
    def days(self) -> int:
        """Days from one delivery to the next."""
        return {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.FORTNIGHTLY: 14}[self]

    @property
    def least_close_after(self) -> int:
        """The fewest `close_after_days` by which a day waits for the delivery that holds it."""
        return self.days + SLACK_DAYS
