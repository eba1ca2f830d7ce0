"""Whoever is not to be read never appears, whichever platform exported the chat."""

import io
import random
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from structured_exports import as_json, read, zipped

from assets.core.canonical_export import Header, Record, line_of
from assets.core.errors import ExportError
from assets.restricted.collection.admission import Admitted, GroupRules, admission, admitted
from assets.restricted.collection.container import open_source
from assets.restricted.collection.export import Export
from assets.restricted.collection.group_exports import by_person
from assets.restricted.collection.platforms import reader_for
from assets.restricted.collection.roll_call import roll_call
from assets.restricted.consent.sentences import OBJECTION_SENTENCE, OPT_IN_SENTENCE
from resources.stores.consent.member_notice import MemberNotice
from resources.stores.members.marks import Marker
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

TOLD = date(2026, 10, 1)
DAYS = [TOLD + timedelta(days=n) for n in range(8)]
MARKER = Marker(b"k" * 32, "g-00000001")
Said = tuple[int, str, str, str]
"""Day, id, name, text."""

PLANTED = "Zzyzxquell"
OBJECTOR, WRITER, LATE, NAMESAKE = "u1", "u2", "u3", "u4"
CHAT: list[Said] = [
    (0, OBJECTOR, "Sarah Okonkwo", "so tired of this"),
    (0, WRITER, "Ama Boateng", "Okonkwo and sarah are on tonight"),
    (1, OBJECTOR, "Sarah Okonkwo", OBJECTION_SENTENCE),
    (2, OBJECTOR, "Sarah Okonkwo", "still here"),
    (2, WRITER, "Ama Boateng", "all well"),
    (4, LATE, "Cy Dent", "I am new"),
    (4, NAMESAKE, "Ama Boateng", "another of this name"),
]


def at(day: int, number: int) -> datetime:
    return datetime(2026, 10, 1, 9, number, tzinfo=UTC) + timedelta(days=day)


def telegram(said: list[Said]) -> bytes:
    return as_json(
        {
            "name": "Night team",
            "type": "private_group",
            "id": 5,
            "messages": [
                {
                    "id": number,
                    "type": "message",
                    "date_unixtime": str(int(at(day, number).timestamp())),
                    "from": name,
                    "from_id": f"user{who}",
                    "text": text,
                }
                for number, (day, who, name, text) in enumerate(said)
            ],
        }
    )


def discord(said: list[Said]) -> bytes:
    return as_json(
        {
            "guild": {"id": "1", "name": "Home"},
            "channel": {"id": "5", "name": "night-team"},
            "messages": [
                {
                    "id": str(number),
                    "type": "Default",
                    "timestamp": at(day, number).isoformat(),
                    "content": text,
                    "author": {"id": who, "name": name, "nickname": name, "isBot": False},
                }
                for number, (day, who, name, text) in enumerate(said)
            ],
        }
    )


def slack(said: list[Said]) -> bytes:
    people = {who: name for _, who, name, _ in said}
    users = [{"id": who, "profile": {"real_name": name}} for who, name in people.items()]
    messages = [
        {"type": "message", "user": who, "ts": f"{at(day, number).timestamp():.0f}.1", "text": text}
        for number, (day, who, _, text) in enumerate(said)
    ]
    return zipped({"users.json": as_json(users), "night-team/2026-10-01.json": as_json(messages)})


def signal(said: list[Said]) -> bytes:
    people = {who: name for _, who, name, _ in said}
    frames = [{"version": "1", "backupTimeMs": "1"}]
    frames += [
        {"recipient": {"id": who, "contact": {"aci": who, "profileGivenName": name}}}
        for who, name in people.items()
    ]
    frames += [{"recipient": {"id": "9", "group": {}}}, {"chat": {"id": "1", "recipientId": "9"}}]
    frames += [
        {
            "chatItem": {
                "chatId": "1",
                "authorId": who,
                "dateSent": str(int(at(day, number).timestamp() * 1000)),
                "standardMessage": {"text": {"body": text}},
            }
        }
        for number, (day, who, _, text) in enumerate(said)
    ]
    return b"\n".join(as_json(one, indent=None) for one in frames)


def messenger(said: list[Said]) -> bytes:
    return as_json(
        {
            "participants": [],
            "messages": [
                {
                    "sender_name": name,
                    "timestamp_ms": int(at(day, number).timestamp() * 1000),
                    "content": text,
                }
                for number, (day, _, name, text) in enumerate(said)
            ],
        }
    )


def signal_text(said: list[Said]) -> bytes:
    return "".join(
        f"[{at(day, number):%Y-%m-%d, %H:%M}] {name}: {text}\n"
        for number, (day, _, name, text) in enumerate(said)
    ).encode()


def teams(said: list[Said]) -> bytes:
    header = Header(
        canonical_export=1,
        platform="teams",
        covers_from="2026-10-01T00:00:00Z",
        covers_until="2026-10-20T00:00:00Z",
    )
    return line_of(header) + b"".join(
        line_of(
            Record(id=str(number), at=at(day, number).isoformat(), sender=who, name=name, text=text)
        )
        for number, (day, who, name, text) in enumerate(said)
    )


WITH_IDS: list[Callable[[list[Said]], bytes]] = [telegram, discord, slack, signal, teams]
ALL = [*WITH_IDS, messenger, signal_text]


def admit(
    export: Export, *events: MemberEvent, opt_in: bool = False, told: date = TOLD
) -> tuple[Admitted, list[MemberEvent]]:
    """As one reading does: the roll first, then what may be read, with what members said."""
    called = roll_call(by_person(export.messages), told_on=TOLD, opt_in_group=opt_in)
    posted = [
        MemberEvent(saying, SayingSource.CHAT, day, MARKER.marks_of(who))
        for who, saying, day in called.sayings
    ]
    rules = GroupRules(
        opt_in=opt_in,
        notices=(MemberNotice(told, cools_off=False),),
        cooling_off=timedelta(days=7),
        events=[*events, *posted],
        seen={},
        told={},
    )
    decided = admission(called.first_day, rules, MARKER, spared={"and"})
    own = admitted(by_person(export.messages), decided, wanted=DAYS, covered=(TOLD, DAYS[-1]))
    return own, posted


@pytest.mark.parametrize("platform", ALL)
def test_how_many_messages_there_are_at_most_is_known_before_reading(
    platform: Callable[[list[Said]], bytes],
) -> None:
    data = platform(CHAT * 3)
    source = open_source(io.BytesIO(data), wanted=lambda head: reader_for(head) is not None)
    reader = reader_for(source.head())
    assert reader is not None
    counted = reader.messages_at_most(source, 10**6)
    # Lines about people, and people themselves, may count too.
    assert len(CHAT) * 3 <= counted <= len(CHAT) * 3 + 10
    assert reader.messages_at_most(source, 5) > 5


def texts(own: Admitted) -> list[str]:
    return [one.text for one in own.messages]


@pytest.mark.parametrize("platform", ALL)
def test_an_objector_and_who_was_not_informed_never_appear(
    platform: Callable[[list[Said]], bytes],
) -> None:
    own, _ = admit(read(platform(CHAT)))
    expected = ["_ and _ are on tonight", "all well"]
    if platform not in WITH_IDS:
        # Of one name, they can't be told apart: they are one to the rules.
        expected.append("another of this name")
    assert texts(own) == expected


@pytest.mark.parametrize("platform", ALL)
def test_an_objection_by_name_that_a_coordinator_recorded(
    platform: Callable[[list[Said]], bytes],
) -> None:
    by_name = MemberEvent(
        Saying.OBJECTED, SayingSource.COMMAND, TOLD, MARKER.marks_of("ama boateng")
    )
    own, _ = admit(read(platform(CHAT)), by_name)
    assert texts(own) == []


@pytest.mark.parametrize("platform", WITH_IDS)
def test_an_objection_holds_after_the_name_was_changed(
    platform: Callable[[list[Said]], bytes],
) -> None:
    _, posted = admit(read(platform(CHAT)))
    renamed = [
        (day, who, "S. O." if who == OBJECTOR else name, text)
        for day, who, name, text in CHAT
        if text != OBJECTION_SENTENCE
    ]
    own, none_posted = admit(read(platform(renamed)), *posted)
    assert none_posted == []
    assert not {"so tired of this", "still here"} & set(texts(own))


@pytest.mark.parametrize("platform", WITH_IDS)
def test_an_opt_in_lets_in_one_person_and_not_a_namesake(
    platform: Callable[[list[Said]], bytes],
) -> None:
    said: list[Said] = [
        (0, WRITER, "Ama Boateng", OPT_IN_SENTENCE),
        (1, WRITER, "Ama Boateng", "mine"),
        (1, NAMESAKE, "Ama Boateng", "not mine"),
        (2, OBJECTOR, "Sarah Okonkwo", OPT_IN_SENTENCE),
        (3, OBJECTOR, "Sarah Okonkwo", "for now"),
        (4, OBJECTOR, "Sarah Okonkwo", OBJECTION_SENTENCE),
    ]
    own, _ = admit(read(platform(said)), opt_in=True)
    assert texts(own) == [OPT_IN_SENTENCE, "mine"]


def test_of_a_person_with_a_number_an_objection_by_number_holds() -> None:
    frames = signal(CHAT).replace(b'"aci": "u2"', b'"aci": "u2", "e164": "447700900123"')
    by_number = MemberEvent(
        Saying.OBJECTED, SayingSource.COMMAND, TOLD, MARKER.marks_of("07700 900123")
    )
    assert texts(admit(read(frames), by_number)[0]) == []


@pytest.mark.parametrize("platform", [telegram, discord, slack])
def test_who_has_no_name_any_more_is_not_read(platform: Callable[[list[Said]], bytes]) -> None:
    said = [(day, who, "" if who == WRITER else name, text) for day, who, name, text in CHAT]
    data = platform(said).replace(b'"from": ""', b'"from": null')
    assert texts(admit(read(data))[0]) == []


@pytest.mark.parametrize("build", ALL, ids=lambda one: one.__name__)
def test_neither_error_nor_report_holds_a_word(build: Callable[[list[Said]], bytes]) -> None:
    for seed in range(40):
        _require_no_word_told(build, seed)


def _require_no_word_told(build: Callable[[list[Said]], bytes], seed: int) -> None:
    rng = random.Random(seed)
    said = [(day, who, f"{PLANTED} {who}", f"{PLANTED} said") for day, who, *_ in CHAT]
    data = bytearray(build(said))
    for _ in range(rng.randrange(4)):
        place = rng.randrange(len(data))
        end = place + rng.choice((1, 1, 8, 40))
        data[place:end] = rng.choice((b"", b'"', b"}", PLANTED.encode(), b"\0", b"null", b"9" * 30))
    refused: list[ExportError] = []
    told = ""
    try:
        export = read(bytes(data))
        told = f"{export} {list(export.messages)}"
    except ExportError as error:
        refused.append(error)
    for error in refused:
        assert (error.__cause__, error.__context__) == (None, None), seed
        told += "".join(traceback.format_exception(error))
    assert told, seed
    assert PLANTED not in told, seed
