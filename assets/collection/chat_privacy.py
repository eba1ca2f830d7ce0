"""WhatsApp's "advanced chat privacy": members who turn it on ask that the chat isn't exported."""

from collections.abc import Iterable
from datetime import date, datetime

from assets.governance.london_time import LONDON


def stopped_from(turned_on: Iterable[datetime], consented_at: datetime) -> date | None:
    """The first day that may not be read because the setting was turned on; None if none.

    Args:
        turned_on: when the group's exports say that it was turned on (aware).
        consented_at: since when such a notice counts (aware): the consent or its last renewal.
    """
    first = min((at for at in turned_on if at >= consented_at), default=None)
    return None if first is None else first.astimezone(LONDON).date()
