"""What members have said about being read, and whose messages follow from it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from resources.stores.members.alike import Alike
from resources.stores.members.identity import is_no_name
from resources.stores.members.marks import Marks
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource


@dataclass(frozen=True)
class Standing:
    """Where the senders of one export stand.

    Attributes:
        objected: senders who may be someone who objected or withdrew. Never shown.
        opted_in: senders who are, beyond doubt, someone who opted in. Never shown.
        objections: of those who are not to be read, whether they are senders or not; but for what
            came by the portal.
        not_placed: True if someone objected by a number that no sender shows, so that any sender
            with a name may be that person.
    """

    objected: frozenset[str]
    opted_in: frozenset[str]
    objections: tuple[Marks, ...]
    not_placed: bool

    def __repr__(self) -> str:
        """Numbers only."""
        return f"Standing(objected={len(self.objected)}, opted_in={len(self.opted_in)})"


def standing(senders: Mapping[str, Marks], events: Sequence[MemberEvent]) -> Standing:
    """Match what was said with an export's senders; in doubt a sender is not read.

    An objection excludes every sender who may be that person, and while one stands, whoever is
    shown by a label that is neither a name nor a number. An opt-in lets in one sender only:
    that of the same number, or the only one of the same name. An opt-in by command that could mean
    a sender of a longer name too ("Sarah", where there is a "Sarah Jones") lets in nobody; in the
    chat it is known who spoke. An opt-in lifts an objection of the same identity if it is of a
    later day, or was entered later.

    By the portal anybody may say anything, so an objection by it that matches nobody excludes no
    sender who has a name or a number, and its words are not cut from what others wrote; an opt-in
    by it lifts nothing.

    Args:
        senders: every sender of the export, as written, with their marks.
        events: in the order of recording.
    """
    events = _not_taken_back(events)
    place = {id(one): number for number, one in enumerate(events)}
    alike = Alike(senders)
    objections = [one for one in events if one.saying is not Saying.OPTED_IN]
    opt_ins = [
        (one, _let_in(one, senders, alike)) for one in events if one.saying is Saying.OPTED_IN
    ]
    lifting: dict[_Same, list[tuple[MemberEvent, frozenset[str]]]] = {}
    for opt_in, who in opt_ins:
        if opt_in.source is not SayingSource.PORTAL:
            lifting.setdefault(_same(opt_in), []).append((opt_in, who))
    objected: set[str] = set()
    standing_still: list[MemberEvent] = []
    for one in objections:
        unproved = one.source is SayingSource.PORTAL
        may_be = {
            sender
            for sender in alike.like(one.marks)
            if (
                senders[sender].may_be_claimed(one.marks)
                if unproved
                else one.marks.may_be(senders[sender])
            )
        }
        lifted_by = [
            who for opt_in, who in lifting.get(_same(one), ()) if _lifts(opt_in, one, place)
        ]
        if not may_be and lifted_by:
            continue
        if not may_be and one.marks.number is None and not unproved:
            # Whoever objected by name may be shown by number alone.
            may_be = {sender for sender, marks in senders.items() if not marks.parts}
        left_out = may_be.difference(*lifted_by)
        objected |= left_out
        if not may_be or left_out:
            standing_still.append(one)
    if standing_still:
        # Whoever objected may be shown by a label that is no name.
        objected |= {sender for sender in senders if is_no_name(sender)}
    proved = tuple(one.marks for one in standing_still if one.source is not SayingSource.PORTAL)
    return Standing(
        objected=frozenset(objected),
        opted_in=frozenset().union(*(who for _, who in opt_ins), frozenset()) - objected,
        objections=proved,
        not_placed=_not_placed(senders, events, proved),
    )


_Same = tuple[frozenset[tuple[str, str]], str | None]


def _same(event: MemberEvent) -> _Same:
    """What is equal for two of the same identity (`Marks.same`)."""
    return event.marks.parts, event.marks.number


def _not_taken_back(events: Sequence[MemberEvent]) -> list[MemberEvent]:
    """Without what was taken back: for each taking back one event by the portal, not all like it.

    Two people may be called the same, and one of them takes back only what they said themselves.
    """
    kept: list[MemberEvent] = []
    taken = Counter(_same(one) for one in events if one.saying is Saying.TAKEN_BACK)
    for one in events:
        if one.saying is Saying.TAKEN_BACK:
            continue
        may_be_void = one.source is SayingSource.PORTAL and one.saying is not Saying.OPTED_IN
        if may_be_void and taken[_same(one)]:
            taken[_same(one)] -= 1
            continue
        kept.append(one)
    return kept


def _let_in(opt_in: MemberEvent, senders: Mapping[str, Marks], alike: Alike[str]) -> frozenset[str]:
    marks = opt_in.marks
    like = {who: senders[who] for who in alike.like(marks)}
    if marks.number is not None:
        by_number = {who for who, one in like.items() if one.number == marks.number}
        if by_number:
            return frozenset(by_number)
    same = [who for who, one in like.items() if marks.same_name(one)]
    meant = [who for who, one in like.items() if marks.within(one)]
    if len(same) != 1 or (opt_in.source is not SayingSource.CHAT and len(meant) != 1):
        return frozenset()
    # Of the same name, but with another number: another person.
    other_number = marks.number is not None and senders[same[0]].number is not None
    return frozenset() if other_number else frozenset(same)


def _lifts(opt_in: MemberEvent, objection: MemberEvent, place: Mapping[int, int]) -> bool:
    """Whether an opt-in of the same identity, not by the portal, lifts an objection."""
    if opt_in.day != objection.day:
        return opt_in.day > objection.day
    # Of one day, only commands come in a known order; chats may be read in any.
    by_command = opt_in.source is objection.source is SayingSource.COMMAND
    return by_command and place[id(opt_in)] > place[id(objection)]


def _not_placed(
    senders: Mapping[str, Marks], events: Sequence[MemberEvent], objections: Collection[Marks]
) -> bool:
    if not any(marks.parts for marks in senders.values()):
        return False
    numbers = {marks.number for marks in senders.values()}
    named = {
        one.marks.number
        for one in events
        if one.marks.parts and one.source is not SayingSource.PORTAL
    }
    return any(
        not marks.parts and marks.number not in numbers and marks.number not in named
        for marks in objections
    )
