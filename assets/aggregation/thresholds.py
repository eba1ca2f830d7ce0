"""What a region-day must hold before its values are released (issue 2: thresholds only).

These alone don't protect a group that joins or leaves, which is why only made-up data may be
released by them (`RELEASE_NEEDS_NOISE`).
"""

MIN_GROUPS = 5
"""Groups that must contribute."""

MIN_PERSON_DAYS = 30
"""People, each counted once in each group, who must contribute."""

PERSON_DAY_SD = 0.25
"""Spread of person-day scores assumed for the standard error: half the widest for a rate at 0.5."""

STANDARD_ERROR = PERSON_DAY_SD / MIN_PERSON_DAYS**0.5
"""Standard error stated with every value: a bound from public constants, never from data."""

MIN_DAYS_FOR_VALUE_7D = 4
"""Published days that the seven-day value needs among the last seven."""

METHOD_VERSION = "thresholds-1"
"""Names the release method; a change of method is a new version beside the old."""
