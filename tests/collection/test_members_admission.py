"""Whoever is not to be read never appears: not as an author, not by a word, not by name."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.collection.admission import (
    Admitted,
    GroupRules,
    SetApart,
    admission,
    admitted,
)
from assets.restricted.collection.export import Message
from assets.restricted.collection.roll_call import roll_call
from assets.restricted.consent.sentences import OBJECTION_SENTENCE, OPT_IN_SENTENCE, said
from resources.stores.consent.member_notice import MemberNotice
from resources.stores.members.identity import person_written
from resources.stores.members.marks import Marker
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

LONDON = ZoneInfo("Europe/London")
D = date(2026, 10, 1)
DAYS = [D + timedelta(days=n) for n in range(5)]
MARKER = Marker(b"k" * 32, "g-00000001")
SARAH = "Sarah Okonkwo"


def say(author: str, text: str, day: int = 0, hour: int = 9, **fields) -> Message:
    at = datetime(2026, 10, 1, hour, tzinfo=LONDON) + timedelta(days=day)
    return Message(at, author, fields.pop("kind", "speech"), text, **fields)


def event(saying: Saying, who: str, day: int = 0) -> MemberEvent:
    return MemberEvent(saying, SayingSource.COMMAND, D + timedelta(days=day), MARKER.marks_of(who))


def read(
    messages: Sequence[Message],
    *events: MemberEvent,
    opt_in: bool = False,
    notices: Sequence[MemberNotice] = (MemberNotice(D, cools_off=False),),
    seen: dict[str, date] | None = None,
    wanted: Sequence[date] = tuple(DAYS),
    covered: tuple[date, date] = (D, DAYS[-1]),
) -> Admitted:
    called = roll_call(messages, told_on=D, opt_in_group=opt_in)
    posted = [
        MemberEvent(saying, SayingSource.CHAT, day, MARKER.marks_of(author))
        for author, saying, day in called.sayings
    ]
    rules = GroupRules(
        opt_in=opt_in,
        notices=tuple(notices),
        cooling_off=timedelta(days=7),
        events=[*events, *posted],
        seen={MARKER.sender(who): day for who, day in (seen or {}).items()},
        told={},
    )
    decided = admission(called.first_day, rules, MARKER, spared={"the", "at"})
    return admitted(messages, decided, wanted=wanted, covered=covered)


def texts(own: Admitted) -> list[str]:
    return [one.text for one in own.messages]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OBJECTION_SENTENCE, Saying.OBJECTED),
        (OBJECTION_SENTENCE.upper() + "!!", Saying.OBJECTED),
        (f"  \u200e*{OBJECTION_SENTENCE.lower()}*. \n", Saying.OBJECTED),
        (f"“{OBJECTION_SENTENCE}” 🙏", Saying.OBJECTED),
        (OBJECTION_SENTENCE.replace(" ", "\u00a0 "), Saying.OBJECTED),
        (OPT_IN_SENTENCE + ".", Saying.OPTED_IN),
        (f"{OBJECTION_SENTENCE} thanks", None),
        (f"Post this: {OBJECTION_SENTENCE}", None),
        (f"{OBJECTION_SENTENCE}\n{OPT_IN_SENTENCE}", None),
        (OBJECTION_SENTENCE + " x" * 5000, None),
        ("", None),
    ],
)
def test_only_the_whole_sentence_counts(text: str, expected: Saying | None) -> None:
    assert said(text, opt_in_group=False) is expected
    on_opt_in = Saying.WITHDRAWN if expected is Saying.OBJECTED else expected
    assert said(text, opt_in_group=True) is on_opt_in


def test_a_sentence_acts_on_all_of_the_senders_messages() -> None:
    own = read(
        [
            say(SARAH, "so tired", 0),
            say("Ama", "fine here", 0),
            say(SARAH, OBJECTION_SENTENCE, 2),
            say("Ama", "all well", 3),
        ]
    )
    assert texts(own) == ["fine here", "all well"]
    assert own.set_apart == {SetApart.OBJECTED: 2}


def test_a_doubtful_message_is_not_read_and_a_doubtful_sentence_speaks_for_nobody() -> None:
    own = read(
        [
            say("Ama", "hello"),
            say("Ama", "quoted words", doubtful=True),
            say("Ama", OBJECTION_SENTENCE, doubtful=True),
        ]
    )
    assert texts(own) == ["hello"]
    assert own.set_apart == {SetApart.DOUBTFUL: 2}


def test_an_author_without_a_name_is_not_read_whatever_was_said() -> None:
    messages = [
        say("You", "mine", unnamed=True),
        say("You", OPT_IN_SENTENCE, unnamed=True),
        say("Ama", "did you hear"),
        say("Ama", OPT_IN_SENTENCE),
    ]
    for opt_in in (False, True):
        own = read(messages, event(Saying.OPTED_IN, "You"), opt_in=opt_in)
        # Their label is a word of everyone's, so it is not cut as a name is.
        assert texts(own) == ["did you hear", OPT_IN_SENTENCE]
        assert own.set_apart == {SetApart.UNNAMED: 2}
    objected = read(messages, event(Saying.OBJECTED, SARAH))
    assert texts(objected) == ["did you hear", OPT_IN_SENTENCE]


def test_a_label_is_not_recorded_as_a_sender_seen() -> None:
    called = roll_call(
        [say("You", OBJECTION_SENTENCE, unnamed=True), say("Ama", "hi")],
        told_on=D,
        opt_in_group=False,
    )
    assert (set(called.first_day), called.sayings) == ({"Ama"}, ())


def test_on_the_basis_of_opt_in_only_listed_members_are_read() -> None:
    messages = [
        say(SARAH, "one"),
        say("Ama", "two"),
        say("Bea", "three"),
        say("Bea", OPT_IN_SENTENCE, 1),
        say("Cai", OPT_IN_SENTENCE, 1),
        say("Cai", OBJECTION_SENTENCE, 2),
    ]
    own = read(messages, event(Saying.OPTED_IN, SARAH), opt_in=True)
    assert texts(own) == ["one", "three", OPT_IN_SENTENCE]
    assert own.set_apart == {SetApart.NOT_OPTED_IN: 1, SetApart.OBJECTED: 2}
    assert read(messages, opt_in=True, wanted=[D]).set_apart == {SetApart.NOT_OPTED_IN: 2}


def test_years_of_history_before_the_consent_are_never_read() -> None:
    history = [say("Ama", f"long ago {n}", -n) for n in range(1, 1200)]
    repeated = [say("Ben", "the very same words as in the consented days", -n) for n in (5, 6, 7)]
    inside = [
        say("Ama", "the very same words as in the consented days"),
        say("Ben", "now this", 1),
        say("Ben", "too late", 5),
    ]
    own = read([*reversed(history), *repeated, *inside])
    assert texts(own) == ["the very same words as in the consented days", "now this"]
    assert own.set_apart == {}


def test_who_came_after_the_notice_waits_for_the_next_and_its_cooling_off() -> None:
    messages = [say("Ama", "here before", -3), *(say("Ama", f"day {n}", n) for n in range(20))]
    messages += [say("Neu", f"new {n}", n) for n in range(2, 20)]
    days = [D + timedelta(days=n) for n in range(20)]
    span = {"wanted": days, "covered": (D, days[-1])}
    own = read(messages, **span)
    assert own.set_apart == {SetApart.NOT_YET_INFORMED: 18}
    assert {one.author for one in own.messages} == {"Ama"}
    notices = (MemberNotice(D, cools_off=False), MemberNotice(days[6]))
    own = read(messages, notices=notices, **span)
    assert [t for t in texts(own) if "new" in t] == [f"new {n}" for n in range(13, 20)]
    assert own.set_apart == {SetApart.NOT_YET_INFORMED: 11}


def test_where_the_history_is_cut_off_only_who_was_seen_before_is_read() -> None:
    messages = [say("Ama", "one", 2), say("Ben", "two", 2)]
    assert read(messages).set_apart == {SetApart.NOT_YET_INFORMED: 2}
    own = read(messages, seen={"~ AMA": D - timedelta(days=9), "Ben": DAYS[1]})
    assert texts(own) == ["one"]


def test_who_opts_in_has_been_told() -> None:
    assert texts(read([say("Neu", "x", 2)], event(Saying.OPTED_IN, "Neu"))) == ["x"]


COPY = "please do share this with all your friends today"


def test_copied_posts_and_bots_are_set_apart() -> None:
    own = read(
        [
            say("Ama", COPY),
            say("Ben", COPY.upper() + "!!", 1),
            say("Ama", "thank you so much all"),
            say("Ben", "thank you so much all"),
            *(say("Cai", "remember to fill in the handover sheet", n) for n in range(3)),
            *(say("Cai", "the late shift is one short again", n) for n in range(2)),
            say("Meta AI", "I can help you with that"),
            say("~ meta ai", "I can help you with that too"),
        ]
    )
    assert texts(own) == [
        "thank you so much all",
        "thank you so much all",
        "the late shift is one short again",
        "the late shift is one short again",
    ]
    assert own.set_apart == {SetApart.COPIED: 5, SetApart.FROM_BOTS: 2}


def test_only_the_wanted_days_are_given_and_counted() -> None:
    messages = [say("Ama", COPY), say("Ben", "hi"), say("Ben", COPY, 1)]
    messages += [say(SARAH, "x"), say(SARAH, "y", 1)]
    own = read(messages, event(Saying.OBJECTED, SARAH), wanted=[DAYS[1]])
    assert (texts(own), own.set_apart) == ([], {SetApart.OBJECTED: 1, SetApart.COPIED: 1})


def test_what_an_objecting_member_copied_is_not_looked_at() -> None:
    own = read([say(SARAH, COPY), say("Ama", COPY)], event(Saying.OBJECTED, SARAH))
    assert texts(own) == [COPY]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask @\u2068Sarah Okonkwo\u2069 please", "ask  _  please"),
        ("ask @\u2068~\u202fSarah\u2069", "ask  _ "),
        ("ask \u2068Sarah O\u2069 now", "ask  _  now"),
        ("ask @Sarah now", "ask _ now"),
        ("ask @SarahOkonkwo now", "ask _ now"),
        ("SARAH is late, sarah’s late, Sarah-Okonkwo", "_ is late, _ late, _"),
        ("Sa\u0301rah and 𝐒𝐚𝐫𝐚𝐡", "_ and _"),
        ("call 07700 900123 or @447700900123", "call _ or @_"),
        ("call \u202a+44\u00a07700\u00a0900123\u202c", "call  _ "),
        ("call 07700 900124 at 12 30", "call 07700 900124 at 12 30"),
        ("ask @\u2068Ben\u2069 or @Ben", "ask @\u2068Ben\u2069 or @Ben"),
        ("the team at work", "the _ at work"),
    ],
)
def test_names_of_who_is_not_read_are_cut_out(text: str, expected: str) -> None:
    # Of a name, "at" and "the" stay.
    messages = [say("Ama", text), say("Ben", "x"), say("Team at the Oaks", "y", 3)]
    objection = event(Saying.OBJECTED, "Sarah Okonkwo 07700 900123")
    own = read(messages, objection, wanted=[D])
    assert texts(own)[0] == expected


def test_where_members_opt_in_nobody_else_is_mentioned() -> None:
    text = "ask @\u2068Ben\u2069, @\u2068Gus\u2069, @Gus, @447700900123 or @\u2068Ama\u2069"
    own = read(
        [say("Ama", text), say("Ben", "x")],
        event(Saying.OPTED_IN, "Ama"),
        event(Saying.OPTED_IN, "Ben"),
        opt_in=True,
    )
    assert texts(own)[0] == "ask @\u2068Ben\u2069,  _ , _, @_ or @\u2068Ama\u2069"


NAMES = ("Sarah Okonkwo", "Siobhán O’Brien", "Zoë Müller-Ray")
OTHERS = ("Ama Boateng", "Ben", "+44 7700 900777", "~ Cai")


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("’", "'")


SHOWN = {
    "as it is": lambda name: name,
    "upper": str.upper,
    "tilde": lambda name: f"~\u202f{name}",
    "plain": _plain,
    "flower": lambda name: f"{name} 🌸",
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
    "marked": lambda name: f"\u200e{name}\u200f",
    "short": lambda name: f"{name.split()[0]} {name.split()[1][0]}",
    "first": lambda name: name.split()[0],
    "longer": lambda name: f"{name} (nights)",
}
NUMBERS = ("+44 7700 900123", "\u202a+44\u00a07700\u00a0900123\u202c", "07700 900123")
MENTIONS = ("@\u2068{}\u2069", "@{}", "{}", "{}'s", "thanks {}!")


def _words(text: str) -> set[str]:
    letters = (c if c.isalnum() else " " for c in _plain(text).replace("'", "").casefold())
    return set("".join(letters).split())


@st.composite
def conversations(draw):
    """A person who is not to be read, in any rendering, among others, in any order.

    Gives how the person is shown, the words by which they are known, messages and events.
    """
    name = draw(st.sampled_from(NAMES))
    by_number = draw(st.booleans())
    rendering = st.sampled_from(sorted(SHOWN)).map(SHOWN.get)
    shown = draw(st.sampled_from(NUMBERS)) if by_number else draw(rendering)(name)
    saying = draw(st.sampled_from([Saying.OBJECTED, Saying.WITHDRAWN]))
    how = draw(st.sampled_from(["sentence", "number" if by_number else "name", "both"]))
    told = {"sentence": shown, "number": "", "name": draw(rendering)(name)}.get(how)
    told = draw(rendering)(name) if told is None else told
    messages = [say(shown, f"marker{n} words", n) for n in draw(st.lists(st.integers(0, 4)))]
    events = []
    if how == "sentence":
        sentence = draw(st.sampled_from([str.upper, str.lower, lambda s: f" {s}! "]))
        messages.append(say(shown, sentence(OBJECTION_SENTENCE), draw(st.integers(-3, 9))))
    else:
        number = "" if how == "name" else draw(st.sampled_from(NUMBERS))
        events.append(event(saying, f"{told} {number}", draw(st.integers(-9, 4))))
    for place, other in enumerate(OTHERS):
        called = draw(st.sampled_from(MENTIONS)).format(draw(st.sampled_from([name, told or name])))
        messages.append(say(other, f"kept {called} today {place}", 0))
        if draw(st.booleans()):
            messages.append(say(other, f"ring +44 7700 900123 or @447700900123 {place}", 1))
    known = {word for word in _words(told) if len(word) > 1 and not word.isdigit()}
    return shown, by_number or how == "both", known, draw(st.permutations(messages)), events


@settings(derandomize=True, max_examples=400)
@given(conversations(), st.booleans())
def test_who_objected_or_withdrew_never_appears(conversation, opt_in: bool) -> None:
    shown, number_known, known, messages, events = conversation
    if opt_in:
        # The person had opted in before.
        events = [*(event(Saying.OPTED_IN, one, -9) for one in (*OTHERS, shown)), *events]
    own = read(messages, *events, opt_in=opt_in)
    assert shown not in {one.author for one in own.messages}
    words = {word for text in texts(own) for word in _words(text)}
    assert not words & known
    assert not any(word.startswith("marker") for word in words)
    if number_known:
        assert not any("7700900123" in text.replace(" ", "") for text in texts(own))
    # The others are read, or reading nobody would pass.
    assert {one.author for one in own.messages} >= {"Ama Boateng", "Ben"}


@pytest.mark.parametrize(
    ("written", "saying"),
    [
        ("TIDE'LINE may read my messages", Saying.OPTED_IN),
        ("Please leave my messages out of T`ideline!", Saying.OBJECTED),
        ("Ｔｉｄｅｌｉｎｅ may read my messages", Saying.OPTED_IN),
        ("Tide line may read my messages", None),
        ("may read my messages", None),
    ],
)
def test_the_name_is_found_however_it_is_written(written: str, saying: Saying | None) -> None:
    assert said(written, opt_in_group=False) is saying


def account(name: str, number: int) -> str:
    return person_written(name, f"telegram {number}")


OLA, BEN, NAMESAKE = account("Ola Berg", 1), account("Ben Ito", 2), account("Ola Berg", 3)


@pytest.mark.parametrize(
    ("told", "read_of"),
    [
        ({}, []),
        ({OLA: 0}, [OLA]),
        ({OLA: 0, BEN: -3}, [OLA, BEN]),
        # Told by a notice that came later than the last.
        ({OLA: 1}, []),
    ],
)
def test_who_is_told_of_by_name_is_read_as_if_an_export_had_shown_them(
    told: dict[str, int], read_of: list[str]
) -> None:
    senders = [OLA, BEN, NAMESAKE]
    messages = [say(who, f"hello from {number}", 2) for number, who in enumerate(senders)]
    rules = GroupRules(
        opt_in=False,
        notices=(MemberNotice(D, cools_off=False),),
        cooling_off=timedelta(days=7),
        events=[],
        seen={},
        told={MARKER.sender(who): D + timedelta(days=day) for who, day in told.items()},
    )
    called = roll_call(messages, told_on=D, opt_in_group=False)
    assert set(admission(called.first_day, rules, MARKER).readable_from) == set(read_of)


def test_who_objects_is_not_read_though_told_of_by_name() -> None:
    rules = GroupRules(
        opt_in=False,
        notices=(MemberNotice(D, cools_off=False),),
        cooling_off=timedelta(days=7),
        events=[event(Saying.OBJECTED, "Ola Berg")],
        seen={},
        told={MARKER.sender(OLA): D},
    )
    decided = admission({OLA: DAYS[2]}, rules, MARKER)
    assert (dict(decided.readable_from), decided.refused) == ({}, {OLA: SetApart.OBJECTED})
