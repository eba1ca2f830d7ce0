"""From which day a sender may be read, by the notices that the group was given."""

from collections.abc import Sequence
from datetime import date, timedelta

from resources.stores.consent.member_notice import MemberNotice


def readable_from(
    first_seen: date, notices: Sequence[MemberNotice], cooling_off: timedelta
) -> date | None:
    """The first day whose messages of a sender may be read; None until a further notice.

    Whoever was seen on or before the day of a notice was told by it, and may be read from the end
    of its cooling-off days. The first notice of a consent that an earlier version recorded counts
    from its own day.

    Args:
        first_seen: day of the sender's first entry in any export read so far.
        notices: of the group, in any order.
        cooling_off: whole days in which members may object before they are read.
    """
    return min(
        (
            one.informed_on + cooling_off if one.cools_off else one.informed_on
            for one in notices
            if first_seen <= one.informed_on
        ),
        default=None,
    )
