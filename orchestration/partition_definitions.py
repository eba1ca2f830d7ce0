"""Region-days: the partitions of everything up to the forecast."""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from orchestration.partitions import TIMEZONE


def region_day_partitions(first_day: date, regions: Sequence[str]) -> dg.MultiPartitionsDefinition:
    """Every day from `first_day` to yesterday, in every region."""
    return dg.MultiPartitionsDefinition(
        {
            "day": dg.DailyPartitionsDefinition(first_day.isoformat(), timezone=TIMEZONE),
            "region": dg.StaticPartitionsDefinition(list(regions)),
        }
    )
