from datetime import date, timedelta

import pytest

from assets.restricted.consent.objections import standing
from resources.stores.members.marks import Marker
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

D = date(2026, 10, 1)
MARKER = Marker(b"k" * 32, "g-00000001")
NO, YES, BACK = Saying.OBJECTED, Saying.OPTED_IN, Saying.WITHDRAWN
CLI, CHAT, WEB = SayingSource.COMMAND, SayingSource.CHAT, SayingSource.PORTAL
TAKEN = Saying.TAKEN_BACK


def event(saying: Saying, who: str, day: int = 0, source: SayingSource = CLI) -> MemberEvent:
    return MemberEvent(saying, source, D + timedelta(days=day), MARKER.marks_of(who))


def stand(senders: list[str], *events: MemberEvent):
    return standing({one: MARKER.marks_of(one) for one in senders}, events)


@pytest.mark.parametrize("saying", [NO, BACK])
@pytest.mark.parametrize(
    ("senders", "who", "objected"),
    [
        (["Sarah Jones", "Ama"], "Sarah Jones", {"Sarah Jones"}),
        (["Sarah Jones", "Sarah Smith", "Ama"], "sarah", {"Sarah Jones", "Sarah Smith"}),
        (["Sarah", "Ama"], "Sarah Jones", {"Sarah"}),
        (["~ Sarah 🌸", "Ama"], "SARAH", {"~ Sarah 🌸"}),
        (["+44 7700 900123", "Ama"], "07700900123", {"+44 7700 900123"}),
        (["Sarah 07700 900123", "Ama"], "07700900123", {"Sarah 07700 900123"}),
        # By name, but the phone shows a number: it may be any of them.
        (["+44 7700 900123", "+44 7700 900124", "Ama"], "Sarah",
         {"+44 7700 900123", "+44 7700 900124"}),
        # With the number too, it can't be one of another number.
        (["+44 7700 900123", "+44 7700 900124", "Ama"], "Sarah 07700 900123", {"+44 7700 900123"}),
        (["+44 7700 900124", "Ama"], "Sarah 07700 900123", set()),
        (["Ama"], "Sarah", set()),
        # Who is shown by a label that is no name may be whoever objected.
        (["123456789012345", "@98765432109876", "Sarah", "Ama"], "Sarah",
         {"Sarah", "123456789012345", "@98765432109876"}),
        (["123456789012345", "Sarah", "Ama"], "07700900123 Sarah", {"Sarah", "123456789012345"}),
        (["+44 7700 900124", "Sarah", "Ama"], "Sarah", {"Sarah"}),
    ],
)  # fmt: skip
def test_whoever_may_have_objected_is_out(saying, senders, who, objected) -> None:
    stands = stand(senders, event(saying, who))
    assert stands.objected == objected
    assert not stands.not_placed


@pytest.mark.parametrize(
    ("senders", "who", "let_in"),
    [
        (["Sarah Jones", "Ama"], "Sarah Jones", {"Sarah Jones"}),
        (["~ sarah JONES", "Ama"], "Sarah Jones", {"~ sarah JONES"}),
        (["Sarah Jones", "Ama"], "Sarah", set()),
        (["Sarah", "Ama"], "Sarah Jones", set()),
        (["Sarah", "Sarah Jones"], "Sarah", set()),
        (["Sarah", "Sarah J", "Ama"], "S", set()),
        (["Sarah", "Sarah Jones"], "Sarah Jones", {"Sarah Jones"}),
        (["Sarah Jones", "sarah jones"], "Sarah Jones", set()),
        (["+44 7700 900123", "Ama"], "07700 900123", {"+44 7700 900123"}),
        (["+44 7700 900124", "Ama"], "07700 900123", set()),
        (["Sarah 07700 900123"], "07700 900123", {"Sarah 07700 900123"}),
        (["Sarah 07700 900124"], "Sarah 07700 900123", set()),
        (["Sarah"], "Sarah 07700 900123", {"Sarah"}),
    ],
)
def test_an_opt_in_lets_in_one_sender_beyond_doubt(senders, who, let_in) -> None:
    assert stand(senders, event(YES, who)).opted_in == let_in


@pytest.mark.parametrize(
    ("events", "out"),
    [
        ([event(NO, "Sarah Jones"), event(YES, "Sarah Jones", 1)], False),
        ([event(YES, "Sarah Jones"), event(NO, "Sarah Jones", 1)], True),
        ([event(YES, "Sarah Jones", 1), event(NO, "Sarah Jones")], False),
        # Of one day, only commands come in a known order.
        ([event(NO, "Sarah Jones"), event(YES, "Sarah Jones")], False),
        ([event(YES, "Sarah Jones"), event(NO, "Sarah Jones")], True),
        ([event(NO, "Sarah Jones", 0, CHAT), event(YES, "Sarah Jones", 0, CHAT)], True),
        ([event(NO, "Sarah Jones", 0, CHAT), event(YES, "Sarah Jones", 0, CLI)], True),
        ([event(NO, "Sarah Jones", 0, CHAT), event(YES, "Sarah Jones", 1, CHAT)], False),
        ([event(NO, "Sarah Jones", 0, CHAT), event(YES, "Sarah Jones", 1, CHAT),
          event(NO, "Sarah Jones", 2, CHAT)], True),
        # Another identity: it may be somebody else.
        ([event(NO, "Sarah"), event(YES, "Sarah Jones", 1)], True),
        ([event(NO, "Sarah Jones 07700 900123"), event(YES, "Sarah Jones", 1)], True),
        ([event(NO, "Sarah"), event(YES, "Sarah", 1)], True),
        ([event(BACK, "Sarah Jones"), event(YES, "Sarah Jones", 1)], False),
    ],
)  # fmt: skip
def test_an_objection_beats_an_opt_in_that_is_not_later_and_of_the_same(events, out) -> None:
    stands = stand(["Sarah Jones", "Ama"], *events)
    assert ("Sarah Jones" in stands.objected) is out
    assert bool(stands.objections) is out
    assert "Sarah Jones" not in stands.opted_in or not out


def test_in_the_chat_it_is_known_who_opted_in() -> None:
    senders = ["Sarah", "Sarah Jones"]
    assert stand(senders, event(YES, "Sarah", 0, CHAT)).opted_in == {"Sarah"}
    # But for two of one name, who may have changed phones.
    assert stand([*senders, "~ SARAH"], event(YES, "Sarah", 0, CHAT)).opted_in == set()


def test_an_ambiguous_opt_in_lifts_nothing() -> None:
    stands = stand(["Sarah", "Sarah Jones"], event(NO, "Sarah"), event(YES, "Sarah", 1))
    assert stands.objected == {"Sarah", "Sarah Jones"}


@pytest.mark.parametrize(
    ("senders", "events", "not_placed"),
    [
        (["Sarah", "Ama"], [event(NO, "07700 900123")], True),
        (["+44 7700 900123", "Ama"], [event(NO, "07700 900123")], False),
        (["+44 7700 900124"], [event(NO, "07700 900123")], False),
        ([], [event(NO, "07700 900123")], False),
        (["Sarah", "Ama"], [event(NO, "07700 900123"), event(NO, "Sarah 07700 900123")], False),
        (["Sarah", "Ama"], [event(NO, "07700 900123"), event(YES, "07700 900123", 1)], False),
        (["Sarah", "Ama"], [event(YES, "07700 900123")], False),
    ],
)
def test_a_number_that_nobody_shows_leaves_everyone_in_doubt(senders, events, not_placed) -> None:
    assert stand(senders, *events).not_placed is not_placed


def test_no_name_shows_in_a_repr() -> None:
    assert "Sarah" not in repr(stand(["Sarah"], event(NO, "Sarah"), event(YES, "Ama")))


def test_a_label_that_is_no_name_is_read_where_nobody_objects() -> None:
    assert not stand(["123456789012345", "Ama"]).objected


@pytest.mark.parametrize(
    ("senders", "who", "objected"),
    [
        (["Sarah Jones", "Ama"], "Sarah Jones", {"Sarah Jones"}),
        (["Sarah Jones", "Sarah Smith", "Ama"], "sarah", {"Sarah Jones", "Sarah Smith"}),
        (["Sarah", "Ama"], "S Jones", {"Sarah"}),
        (["Sarah Jones", "Ama"], "S Jones", {"Sarah Jones"}),
        (["+44 7700 900123", "Ama"], "Zed 07700900123", {"+44 7700 900123"}),
        # It matches nobody: no sender with a name or a number is left out for it.
        (["+44 7700 900123", "Ama"], "Zed", set()),
        (["Sarah", "Ama"], "07700 900123", set()),
        # But for those who have neither.
        (["123456789012345", "Ama"], "Zed", {"123456789012345"}),
        # Letters alone, or a list of names, mean whoever is called so.
        (["Sarah", "Ama"], "S", set()),
        (["S", "Ama"], "s", {"S"}),
        (["Sarah Jones", "Ama"], "a b c d e f g h i j k l m n o p q r s t", set()),
        (["Sarah Jones", "Ama"], "a j s xx", set()),
        (["Sarah", "Ama", "Ben"], "sarah ama ben joe tom kim lee", set()),
    ],
)
@pytest.mark.parametrize("saying", [NO, BACK])
def test_an_objection_by_the_portal_never_stops_a_group(saying, senders, who, objected) -> None:
    stands = stand(senders, event(saying, who, 0, WEB))
    assert stands.objected == objected
    assert not stands.not_placed
    # Nothing of it is cut out of what others wrote, for it may be any words.
    assert stands.objections == ()


def test_one_by_the_portal_neither_places_nor_lifts_what_others_said() -> None:
    by_number = event(NO, "07700 900123")
    assert stand(["Sarah", "Ama"], by_number, event(NO, "Zed 07700 900123", 0, WEB)).not_placed
    for source in (CLI, CHAT, WEB):
        said = [event(NO, "Sarah", 0, source), event(YES, "Sarah", 1, WEB)]
        assert stand(["Sarah", "Ama"], *said).objected == {"Sarah"}
        assert stand(["Sarah", "Ama"], *said).opted_in == set()
    assert stand(["Sarah", "Sarah Jones"], event(YES, "Sarah", 0, WEB)).opted_in == set()
    assert stand(["Sarah", "Ama"], event(YES, "Sarah", 0, WEB)).opted_in == {"Sarah"}


@pytest.mark.parametrize(
    ("events", "out"),
    [
        ([event(NO, "Sarah", 0, WEB), event(TAKEN, "Sarah", 0, WEB)], False),
        ([event(BACK, "Sarah", 0, WEB), event(TAKEN, "Sarah", 0, WEB)], False),
        # Said again, or by two of one name.
        ([event(NO, "Sarah", 0, WEB), event(TAKEN, "Sarah", 0, WEB),
          event(NO, "Sarah", 0, WEB)], True),
        ([event(NO, "Sarah", 0, WEB)] * 2 + [event(TAKEN, "Sarah", 1, WEB)], True),
        ([event(NO, "Sarah", 0, CHAT), event(TAKEN, "Sarah", 1, WEB)], True),
        ([event(NO, "Sarah", 0, CLI), event(TAKEN, "Sarah", 1, WEB)], True),
        ([event(NO, "Sarah J", 0, WEB), event(TAKEN, "Sarah", 1, WEB)], True),
    ],
)  # fmt: skip
def test_what_was_taken_back_is_that_alone(events, out) -> None:
    stands = stand(["Sarah", "Ama"], *events)
    assert ("Sarah" in stands.objected) is out
    assert stands.opted_in == set()
