"""Exports of fields: what a browser cuts of them reads as the whole does on the open days."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from served_portal import served
from test_delivery_cut import (
    FROM,
    LONDON,
    NOW,
    OBJECTION,
    SECRET,
    TOLD_ON,
    Case,
    cut_all,
    of_days,
    opened,
    read,
    zipped,
)

from assets.core.canonical_export import Header, Record, line_of
from assets.restricted.collection.group_exports import by_person
from assets.restricted.collection.roll_call import roll_call
from assets.restricted.collection.structured.entries import key_of
from assets.restricted.consent.sentences import OPT_IN_SENTENCE

pytestmark = pytest.mark.browser

EARLY = datetime(2026, 10, 20, 9, tzinfo=UTC)
OPEN = datetime(2026, 11, 15, 9, tzinfo=UTC)
SPOT = {"latitude": 51.5, "longitude": 0.12345}


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with served(tmp_path_factory.mktemp("portal")) as one:
        yield one


@pytest.fixture
def browser(driver, portal):
    driver.get(portal.url)
    return driver


def message(when: datetime, text: Any, who: str | None = "Ola Berg", **more: Any) -> dict[str, Any]:
    number = {"Ola Berg": 1001, "Ben Ito": 1002, "Cy": 1003}.get(who or "", 1009)
    return {
        "id": int(when.timestamp()) - 1_700_000_000,
        "type": "message",
        "date": f"{when:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": str(int(when.timestamp())),
        "from": who,
        "from_id": f"user{number}",
        "text": text,
        "text_entities": [{"type": "plain", "text": f"entity of {text}"}],
        **more,
    }


def service(when: datetime, action: str, **more: Any) -> dict[str, Any]:
    return message(when, "") | {"type": "service", "actor": "Dee", "action": action} | more


def forms(start: datetime, word: str) -> Iterator[dict[str, Any]]:
    """Every kind of message that the reader knows, an hour from each other."""
    person = "Zoe Q" if word == SECRET else "Uma R"
    told: list[tuple[Any, dict[str, Any]]] = [
        (f"{word} and so", {}),
        ([f"{word} ", {"type": "bold", "text": "tired"}, {"type": "link", "text": "x"}], {}),
        (["ask ", {"type": "mention_name", "text": person, "user_id": 7}, f" {word}"], {}),
        (f"@noor_{word[:2]} and {word}", {}),
        (word, {"edited_unixtime": "1800000000", "edited": "2027-01-15T08:00:00"}),
        (word, {"edited_unixtime": "1800000000", "reactions": [{"emoji": "PRIVATE"}]}),
        ("", {"photo": "photos/PRIVATE.jpg", "width": 10, "height": 10}),
        (word, {"file": "PRIVATE.pdf", "file_name": "PRIVATE", "mime_type": "x"}),
        ("", {"media_type": "sticker", "file": "PRIVATE.webp", "sticker_emoji": "PRIVATE"}),
        ("", {"poll": {"question": "PRIVATE", "answers": [{"text": "PRIVATE"}]}}),
        ("", {"location_information": SPOT, "place_name": "PRIVATE"}),
        ("", {"contact_information": {"first_name": f"Kit {person}", "phone_number": "PRIVATE"}}),
        (word, {"forwarded_from": "PRIVATE"}),
        (word, {"forwarded_from": None}),
        (word, {"via_bot": "@PRIVATE"}),
        (word, {"saved_from": "PRIVATE"}),
        ("beep", {"inline_bot_buttons": [[{"text": "PRIVATE"}]], "from": "A bot"}),
        (word, {"from_id": "channel77", "from": "Night team"}),
        (word, {"from": None, "from_id": None}),
        (word, {"reply_to_message_id": 7}),
        ("", {"self_destruct_period_seconds": 5}),
        ("", {"game_title": "PRIVATE"}),
    ]
    for number, (text, more) in enumerate(told):
        who = ("Ola Berg", "Ben Ito")[number % 2]
        yield message(start + timedelta(hours=number), text, who) | more


def telegram(*messages: Any, **more: Any) -> dict[str, Any]:
    told = {"name": "Night team", "type": "private_supergroup", "id": 1234567890}
    return told | more | {"messages": list(messages)}


def as_json(value: Any, indent: int | None = 1) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode()


def long_chat() -> dict[str, Any]:
    return telegram(
        service(
            EARLY - timedelta(days=9), "create_group", title="Nights", members=["Ola Berg", "Al"]
        ),
        *forms(EARLY, SECRET),
        message(EARLY + timedelta(days=2), f"{OBJECTION}", "Cy"),
        message(EARLY + timedelta(days=3), OPT_IN_SENTENCE, "Ola Berg"),
        message(EARLY + timedelta(days=3, hours=1), OPT_IN_SENTENCE, "Al", forwarded_from="Ola"),
        {"id": 7, "type": "unsupported", "text": SECRET},
        # An hour before midnight in London, and half an hour after.
        message(datetime(2026, 11, 8, 23, 30, tzinfo=UTC), SECRET, "Ben Ito"),
        message(datetime(2026, 11, 9, 0, 30, tzinfo=UTC), "after midnight", "Ben Ito"),
        *forms(OPEN, "fine"),
        service(OPEN + timedelta(days=1), "invite_members", members=["Mo"]),
        message(OPEN + timedelta(days=2), 'quotes " and \\ and } ] in it\n\u00e9', "Cy"),
    )


def must_read_alike(case: Case, answer: dict[str, Any], whole: bytes | None = None) -> bytes:
    assert "sealed" in answer, (case.name, answer)
    content = opened(answer)
    all_, own = read(whole or case.export), read(content)
    assert of_days(own, case.first) == of_days(all_, case.first), case.name
    assert len(of_days(own, case.first)) > 0
    told = [
        roll_call(by_person(one.messages), told_on=TOLD_ON, opt_in_group=True)
        for one in (own, all_)
    ]
    assert told[0].first_day == told[1].first_day, case.name
    assert sorted(told[0].sayings) == sorted(told[1].sayings), case.name
    assert own.roster == all_.roster, case.name
    assert own.report.unsure_reasons == all_.report.unsure_reasons, case.name
    before = [one for one in own.messages if one.sent_at.date() < case.first]
    said = {OBJECTION, OPT_IN_SENTENCE, "-", ""}
    assert {one.text for one in before} <= said, case.name
    assert SECRET.encode() not in content, case.name
    return content


def test_telegram_reads_alike_and_says_of_files_only_that_they_are_there(browser) -> None:
    held = long_chat()
    for one in held["messages"]:
        one.setdefault("edited_by", "PRIVATE")
    old = json.loads(as_json(held))
    for one in old["messages"]:
        one.pop("date_unixtime", None)
    minute = message(OPEN, "so")
    cases = [
        Case("pretty", as_json(held)),
        Case("one line", as_json(held, None)),
        Case("marked", b"\xef\xbb\xbf" + as_json(held)),
        Case("old", as_json(old)),
        Case("zip", zipped(**{"x__result_dot_json": as_json(held), "p_dot_jpg": b"PRIVATE"})),
        # Longer than what comes at a time, so that every token is cut somewhere.
        Case("long", as_json(telegram(*([message(EARLY, SECRET)] * 9), *([minute] * 3000)))),
    ]
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        content = must_read_alike(case, answer)
        assert b"PRIVATE" not in content, case.name
        assert b"0.12345" not in content
        assert answer["you"] is None


def test_of_a_telegram_account_one_group_is_taken(browser) -> None:
    listed = [
        {"type": "saved_messages", "id": 1, "messages": [message(OPEN, SECRET)]},
        {"name": "Mum", "type": "personal_chat", "id": 2, "messages": [message(OPEN, SECRET)]},
        {**telegram(message(OPEN, SECRET)), "name": "Rota", "id": 3},
        long_chat(),
    ]
    account = {"about": "x", "chats": {"about": "y", "list": listed}, "left_chats": {"list": []}}
    (answer,) = cut_all(browser, [Case("account", as_json(account), chat=1)])
    assert answer["chats"] == 2
    must_read_alike(Case("account", b""), answer, as_json(long_chat()))
    assert b"Rota" not in opened(answer)
    assert b"Mum" not in opened(answer)


IN_SMALL_PIECES = """
const [whole, done] = arguments;
import('/static/delivery/json_chats.js').then(async ({ chatParts }) => {
  const bytes = new TextEncoder().encode(whole), all = [];
  for (const size of [1, 2, 3, 7, 64, bytes.length]) {
    let place = 0;
    const stream = new ReadableStream({ pull(controller) {
      if (place >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(place, place += size));
    } });
    const found = [];
    for await (const parts of chatParts(stream)) found.push(...parts);
    all.push(found);
  }
  done(all);
}).catch((error) => done(String(error.stack)));
"""


def test_however_a_document_comes_in_pieces_its_messages_are_the_same(browser) -> None:
    held = long_chat()
    text = as_json({"chats": {"list": [{"x": [1, {"messages": [2]}]}, held]}}).decode()
    several = browser.execute_async_script(IN_SMALL_PIECES, text)
    assert isinstance(several, list), several
    assert all(one == several[-1] for one in several)
    told = [json.loads(one["written"]) for one in several[-1] if "key" not in one]
    assert told == held["messages"]
    assert {one["place"] for one in several[-1]} == {"chats/1"}


def canonical(*records: Record, **more: Any) -> bytes:
    told = {"platform": "teams", "covers_from": "2026-10-01T00:00:00Z"}
    told |= {"covers_until": "2026-11-21T00:00:00+00:00", "chat_title": "Nights"} | more
    return line_of(Header(canonical_export=1, **told)) + b"".join(map(line_of, records))


def record(
    number: int, when: datetime, text: str, sender: str | None = "u1", **more: Any
) -> Record:
    return Record(id=f"m{number}", at=when.isoformat(), sender=sender, text=text, **more)


def records() -> list[Record]:
    gone = datetime(2026, 9, 20, tzinfo=UTC)
    held = [
        record(900, gone, "", "u7", name="Old", kind="deleted"),
        record(901, gone, SECRET, "u8", name="Older", kind="edited"),
        record(902, EARLY, "joined", None, name="Al", kind="system", also_named=["Alan"]),
        record(903, EARLY, SECRET, "u9", name="Bot", bot=True),
    ]
    for start, word, person in ((EARLY, SECRET, "Zoe Q"), (OPEN, "fine", "Uma R")):
        for n, more in enumerate(
            (
                {"name": "Ola", "also_named": ["+44 7700 900123"]},
                {"name": "Ola Berg"},
                {"name": "Ben", "kind": "edited"},
                {"name": "Ben", "kind": "media"},
                {"name": "Cy", "html": True, "text": f"<p>{word} &amp; <at>{person}</at></p>"},
                {"name": "Cy", "kind": "deleted", "text": ""},
                {"text": f"{word} @noor_{word[:2]}"},
                {"name": "Dee", "caption": True},
            )
        ):
            told = {"text": word} | more
            when = start + timedelta(hours=n)
            place = n + (0 if word == SECRET else 100)
            held.append(record(place, when, told.pop("text"), f"u{n // 2}", **told))
    said = f"<p>{OBJECTION}</p>"
    held.append(record(801, EARLY + timedelta(days=4), said, "u3", name="Cy", html=True))
    # Said, and then not: by a record that comes before or after, as the order is.
    gone = EARLY + timedelta(days=5)
    held.append(record(803, gone, OPT_IN_SENTENCE, "u3", name="Cy"))
    held.append(record(803, gone + timedelta(seconds=1), "", "u3", name="Cy", kind="deleted"))
    held.append(record(804, gone, OPT_IN_SENTENCE, "u1", name="Ben"))
    held.append(record(804, gone, SECRET, "u1", name="Ben", kind="edited"))
    held.append(record(802, EARLY - timedelta(days=4), OPT_IN_SENTENCE, "u1", name="Ben"))
    return held


def test_a_canonical_export_reads_alike_in_any_order(browser) -> None:
    held = records()
    cases = [
        Case("in order", canonical(*sorted(held, key=lambda one: one.at))),
        Case("backwards", canonical(*sorted(held, key=lambda one: one.at, reverse=True))),
        Case("as it comes", canonical(*held).replace(b"\n", b"\r\n")),
    ]
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        content = must_read_alike(case, answer)
        assert (
            read(content).superseded
            == read(case.export).superseded
            >= {
                key_of("m900"),
                key_of("m901"),
            }
        )
        assert {"Zoe Q", "Uma R", "noor_SE", "noor_fi"} <= read(content).roster


def disordered(seed: int) -> Case:
    """Messages of both sides of the first day in any order, also of the hours of a clock change."""
    chance = random.Random(seed)
    first = chance.choice([date(2026, 10, 25), date(2026, 10, 26), FROM])
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=30)
    held: list[Any] = [record(0, start + timedelta(hours=50), "so", "u1", name="Ola")]
    if seed % 2:
        held = [message(start + timedelta(hours=50), "so")]
    for number in range(1, chance.choice((20, 60))):
        when = start + timedelta(minutes=30 * chance.randrange(160))
        early = when.astimezone(LONDON).date() < first
        text = chance.choice((OBJECTION, OPT_IN_SENTENCE, *([SECRET if early else "tea"] * 5)))
        if not early and chance.random() < 0.2:
            text = f"{text} @\u2068{chance.choice(('Zoe', 'Uma R'))}\u2069 or @noor.x"
        who = chance.choice((*["Ola", "Ben", "Cy"] * 3, None))
        if seed % 2:
            kind = chance.choice(
                ({}, {}, {}, {"photo": "x"}, {"forwarded_from": "y"}, {"edited": "z"})
            )
            held.append(message(when, text, who) | {"id": number} | kind)
        else:
            kind = chance.choice((*["speech"] * 5, "media", "edited", "deleted"))
            sender = chance.choice((f"u{who}", "u1", None))
            one = record(number, when, text, sender, name=who, kind=kind)
            held.append(one)
            if chance.random() < 0.3:
                # The same message, since deleted or edited.
                other = SECRET if early else "coffee"
                kind = chance.choice(("edited", "deleted"))
                held.append(msgspec.structs.replace(one, kind=kind, text=other))
    chance.shuffle(held)
    content = (
        as_json(telegram(*held))
        if seed % 2
        else canonical(*held, covers_until="2026-11-22T00:00:00Z")
    )
    return Case(f"{('canonical', 'telegram')[seed % 2]} {seed}", content, first=first)


def test_whatever_is_in_disorder_reads_alike(browser) -> None:
    cases = [disordered(seed) for seed in range(60)]
    for case, answer in zip(cases, cut_all(browser, cases), strict=True):
        must_read_alike(case, answer)


REFUSED = {
    "NOTHING_NEW": as_json(telegram(message(EARLY, SECRET))),
    "FUTURE": as_json(telegram(message(NOW + timedelta(days=9), "later"))),
    "JSON_DAMAGED": as_json(telegram(message(OPEN, "so")))[:-9],
    "OF_DISCORD": as_json({"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": []}),
    "OF_MESSENGER": as_json(
        {"participants": [{"name": "Ola"}], "messages": [{"sender_name": "Ola", "content": SECRET}]}
    ),
    "OF_SLACK": as_json([{"type": "message", "user": "U1", "text": SECRET, "ts": "1.2"}]),
    "OF_SIGNAL": as_json({"version": "1", "backupTimeMs": "1"}, None) + b"\n",
    "OF_LINE": b"[LINE] Chat history with Rota\n",
    "OF_TELEGRAM_PAGE": b"<!DOCTYPE html>\n<html><head><title>Exported Data</title></head>",
    "NO_CHAT": b'{"a": [1, 2]}',
}


def test_what_is_not_cut_is_refused_by_the_name_of_its_platform(browser, portal) -> None:
    portal.sent.clear()
    answers = cut_all(browser, [Case(code, export) for code, export in REFUSED.items()])
    assert {code: answer.get("code") for code, answer in zip(REFUSED, answers, strict=True)} == {
        code: code for code in REFUSED
    }
    slack = zipped(**{"users_dot_json": b"[]", "general__2026-11-15_dot_json": REFUSED["OF_SLACK"]})
    assert cut_all(browser, [Case("zip", slack)]) == [{"code": "OF_SLACK"}]
    assert [method for method, _, body in portal.sent if method != "GET" or body] == []
