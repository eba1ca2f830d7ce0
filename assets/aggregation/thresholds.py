"""What a region-day must hold before its values are released.

All but `MIN_PEOPLE` are tested on exact numbers, so that a day is published or not is itself not
protected by noise (`assets.aggregation.not_protected`).
"""

from datetime import timedelta

MIN_GROUPS = 5
"""Groups that must contribute; groups of one employer count as one."""

MIN_PEOPLE = 30
"""What the noisy count of person-days must reach."""

MOST_OF_LARGEST_PERCENT = 50
"""Most of the person-days that may come from the largest group, or employer."""

MOST_OF_TOP_TWO_PERCENT = 75
"""Most of the person-days that may come from the two largest."""

MIN_DAYS_FOR_VALUE_7D = 4
"""Published days that the seven-day value needs among the last seven."""

MIN_DAYS_FOR_VALUE_28D = 12
"""Published days that the four-week value needs among the last 28."""

MIN_BATCH = 3
"""Groups that join together; groups of one employer count as one."""

LONGEST_WAIT = timedelta(weeks=8)
"""After this a group joins, also without others."""
