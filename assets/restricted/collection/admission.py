"""Which messages of an export may be read at all: decided before anything else is done to them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from msgspec import structs

from assets.restricted.collection.copied_posts import CopiedPosts, is_bot
from assets.restricted.collection.day_figures import DayFigures
from assets.restricted.collection.export import Message
from assets.restricted.collection.names_cut import NamesCut
from assets.restricted.consent.notices_to_members import readable_from
from assets.restricted.consent.objections import Standing, standing
from resources.stores.consent.member_notice import MemberNotice
from resources.stores.members.marks import Marker, Marks
from resources.stores.members.member_events import MemberEvent


class SetApart(StrEnum):
    """Why a message is not read. No run tells how many: who objects is missing in all counts."""

    OBJECTED = "objected"
    NOT_YET_INFORMED = "not_yet_informed"
    NOT_OPTED_IN = "not_opted_in"
    DOUBTFUL = "doubtful"
    UNNAMED = "unnamed"
    COPIED = "copied"
    FROM_BOTS = "from_bots"


@dataclass(frozen=True)
class GroupRules:
    """What decides over the members of one group at one reading.

    Attributes:
        opt_in: True if only listed members are read, False if all but objecting ones are.
        notices: that the group was given.
        cooling_off: whole days after a further notice.
        events: what members have said, in the order of recording.
        seen: day on which a sender was first seen, by the marker's digest of the sender.
        told: day of the notice of which a sender was told, of those recorded by name, by the same.
    """

    opt_in: bool
    notices: tuple[MemberNotice, ...]
    cooling_off: timedelta
    events: Sequence[MemberEvent]
    seen: Mapping[str, date] = field(repr=False)
    told: Mapping[str, date] = field(repr=False)


@dataclass(frozen=True)
class Admission:
    """The senders of one export, and from which day each may be read.

    Attributes:
        readable_from: by sender as written; only those who may be read at all. Never shown.
        refused: why not, for the others. Never shown.
        standing: how senders match what was said.
        names: cuts the names of those who are not read.
    """

    readable_from: Mapping[str, date] = field(repr=False)
    refused: Mapping[str, SetApart] = field(repr=False)
    standing: Standing
    names: NamesCut = field(repr=False)


@dataclass(frozen=True)
class Admitted:
    """What may be read of one export.

    Attributes:
        messages: speech of the wanted days.
        set_apart: messages of the wanted days that may not be read, by reason.
        figures: numbers by day, of all days of the consent.
    """

    messages: tuple[Message, ...] = field(repr=False)
    set_apart: Counter[SetApart]
    figures: DayFigures


def admission(
    first_day: Mapping[str, date],
    rules: GroupRules,
    marker: Marker,
    *,
    spared: Collection[str] = (),
) -> Admission:
    """Decide for each sender of an export.

    Args:
        first_day: day of each sender's first entry in the export, by sender as written.
        rules: of the group.
        marker: of the group.
        spared: folded words that are never cut as a part of a name.
    """
    senders = {sender: marker.marks_of(sender) for sender in first_day}
    stands = standing(senders, rules.events)
    readable: dict[str, date] = {}
    refused: dict[str, SetApart] = {}
    for sender, day in first_day.items():
        who = marker.sender(sender)
        seen = min(day, rules.seen.get(who, day), rules.told.get(who, day))
        start = readable_from(seen, rules.notices, rules.cooling_off)
        if is_bot(sender):
            refused[sender] = SetApart.FROM_BOTS
        elif sender in stands.objected:
            refused[sender] = SetApart.OBJECTED
        elif sender in stands.opted_in:
            # Whoever opts in has been told.
            readable[sender] = date.min
        elif rules.opt_in:
            refused[sender] = SetApart.NOT_OPTED_IN
        elif start is None:
            refused[sender] = SetApart.NOT_YET_INFORMED
        else:
            readable[sender] = start
    people = [senders[one] for one, why in refused.items() if why is not SetApart.FROM_BOTS]
    names = NamesCut(
        marker,
        [*people, *stands.objections],
        kept=_marks(senders, readable) if rules.opt_in else None,
        spared=spared,
    )
    return Admission(readable, refused, stands, names)


def admitted(
    messages: Iterable[Message],
    decided: Admission,
    *,
    wanted: Collection[date],
    covered: tuple[date, date],
    copies: CopiedPosts | None = None,
    figures: DayFigures | None = None,
) -> Admitted:
    """The messages of the wanted days that may be read, without the names of who may not be.

    Args:
        messages: of one export, in any order.
        decided: over its senders.
        wanted: days to read.
        covered: first and last day of the consent; no text of other days is looked at, not even
            for copies.
        copies: notes posts, and may know of others.
        figures: counts them, and may have counted others.
    """
    set_apart: Counter[SetApart] = Counter()
    copies, figures = copies or CopiedPosts(), figures or DayFigures()
    kept: list[tuple[Message, int | None]] = []
    first, last = covered
    for one in messages:
        day = one.sent_at.date()
        if one.kind != "speech" or not first <= day <= last:
            continue
        is_wanted = day in wanted
        why = _why_not(one, day, decided)
        if why is not None:
            set_apart[why] += is_wanted
            continue
        figures.note(day, one.text)
        key = copies.note(one.author, one.text)
        if is_wanted:
            kept.append((one, key))
    own = [one for one, key in kept if not copies.copied(key)]
    if len(own) < len(kept):
        set_apart[SetApart.COPIED] = len(kept) - len(own)
    return Admitted(
        tuple(structs.replace(one, text=decided.names.without_names(one.text)) for one in own),
        +set_apart,
        figures,
    )


def _why_not(message: Message, day: date, decided: Admission) -> SetApart | None:
    if message.doubtful:
        return SetApart.DOUBTFUL
    if message.unnamed:
        return SetApart.UNNAMED
    start = decided.readable_from.get(message.author)
    if start is None:
        # A sender who was not there when the decision was made was told of nothing.
        return decided.refused.get(message.author, SetApart.NOT_YET_INFORMED)
    return SetApart.NOT_YET_INFORMED if day < start else None


def _marks(senders: Mapping[str, Marks], of: Iterable[str]) -> list[Marks]:
    return [senders[one] for one in of]
