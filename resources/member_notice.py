"""A telling of the members, as the register keeps it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class MemberNotice:
    """One telling of the members.

    Attributes:
        informed_on: the day on which the members were told.
        original: True for the notice of the group's first consent.
    """

    informed_on: date
    original: bool = False
