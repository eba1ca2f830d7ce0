"""What the database holds of each region-day after scrubbing, as the web UI shows it.

Of group-days alone: how many messages were read, kept or set apart, or that a day was read again,
would tell that somebody objected (docs/decisions/0032-what-nobody-proved.md).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from assets.core.partition_events import RegionDay
from resources.stores.vectors.scrub_records import ScrubRecords
from resources.stores.vectors.vector_store import VectorStore


def stored_figures(
    records: ScrubRecords, store: VectorStore, asked: Mapping[str, Sequence[date]]
) -> dict[RegionDay, Counter[str]]:
    """Counts of each region-day, whichever runs they come from.

    Args:
        records: verdicts of the gate; the newest of each group-day counts.
        store: vectors, destroyed ones included.
        asked: days by region.
    """
    found = {(region, day): Counter[str]() for region, days in asked.items() for day in days}
    for region, days in asked.items():
        for verdict in records.newest_verdicts(region, days):
            found[region, verdict.day]["group_days_refused"] += int(not verdict.passed)
        for one in store.find(region, days):
            found[region, one.day]["group_days"] += 1
    return found
