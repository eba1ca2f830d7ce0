"""Which groups' exports are due: days that close soon, and that no export of theirs holds yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from resources.stores.inbox.coverage import end_of

REMIND_BEFORE_DAYS = 2
"""How many days before a day closes people are told, and every day from then on."""


@dataclass(frozen=True)
class DeliveryDue:
    """One group whose export is due.

    Attributes:
        group_ref: the group.
        region: its region.
        days: open days that no export of it holds.
        closes_on: when the first of them closes.
    """

    group_ref: str
    region: str
    days: int
    closes_on: date


def delivery_due(
    group_ref: str,
    region: str,
    covered: Sequence[date],
    settled: Collection[date],
    arrivals: Sequence[datetime],
    today: date,
    close_after_days: int,
) -> DeliveryDue | None:
    """What is due of one group; None where nothing closes soon.

    Args:
        group_ref: the group.
        region: its region.
        covered: open days, all over, on which it may be read, in order.
        settled: those of them that were scored.
        arrivals: when the group's exports came that are in the inbox (aware); names tell it.
        today: the day now.
        close_after_days: as in `home.yaml`.
    """
    newest = max(arrivals, default=None)
    missing = [
        day for day in covered if day not in settled and (newest is None or newest < end_of(day))
    ]
    if not missing:
        return None
    closes_on = missing[0] + timedelta(days=close_after_days)
    if (closes_on - today).days > REMIND_BEFORE_DAYS:
        return None
    return DeliveryDue(group_ref, region, len(missing), closes_on)
