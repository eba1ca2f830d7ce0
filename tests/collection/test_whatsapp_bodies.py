"""What each body is, who sent it, and what stays inside a message."""

import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assets.restricted.collection import Export, read_export

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))
LRM = "\u200e"


def android(*bodies: str) -> Export:
    chat = "".join(f"15/03/2024, 14:{number:02} - {body}\n" for number, body in enumerate(bodies))
    return read_export(io.BytesIO(chat.encode()), now=NOW)


def ios(*bodies: str) -> Export:
    chat = "".join(
        f"{LRM if LRM in body else ''}[15/03/2024, 14:05:{number:02}] {body}\r\n"
        for number, body in enumerate(bodies)
    )
    return read_export(io.BytesIO(chat.encode()), now=NOW)


def kinds(export: Export) -> list[str]:
    return [message.kind for message in export.messages]


SPEECH = (
    "I've added my hours to the rota",
    "they removed my break",
    "Carol left early again",
    "Carol left",
    "You deleted this message by mistake didn't you",
    "was this message was deleted?",
    "Messages and calls are end-to-end encrypted. lol",
    "I added Bola",
    "image omitted from the report",
    "<sigh>",
    "location: the blue door",
    "POLL: who wants tea",
    "she changed the group description again",
    "my phone (file attached)",
    "<This message was edited> is what it says",
    "Only managers can change it",
    "ends with a bracket (see above)",
    "14:05 is when it starts - Bob: said so",
)


@pytest.mark.parametrize("text", SPEECH)
@pytest.mark.parametrize("phone", [android, ios])
def test_typed_words_are_speech(text: str, phone) -> None:
    if text.startswith("Messages and calls"):
        text += "\nand more"
    (message,) = phone(f"Ola: {text}").messages
    assert (message.kind, message.author, message.text) == ("speech", "Ola", text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<Media omitted>", "media"),
        ("<Video message omitted>", "media"),
        ("<Medien ausgeschlossen>", "media"),
        ("IMG-20240315-WA0001.jpg (file attached)", "media"),
        ("Ann Example.vcf (file attached)", "media"),
        ("location: https://maps.google.com/?q=51.50,-0.12", "media"),
        ("live location shared", "media"),
        ("Waiting for this message. This may take a while.", "media"),
        ("POLL:\nWho can cover?\nOPTION: me (2 votes)\nOPTION: not me (0 votes)", "media"),
        ("This message was deleted", "deleted"),
        ("You deleted this message", "deleted"),
        ("I can do six <This message was edited>", "edited"),
        ("two lines\nhere <This message was edited>", "edited"),
    ],
)
def test_android_writes_it_instead(text: str, kind: str) -> None:
    assert kinds(android(f"Ola: {text}", "Ola: hello")) == [kind, "speech"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("image omitted", "media"),
        ("sticker omitted", "media"),
        ("Contact card omitted", "media"),
        ("Bild weggelassen", "media"),
        ("<attached: 00000042-PHOTO-2024-03-15-14-05-09.jpg>", "media"),
        ("Location: https://maps.google.com/?q=51.50,-0.12", "media"),
        (f"POLL:\nCover?\n{LRM}OPTION: yes (1 vote)", "media"),
        ("Missed voice call", "media"),
        (f"Voice call, {LRM}5 min", "media"),
        ("Waiting for this message. This may take a while.", "media"),
        ("Something that no version has written yet", "media"),
        ("This message was deleted.", "deleted"),
    ],
)
def test_ios_leads_what_it_writes_with_a_mark(text: str, kind: str) -> None:
    assert kinds(ios(f"Ola: {LRM}{text}", "Ola: hello")) == [kind, "speech"]


@pytest.mark.parametrize(
    "text",
    [
        f"Rota.pdf • {LRM}3 pages {LRM}document omitted",
        f"Rota.pdf • {LRM}3 pages {LRM}<attached: 00000042-Rota.pdf>",
        f"Rota.pdf • {LRM}document omitted",
        f"Rota.pdf {LRM}<attached: 00000042-Rota.pdf>",
    ],
)
def test_ios_mark_after_a_file_s_name(text: str) -> None:
    assert kinds(ios(f"Ola: {text}")) == ["media"]


@pytest.mark.parametrize(
    ("phone", "text", "caption"),
    [
        (
            ios,
            f"the new sling {LRM}<attached: 00000042-PHOTO-2024-03-15-14-05-09.jpg>",
            "the new sling",
        ),
        (ios, f"first line\nsecond {LRM}image omitted", "first line\nsecond"),
        (ios, f"{LRM}image omitted\nlook at this", "look at this"),
        (android, "IMG-20240315-WA0001.jpg (file attached)\nlook at this", "look at this"),
        (android, f"{LRM}IMG-20240315-WA0001.jpg (file attached)\nlook\nagain", "look\nagain"),
        (android, "VID-20240315-WA0001.mp4 (nowe słowa)\nlook", "look"),
    ],
)
def test_a_caption_is_its_sender_s_speech(phone, text: str, caption: str) -> None:
    export = phone(f"Ola: {text}")
    (message,) = export.messages
    assert (message.kind, message.author, message.text) == ("speech", "Ola", caption)
    assert export.report.details["captions"] == 1


@pytest.mark.parametrize(
    ("phone", "text", "detail"),
    [
        (android, "POLL:\nWho?\nOPTION: me (2 votes)", "polls"),
        (android, "ANKETA:\nKdo?\nMOŽNOST: já (2 hlasy)", "polls"),
        (ios, f"{LRM}ENCUESTA:\n¿Quién?\n{LRM}OPCIÓN: yo (1 voto)", "polls"),
        (ios, f"{LRM}Missed video call", "calls"),
        (ios, f"{LRM}Voice call, {LRM}No answer", "calls"),
        (ios, f"{LRM}Verpasster Sprachanruf", "calls"),
        (android, "location: https://maps.google.com/?q=51.50,-0.12", "locations"),
        (android, "Standort: https://maps.google.com/?q=51.50,-0.12", "locations"),
        (ios, f"{LRM}Location: https://maps.google.com/?q=51.50,-0.12", "locations"),
        (android, "live location shared", "locations"),
        (android, "Ann Example.vcf (file attached)", "contact_cards"),
        (ios, f"{LRM}Contact card omitted", "contact_cards"),
        (ios, f"{LRM}<attached: 00000042-Ann Example.vcf>", "contact_cards"),
        (android, "Waiting for this message. This may take a while.", "waiting"),
        (ios, f"{LRM}Waiting for this message. This may take a while.", "waiting"),
    ],
)
def test_details_are_counted(phone, text: str, detail: str) -> None:
    report = phone(f"Ola: {text}", "Ola: hello").report
    assert {name: count for name, count in report.details.items() if count} == {detail: 1}
    assert (report.counts["media"], report.counts["speech"]) == (1, 1)


def test_mark_inside_typed_text() -> None:
    assert kinds(ios(f"Ola: ask {LRM}+44 7700 900123 please")) == ["speech"]


def test_edited_text_loses_only_its_marker() -> None:
    (message,) = ios(f"Ola: can do six {LRM}<This message was edited>").messages
    assert (message.kind, message.text) == ("edited", "can do six")


NOTICES = (
    "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp,"
    " can read or listen to them.",
    "Ola created group “Night team”",
    "Ola added Ben, Cy Dee and +44 7700 900123",
    "Ola changed the group name from “Rota: days” to “Rota: nights”",
    "Ben was added",
    "Cy Dee left",
    "Ola removed Ben",
    "Ola joined using this group's invite link",
    "Ola changed the group description",
    "Ola turned on advanced chat privacy",
    "You're now an admin",
    "Ola changed their phone number to a new number. Tap to message or add the new number.",
    "Ola pinned a message",
)


@pytest.mark.parametrize("notice", NOTICES)
def test_notices_are_counted_and_not_given(notice: str) -> None:
    plain = android(notice, "Ola: hello")
    led = ios(f"Night team: {LRM}{notice}", "Ola: hello")
    unsent = ios(f"{LRM}{notice}", "Ola: hello")
    for export in (plain, led, unsent):
        assert [message.author for message in export.messages] == ["Ola"]
        assert (export.report.counts["system"], export.report.entries) == (1, 2)
        assert export.report.authors == 1
        assert export.report.earliest != export.report.earliest_with_sender


def test_android_notice_with_a_colon_in_a_title() -> None:
    export = android('Ola changed the group name from "Rota: days" to "Rota: nights"', "Ola: hi")
    assert [message.author for message in export.messages] == ["Ola"]


def test_unknown_notice_of_the_title_is_system() -> None:
    export = ios(
        f"Night team: {LRM}Messages and calls are end-to-end encrypted. Tap to learn more.",
        f"Night team: {LRM}Something that no version has written yet",
        "Ola: hello",
    )
    assert export.report.counts["system"] == 2


@pytest.mark.parametrize(
    ("bodies", "expected", "expired"),
    [
        (("Ola:.", "Ola: hi"), [("Ola", "hi")], 1),
        (("Ola: hi", "Ola:"), [("Ola", "hi"), ("Ola", "")], 0),
        (("Ola:", "Ola: hi"), [("Ola", ""), ("Ola", "hi")], 0),
        (("A notice that ends so:", "Ola: hi"), [("Ola", "hi")], 0),
        (("Ola: hi", "Ola:there"), [("Ola", "hi"), ("Ola", "there")], 0),
        (("Ola:hi", "Ben:there"), [("Ola", "hi"), ("Ben", "there")], 0),
        (("Ola: a: b: c", "Ola: d"), [("Ola", "a: b: c"), ("Ola", "d")], 0),
        (("Rota: ready?: yes", "Ben: x"), [("Rota: ready?", "yes"), ("Ben", "x")], 0),
        (
            ("Ola: see https://example.org", "https://x.example"),
            [("Ola", "see https://example.org")],
            0,
        ),
    ],
)
def test_senders(bodies: Sequence[str], expected: list[tuple[str, str]], expired: int) -> None:
    export = android(*bodies)
    assert [(message.author, message.text) for message in export.messages] == expected
    assert export.report.counts["expired"] == expired
    assert export.report.with_sender == len(expected)


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("\u202a+44 7700 900123\u202c", "+44 7700 900123"),
        ("\u202a+44 7700\u00a0900123\u202c", "+44 7700\u00a0900123"),
        (f"{LRM}Ola", "Ola"),
        ("~\u202fOla", "~\u202fOla"),
        ("🌻", "🌻"),
    ],
)
def test_marks_round_a_sender_go(written: str, author: str) -> None:
    (message,) = android(f"{written}: hi").messages
    assert message.author == author


QUOTES = (
    "[1.9.24, 00:00:00] Ben: other form",
    "[15/03, 14:05] Ben: as phones copy it",
    "2024-03-15 14:05 - Ben: other form",
    "> 15/03/2024, 14:05 - Ben: marked as quoted",
    "said 15/03/2024, 14:05 - Ben: mid-line",
)


@pytest.mark.parametrize("quote", QUOTES)
def test_quoted_header_stays_inside(quote: str) -> None:
    for export in (android("Ola: look\n" + quote, "Cy: ok"), android("Ola: " + quote, "Cy: ok")):
        assert [message.author for message in export.messages] == ["Ola", "Cy"]


def test_quoted_header_of_the_same_form_stays_inside_by_its_line_end() -> None:
    own = [f"[15/03/2024, 14:05:{number:02}] Ola: hi {number}\r\n" for number in range(4)]
    quoting = "[15/03/2024, 14:06:00] Ola: look\n[14/03/2024, 10:00:00] Ben: call me\r\n"
    export = read_export(io.BytesIO("".join([*own, quoting]).encode()), now=NOW)
    assert {message.author for message in export.messages} == {"Ola"}
    assert export.report.refused_lines == (6,)


def test_byte_order_marks_in_mid_file() -> None:
    chat = "\ufeff15/03/2024, 14:05 - Ola: hi\n\ufeff16/03/2024, 14:05 - Ben: hi\n"
    export = read_export(io.BytesIO(chat.encode()), now=NOW)
    assert [message.author for message in export.messages] == ["Ola", "Ben"]


def test_lines_before_the_first_entry_are_counted() -> None:
    chat = "an old heading\n\n15/03/2024, 14:05 - Ola: hi\n[1.1.24, 10:00] Ben: no\n"
    report = read_export(io.BytesIO(chat.encode()), now=NOW).report
    assert (report.lines_before_first_entry, report.entries, report.refused_lines) == (2, 1, (4,))


def test_roster_holds_every_name_and_shows_none() -> None:
    export = android(
        'Ola created group "Night team"',
        "Ola added Ben, Cy Dee and Efe",
        "~ Gil: ask @\u2068Hana Ito\u2069 or @447700900123",
        "Gil: Jan Kos.vcf (file attached)",
    )
    expected = {
        "Ola",
        "Ben",
        "Cy Dee",
        "Efe",
        "Night team",
        "Gil",
        "Hana Ito",
        "447700900123",
        "Jan Kos",
    }
    assert expected <= export.roster
    shown = repr(export) + "".join(map(repr, export.messages)) + repr(export.report)
    assert not [name for name in expected if name in shown]


@pytest.mark.parametrize(
    ("text", "kind", "detail"),
    [
        ("<Media omitted>\nlook at this", "speech", "captions"),
        ("<Media omitted> look at this", "speech", "captions"),
        ("null", "media", None),
        ("null and void", "speech", None),
        ("", "media", "view_once"),
        ("Missed voice call", "media", "calls"),
        ("Missed group call", "media", "calls"),
        ("Video call, 12 min", "media", "calls"),
        ("Video call, can you do six?", "speech", None),
        ("Missed voice call from you, sorry", "speech", None),
        ("This message was deleted by admin Bo", "deleted", None),
        ("You received a view once message. For added privacy, you can only open it on your phone.",
         "media", "view_once"),
        ("<Media omitted>\nlook <This message was edited>", "edited", None),
        ("<Big Sigh>\nhere", "speech", "captions"),
        ("<sigh> no", "speech", None),
    ],
)  # fmt: skip
def test_android_in_english(text: str, kind: str, detail: str | None) -> None:
    export = android("Ben: hello", f"Ola: {text}")
    assert [one.kind for one in export.messages] == ["speech", kind]
    assert {name for name, many in export.report.details.items() if many} == {detail} - {None}


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Ola ändrade gruppens beskrivning: be kind", {"Ola", "Ben"}),
        ("Ola ha cambiato qualcosa di nuovo: be kind", {"Ola", "Ben"}),
        ("Your chat is now with a business account: Care", {"Ola", "Ben"}),
        # People are called so.
        ("Ola from work: be kind", {"Ola", "Ben", "Ola from work"}),
        ("Ola Reed Night Lead: be kind", {"Ola", "Ben", "Ola Reed Night Lead"}),
    ],
)
def test_the_beginning_of_a_notice_is_no_sender(line: str, people: set[str]) -> None:
    export = android("Ola: hello", "Ben: hi", line, "Ola: bye")
    assert {one.author for one in export.messages} == people
    assert export.roster == people
    assert export.report.counts["system"] == 3 - len(people)
