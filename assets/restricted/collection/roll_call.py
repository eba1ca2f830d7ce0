"""Who writes in an export, since when, and what they say about being read."""

from collections.abc import Iterable
from datetime import date

from assets.restricted.collection.export import Message
from assets.restricted.consent.sentences import said
from resources.stores.members.member_events import RollCall, Saying

_TYPED = frozenset({"speech", "edited"})


def roll_call(
    messages: Iterable[Message],
    *,
    told_on: date,
    opt_in_group: bool,
    before: RollCall | None = None,
) -> RollCall:
    """Go through an export once, reading no text but to compare it with the two sentences.

    Args:
        messages: of one export, in any order.
        told_on: day of the group's first notice; an opt-in from before it tells of nothing.
        opt_in_group: whether only listed members are read.
        before: of the export's messages that are not among these.
    """
    first_day = dict(before.first_day) if before else {}
    sayings = list(before.sayings) if before else []
    for one in messages:
        if one.doubtful or one.unnamed:
            # Its author and day may be those of a quoted header, or its author is a label: "You"
            # is a different person in each member's export.
            continue
        day = one.sent_at.date()
        known = first_day.get(one.author)
        if known is None or day < known:
            first_day[one.author] = day
        if one.kind in _TYPED:
            saying = said(one.text, opt_in_group=opt_in_group)
            if saying is not None and (saying is not Saying.OPTED_IN or day >= told_on):
                sayings.append((one.author, saying, day))
    return RollCall(first_day, tuple(sayings))
