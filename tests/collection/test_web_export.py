"""WhatsApp Web's and Desktop's own export: month first, its exporter unnamed, its own wordings."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assets.core.errors import CATALOGUE
from assets.restricted.collection import Export, read_export
from assets.restricted.collection.admission import SetApart
from assets.restricted.collection.group_exports import UNSURE_CODES
from resources.containment.seal import METADATA_LABELS

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 29, 12, tzinfo=LONDON)
ENCRYPTION = (
    "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp,"
    " can read or listen to them."
)
MORE = "Some earlier messages may not be available."
NNBSP, LRM = "\u202f", "\u200e"
MADE_UP_PICTURE = b"\xff\xd8\xff made up"


def web_header(when: datetime, *, space: str = " ") -> str:
    half = "AM" if when.hour < 12 else "PM"
    date = f"{when.month}/{when.day}/{when:%y}"
    return f"[{date}, {when.hour % 12 or 12}:{when:%M}:{when:%S}{space}{half}] "


def chat(entries: Sequence[tuple[datetime, str]], *, opening: Sequence[str] = (ENCRYPTION,)) -> str:
    return "\n".join([*opening, *(web_header(when) + body for when, body in entries), ""])


def zipped(text: str, others: Sequence[str] = ("chat.md",), *, folder: str = "") -> io.BytesIO:
    """A zip of the chat and others, those named with a leading `<` before it."""
    packed = io.BytesIO()
    contents = {"chat.md": b"# made up\n", "photo.jpg": MADE_UP_PICTURE, "notes.txt": b"tea\n"}
    first = [name.removeprefix("<") for name in others if name.startswith("<")]
    later = [name for name in others if not name.startswith("<")]
    with zipfile.ZipFile(packed, "w") as archive:
        for name in [*first, "chat.txt", *later]:
            base = name.rpartition("/")[2]
            archive.writestr(folder + name, text if name == "chat.txt" else contents[base])
    return packed


def read(text: str, region: str | None = "greater_london", **packing) -> Export:
    return read_export(zipped(text, **packing), region, now=NOW)


def bodies(*written: str, opening: Sequence[str] = (ENCRYPTION,)) -> Export:
    start = datetime(2026, 11, 2, 13)
    return read(
        chat(
            [(start + timedelta(minutes=n), one) for n, one in enumerate(written)], opening=opening
        )
    )


def given(export: Export) -> list[tuple[str, str, str]]:
    return [(one.author, one.kind, one.text) for one in export.messages]


def week(first: datetime) -> list[datetime]:
    return [first + timedelta(days=day, minutes=7 * day) for day in range(7)]


DAYS = {
    "first days of a month": week(datetime(2026, 11, 2, 13, 0, 10)),
    "over the turn of a month": week(datetime(2026, 10, 28, 9, 59, 59)),
    "the same number twice": [datetime(2026, 5, 5, 8), datetime(2026, 5, 6, 8)],
    "one day": [datetime(2025, 3, 4, 23, 59, 59)],
    "midnight and noon": [datetime(2024, 2, 1, 0, 0, 1), datetime(2024, 2, 1, 12, 30)],
    "twelfth month": [datetime(2023, 12, 1, 10), datetime(2023, 12, 12, 11)],
    "years apart": [datetime(2021, 1, 9, 1), datetime(2026, 2, 3, 22)],
    "leap day": [datetime(2024, 2, 29, 7), datetime(2024, 3, 1, 7)],
}


@pytest.mark.parametrize("region", [None, "greater_london"])
@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_month_is_first_whatever_the_region_and_days(
    days: Sequence[datetime], region: str | None, line_end: str
) -> None:
    text = chat([(when, f"Bo: hello {n}") for n, when in enumerate(days)])
    export = read(text.replace("\n", line_end), region)
    assert [one.sent_at.replace(tzinfo=None) for one in export.messages] == list(days)
    report = export.report
    assert (report.date_order, report.decided_by, report.unsure_reasons) == ("mdy", "form", ())


@pytest.mark.parametrize(
    ("others", "folder", "opening"),
    [
        (("chat.md",), "", (ENCRYPTION,)),
        (("<chat.md",), "", (ENCRYPTION,)),
        (("chat.md", "media/photo.jpg"), "", (ENCRYPTION,)),
        (("<media/photo.jpg", "media/notes.txt", "chat.md"), "", (ENCRYPTION,)),
        (("chat.md",), "Night team/", (ENCRYPTION,)),
        ((), "", (ENCRYPTION,)),
        (("photo.jpg",), "", (ENCRYPTION, MORE)),
        # Without the opening line the Markdown beside it tells.
        (("chat.md",), "", ()),
        (("<chat.md",), "Night team/", ()),
    ],
)
def test_either_sign_tells_it(others: Sequence[str], folder: str, opening: Sequence[str]) -> None:
    days = DAYS["first days of a month"]
    text = chat([(when, "You: hello") for when in days], opening=opening)
    export = read(text, others=others, folder=folder)
    assert [one.sent_at.replace(tzinfo=None) for one in export.messages] == days
    assert export.report.decided_by == "form"


def test_taken_out_of_its_zip_the_first_line_tells_it() -> None:
    text = "\ufeff" + chat([(when, "Bo: hello") for when in DAYS["first days of a month"]])
    export = read_export(io.BytesIO(text.encode()), "greater_london", now=NOW)
    assert (export.report.earliest.month, export.report.latest.month) == (11, 11)


def ios(days: Sequence[datetime], *, space: str, pad: bool = False, day_first: bool = False) -> str:
    text = ""
    for number, when in enumerate(days):
        header = web_header(when, space=space)
        if day_first:
            date = f"{when:%d/%m/%y}" if pad else f"{when.day}/{when.month}/{when:%y}"
            header = f"[{date}{header[header.index(',') :]}"
        text += f"{header}Bo: hello\r\n"
        if number == 0:
            text += f"{LRM}{header}Rota: {LRM}{ENCRYPTION}\r\n"
    return text


MIXED = [*DAYS["first days of a month"], datetime(2026, 11, 20, 9)]


@pytest.mark.parametrize("space", [NNBSP, " "])
@pytest.mark.parametrize("region", [None, "greater_london"])
@pytest.mark.parametrize(
    ("days", "how", "order", "decided_by"),
    [
        # Days above 12, or their order, prove what an American or other phone wrote.
        (MIXED, {}, "mdy", "over_12"),
        (MIXED, {"day_first": True}, "dmy", "over_12"),
        (MIXED, {"day_first": True, "pad": True}, "dmy", "over_12"),
        (week(datetime(2026, 10, 28)), {}, "mdy", "over_12"),
    ],
)
def test_what_an_iphone_proves_stays_right(
    days: Sequence[datetime], how, order: str, decided_by: str, space: str, region: str | None
) -> None:
    export = read_export(io.BytesIO(ios(days, space=space, **how).encode()), region, now=NOW)
    assert (export.report.date_order, export.report.decided_by) == (order, decided_by)
    assert [one.sent_at.replace(tzinfo=None) for one in export.messages] == list(days)
    assert {one.author for one in export.messages} == {"Bo"}


@pytest.mark.parametrize("space", [NNBSP, " "])
@pytest.mark.parametrize("bracket", [True, False])
def test_american_spelling_that_proves_nothing_is_unsure_not_guessed(
    space: str, bracket: bool
) -> None:
    text = ios(DAYS["first days of a month"], space=space)
    if not bracket:
        text = text.replace(LRM, "").replace("[", "").replace("] ", " - ")
    export = read_export(io.BytesIO(text.encode()), "greater_london", now=NOW)
    assert (export.report.date_order, export.report.unsure_reasons) == ("unsure", ("date_order",))


@pytest.mark.parametrize(
    "header", ["[02/11/26, 1:00:10 PM] ", "[02/11/2026, 1:00:10 pm] ", "[2/11/26, 1:00:10 pm] "]
)
def test_other_spellings_follow_the_region_as_before(header: str) -> None:
    export = read_export(io.BytesIO(f"{header}Bo: hello\r\n".encode()), "greater_london", now=NOW)
    assert (export.report.date_order, export.report.decided_by) == ("dmy", "region")


def test_without_any_sign_it_is_unsure_and_its_own_lines_are_no_speech() -> None:
    text = chat(
        [
            (datetime(2026, 11, 2, 9), "Bo: hello"),
            (datetime(2026, 11, 3, 9), "- Bo changed the group name to 'Rota: nights'"),
            (datetime(2026, 11, 4, 9), "Bo: Poll: who wants tea"),
            (datetime(2026, 11, 5, 9), "Bo: [Forwarded] sign here"),
            (datetime(2026, 11, 6, 9), "You: mine"),
        ],
        opening=(),
    )
    export = read_export(io.BytesIO(text.encode()), "greater_london", now=NOW)
    assert export.report.unsure_reasons == ("date_order",)
    assert [(one.author, one.kind, one.unnamed) for one in export.messages] == [
        ("Bo", "speech", False),
        # Typed, as far as can be told.
        ("Bo", "speech", False),
        ("Bo", "media", False),
        ("You", "speech", True),
    ]


def test_a_quoted_header_changes_nothing() -> None:
    export = bodies(
        *["Bo: hello"] * 12, f"Bo: look\n[3/15/24, 2:05:09{NNBSP}PM] Cy: other phone", "Bo: bye"
    )
    assert (export.report.date_order, export.report.decided_by) == ("mdy", "form")


def test_a_date_that_no_month_first_can_be_is_no_header() -> None:
    text = chat([(datetime(2026, 11, day, 9), "Bo: hi") for day in (2, 3, 4, 5, 6)])
    text += "[15/3/26, 1:00:10 PM] Cy: copied from another phone\n"
    export = read(text)
    assert (export.report.date_order, export.report.refused) == ("mdy", 1)
    assert {one.author for one in export.messages} == {"Bo"}


@pytest.mark.parametrize(
    ("opening", "label"),
    [
        (ENCRYPTION, "You"),
        (ENCRYPTION, "Unknown"),
        ("Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Niemand sonst liest sie.", "Du"),
        ("Los mensajes y las llamadas están cifrados de extremo a extremo. Nadie más.", "Tú"),
        ("Les messages et les appels sont chiffrés de bout en bout. Aucun tiers.", "Vous"),
        ("I messaggi e le chiamate sono crittografati end-to-end. Nessuno.", "Tu"),
    ],
)
def test_a_label_is_no_name(opening: str, label: str) -> None:
    export = bodies(f"{label}: so tired", "Bo: fine here", f"- Bo added {label}", opening=[opening])
    assert [(one.author, one.unnamed) for one in export.messages] == [(label, True), ("Bo", False)]
    assert export.roster == {"Bo"}
    assert export.report.unsure_reasons == ()


@pytest.mark.parametrize("header", ["15/03/2024, 14:05 - ", "[15/03/2024, 14:05:09] "])
def test_you_is_no_name_in_any_form_and_other_words_are(header: str) -> None:
    text = f"{header}You: mine\n{header}Du: hers\n{header}Bo: his\n"
    export = read_export(io.BytesIO(text.encode()), "greater_london", now=NOW)
    assert [(one.author, one.unnamed) for one in export.messages] == [
        ("You", True), ("Du", False), ("Bo", False),
    ]  # fmt: skip
    assert "You" not in export.roster


@pytest.mark.parametrize("opening", [(), ("Viestit ja puhelut ovat täysin salattuja. Ei muut.",)])
def test_an_exporter_who_cannot_be_told_makes_the_export_unsure(opening: Sequence[str]) -> None:
    export = bodies("Sinä: mine", "Bo: hello", opening=opening)
    assert export.report.unsure_reasons == ("exporter",)
    assert CATALOGUE.keys() >= {UNSURE_CODES[reason] for reason in export.report.unsure_reasons}


def test_nor_can_one_be_told_in_an_unknown_language_without_the_markdown() -> None:
    days = [datetime(2026, 11, day, 9) for day in (3, 28)]
    text = chat([(when, "Sinä: mine") for when in days], opening=["Sanoja on"])
    assert read(text, others=()).report.unsure_reasons == ("exporter",)


def test_a_pasted_chat_of_an_iphone_changes_nothing() -> None:
    pasted = "".join(f"\n[3/{day}/24, 2:05:09{NNBSP}PM] Cy: other phone" for day in (4, 5, 6))
    export = bodies("Bo: hello", f"Bo: look{pasted}", "Bo: bye")
    assert (export.report.date_order, export.report.decided_by) == ("mdy", "form")


NOTICES = {
    "Bo changed the group name to 'Rota: nights'": ("subject", {"Bo", "Rota: nights"}),
    "Bo changed the group name to 'Bo's nights'": ("subject", {"Bo", "Bo's nights"}),
    "Bo changed the group description": ("picture", {"Bo"}),
    "Bo cleared the group description": ("picture", {"Bo"}),
    "Bo changed settings: only admins can send messages": ("picture", {"Bo"}),
    "Bo added Cy and You": ("added", {"Bo", "Cy"}),
    "Bo added Cy, Dee Ito, and Efe": ("added", {"Bo", "Cy", "Dee Ito", "Efe"}),
    "Bo made Cy an admin": ("admin", {"Bo", "Cy"}),
    "Bo removed Cy as admin": ("admin", {"Bo", "Cy"}),
    "Bo removed Cy": ("removed", {"Bo", "Cy"}),
    "Cy left": ("left", {"Cy"}),
    "Cy joined via invite link": ("joined", {"Cy"}),
    "Bo turned on disappearing messages (7 days)": ("disappearing", {"Bo"}),
    "Cy's security code changed. Tap to learn more.": ("security", {"Cy"}),
    "Security code changed. Tap to learn more.": ("security", set()),
    "[Call: missed]": ("other", set()),
    "[System notification]": ("other", set()),
    "A new line: of some kind": ("unknown", set()),
}


@pytest.mark.parametrize(("notice", "expected"), NOTICES.items())
def test_lines_led_by_a_dash_are_notices(notice: str, expected: tuple[str, set[str]]) -> None:
    export = bodies("Zed: hello", f"- {notice}", "Zed: bye")
    assert given(export) == [("Zed", "speech", "hello"), ("Zed", "speech", "bye")]
    kind, names = expected
    assert export.report.notices == {kind: 1}
    assert export.roster == {"Zed", *names}


CARD = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Kos;Jan;;;\nFN:Jan Kos\n"
    "TEL;waid=447700900123:+44 7700 900123\nEND:VCARD"
)
PLACE = "51.50, -0.12 - https://maps.google.com/?q=51.50,-0.12"


@pytest.mark.parametrize(
    ("text", "kind", "detail"),
    [
        ("<image omitted>", "media", None),
        ("<voice message omitted>", "media", None),
        ("<GIF omitted>", "media", None),
        ("<Contact card omitted>", "media", "contact_cards"),
        ("<Live location omitted>", "media", None),
        ("<AI message>", "media", None),
        ("<event_creation message>", "media", None),
        ("GIF attached", "media", None),
        ("rota (1).pdf (file attached)", "media", None),
        ("image (file attached)", "media", None),
        ("voice message (file attached)", "media", None),
        ("Jan Kos.vcf (file attached)", "media", "contact_cards"),
        ("[Forwarded] sign this petition now", "media", "forwarded"),
        ("[Forwarded many times] sign\nthis", "media", "forwarded"),
        ("[Forwarded] <image omitted> look", "media", "forwarded"),
        ("Poll: Who can cover?\n    - me\n    - not me", "media", "polls"),
        ("Poll: Who can cover?", "media", "polls"),
        ("Poll\n    - me", "media", "polls"),
        ("Umfrage: Wer?\n    - ich", "media", "polls"),
        ("Afstemning: Hvem?\n    - mig\n    - ikke mig", "media", "polls"),
        (f"Contact: {CARD}", "media", "contact_cards"),
        (f"Kontakt: {CARD}", "media", "contact_cards"),
        ("2 contacts shared", "media", "contact_cards"),
        ("1 contact shared", "media", "contact_cards"),
        (f"Location: {PLACE}", "media", "locations"),
        (f"Live location: {PLACE}", "media", "locations"),
        (f"The Blue Door: Location: {PLACE}", "media", "locations"),
        (f"Konum: {PLACE}", "media", "locations"),
        ("This message was deleted", "deleted", None),
        ("This message was deleted by an admin", "deleted", None),
        ("This message was deleted by admin Bo", "deleted", None),
        ("You deleted this message as admin", "deleted", None),
        ("Waiting for this message. This may take a while.", "media", "waiting"),
    ],
)
def test_what_web_writes_is_no_speech(text: str, kind: str, detail: str | None) -> None:
    export = bodies(f"Cy: {text}", "Zed: hello")
    assert [(one.author, one.kind) for one in export.messages] == [("Cy", kind), ("Zed", "speech")]
    counted = {name: count for name, count in export.report.details.items() if count}
    assert counted == ({detail: 1} if detail else {})
    if "VCARD" in text:
        assert export.roster == {"Cy", "Zed", "Jan Kos"}


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("<image omitted> the new sling", "the new sling"),
        ("<video omitted> first line\nsecond line", "first line\nsecond line"),
        ("IMG-2026.jpg (file attached) the new sling", "the new sling"),
        ("rota (1).pdf (file attached) see\npage two", "see\npage two"),
        ("image (file attached) look (file attached)", "look (file attached)"),
        ("<Bild weggelassen> so sieht es aus", "so sieht es aus"),
    ],
)
def test_a_caption_is_speech_without_its_marker(text: str, caption: str) -> None:
    export = bodies(f"Cy: {text}", "Zed: hello")
    assert given(export)[0] == ("Cy", "speech", caption)
    assert export.report.details["captions"] == 1


SPEECH = (
    "I voted in the poll: nights it is",
    "- a list\n- of things",
    "[later] I will",
    "<sigh> what a shift",
    "the location: the blue door",
    "my phone is here (file attached to the mail)",
    "This message was deleted by admin, was it?\nno",
    "it is 51.50, -0.12 on the map",
    "ask Bo: he knows\n  - or not",
    "You received my message",
)


@pytest.mark.parametrize("text", SPEECH)
def test_typed_words_are_speech(text: str) -> None:
    assert given(bodies(f"Cy: {text}", "Zed: hello"))[0] == ("Cy", "speech", text)


@pytest.mark.parametrize(
    "text",
    ["Poll: who wants tea", "Location: the blue door", "Contact: the office", "[Forwarded] I said",
     "<image omitted> I said", "2 contacts shared", "GIF attached"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["15/03/2024, 14:05 - ", "[15/03/2024, 14:05:09] "])
def test_on_phones_the_same_words_are_speech(header: str, text: str) -> None:
    export = read_export(io.BytesIO(f"{header}Cy: {text}\n".encode()), now=NOW)
    assert given(export) == [("Cy", "speech", text)]


def test_no_run_may_show_why_messages_are_set_apart() -> None:
    assert not {why.value for why in SetApart} & METADATA_LABELS
