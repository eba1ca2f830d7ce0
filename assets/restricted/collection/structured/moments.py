"""Moments as a region's clock shows them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from assets.core.errors import ExportError
from assets.core.platforms import EARLIEST_ENTRY

EARLIEST = int(EARLIEST_ENTRY.timestamp())
LATEST = 4_102_444_800
HOUR = 3600
MILLI = 1000

_WITHIN = tuple(timedelta(seconds=one) for one in range(HOUR))


class Clock:
    """Gives local times by the second; remembers each hour, for the clock changes between hours.

    Args:
        zone: of the region.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hours: dict[int, datetime] = {}

    def at(self, second: int) -> datetime:
        """The aware local time of a second since 1970 in UTC."""
        return self.all_at([second])[0]

    def all_at(self, seconds: Sequence[int]) -> list[datetime]:
        """The aware local times of seconds since 1970 in UTC."""
        hours = self._hours
        repeated = False
        for hour in {one // HOUR for one in seconds}:
            start = hours.get(hour)
            if start is None:
                start = hours[hour] = datetime.fromtimestamp(hour * HOUR, self._zone)
            repeated = repeated or start.fold == 1
        shown = [hours[one // HOUR] + _WITHIN[one % HOUR] for one in seconds]
        if repeated:
            # A sum is never the second time of an hour that comes twice.
            folds = [hours[one // HOUR].fold for one in seconds]
            shown = [when.replace(fold=fold) for when, fold in zip(shown, folds, strict=True)]
        return shown


def second_of(written: str, zone: ZoneInfo | None = None) -> int:
    """The second of an ISO 8601 time.

    Args:
        written: with an offset, or without one where `zone` is given.
        zone: whose clock shows a time without an offset.

    Raises:
        ExportError: `EXPORT_STRUCTURE_UNKNOWN` for anything else.
    """
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        when = None
    if when is None or (when.tzinfo is None and zone is None):
        raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    return int((when - _START).total_seconds() // 1)


_START = datetime(1970, 1, 1, tzinfo=UTC)
