"""Whether this machine's clock and the platform's agree: whether a day is over that seems so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from assets.core.errors import ConnectorError

MAY_DIFFER = timedelta(seconds=90)
"""Less than any connector waits after a day's end."""


def require_same_clock(
    written: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """Refuse an answer whose moment is not that of this machine.

    By a clock that is ahead a day would be supplied before it is over, and by one that is behind
    its first hours would be left out; both without a word.

    Args:
        written: the `Date` of an answer (RFC 9110, 6.6.1); one that tells nothing is let pass.
        now: the moment (aware) by this machine.

    Raises:
        ConnectorError: `CONNECTOR_CLOCK_WRONG`.
    """
    try:
        told = parsedate_to_datetime(written or "")
    except (TypeError, ValueError, OverflowError):
        return
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    if abs(now() - told) > MAY_DIFFER:
        raise ConnectorError("CONNECTOR_CLOCK_WRONG")
