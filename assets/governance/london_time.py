"""The time that the study lives by."""

from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
"""A day is a day in London; one of them has 23 hours, another 25."""
