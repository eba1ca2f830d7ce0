"""A telling of the members, as the register keeps it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class MemberNotice:
    """One telling of the members.

    Attributes:
        informed_on: the day on which the members were told.
        cools_off: whether they have the cooling-off days before they are read; False for the first
            notice of a group whose consent an earlier version recorded.
    """

    informed_on: date
    cools_off: bool = True
