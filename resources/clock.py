"""The time, from outside: tests put another clock in its place."""

from datetime import UTC, date, datetime

from assets.governance.london_time import LONDON


class Clock:
    """The system clock; days are days in London."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The day in London."""
        return self.now().astimezone(LONDON).date()
