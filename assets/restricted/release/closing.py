"""When a region-day may close."""

from datetime import date, timedelta


def may_close(day: date, today: date, close_after_days: int) -> bool:
    """Whether a region-day may close: `close_after_days` after the day, or later."""
    return today >= day + timedelta(days=close_after_days)
