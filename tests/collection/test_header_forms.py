"""Every header form of the catalogue: rendered, read back, and nothing lost or changed."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whatsapp_forms import FORMS, Form, render

from assets.restricted.collection import read_export

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 22, tzinfo=LONDON)


NAMES = ("Ola B", "+44 7700 900123", "~ Zed", "Ünal Ö", "李 小龙", "Jo-Jo 🌻", "أمل")
CHAT = [
    (datetime(2024, 2, 28, 0, 5, 1), NAMES[0], "who is on tonight"),
    (datetime(2024, 2, 28, 11, 59, 59), NAMES[1], "me: till ten"),
    (datetime(2024, 2, 29, 12, 0, 0), NAMES[2], "ok\n\nsee you there\n- bring tea"),
    (datetime(2024, 3, 15, 13, 7, 30), NAMES[3], "½ ™ 👩‍👧 kept as typed"),
    (datetime(2024, 12, 1, 23, 58, 58), NAMES[4], "[later]"),
]


def _floor(form: Form, when: datetime) -> datetime:
    return when if form.seconds else when.replace(second=0)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("bom", [False, True], ids=["", "bom"])
def test_form_reads_back(form: Form, bom: bool) -> None:
    export = read_export(io.BytesIO(render(form, CHAT, bom=bom)), now=NOW)
    assert export.report.date_order == form.order
    assert export.report.refused == 0
    assert [
        (message.sent_at.replace(tzinfo=None), message.author, message.text, message.kind)
        for message in export.messages
    ] == [(_floor(form, when), name, text, "speech") for when, name, text in CHAT]


def test_forms_are_told_apart() -> None:
    shapes = {read_export(io.BytesIO(render(form, CHAT)), now=NOW).report.shape for form in FORMS}
    assert len(shapes) >= 35


_words = st.text(
    alphabet=st.characters(
        codec="utf-8",
        exclude_characters="\r\n\0\u200e\u200f\ufeff<>()[]",
        exclude_categories=("Cs", "Nd", "Nl", "No", "Cc", "Zl", "Zp"),
    ),
    min_size=1,
    max_size=30,
).map(lambda text: "w" + text)
_names = st.sampled_from(NAMES)
_texts = (
    st.lists(_words, min_size=1, max_size=3)
    .map("\n".join)
    .filter(lambda text: text == text.rstrip("\n"))
)
_chats = st.lists(st.tuples(st.integers(0, 300_000), _names, _texts), min_size=1, max_size=12)


@given(st.sampled_from(FORMS), _chats)
@settings(max_examples=300)
def test_any_conversation_reads_back(form: Form, chat: list[tuple[int, str, str]]) -> None:
    # Anchors with days above 12 settle the order; the rest falls where it may, outside
    # the night in which summer time ends.
    when = datetime(2024, 4, 20, 9, 0, 0)
    entries = [(when, "Ola B", "start"), (when + timedelta(days=1), "Ola B", "more")]
    for gap, name, text in chat:
        when = min(entries[-1][0] + timedelta(seconds=gap), datetime(2024, 10, 26))
        entries.append((when, name, text))
    export = read_export(io.BytesIO(render(form, entries)), now=NOW)
    got = [(m.sent_at.replace(tzinfo=None), m.author, m.text) for m in export.messages]
    assert got == [(_floor(form, when), name, text) for when, name, text in entries]
    assert export.report.entries == export.report.with_sender == len(entries)
    stamps = [_floor(form, when).replace(tzinfo=LONDON) for when, _, _ in entries]
    assert (export.report.earliest, export.report.latest) == (min(stamps), max(stamps))


@pytest.mark.parametrize(
    ("written", "hour", "minute"),
    [
        ("23:59 PM", 23, 59),
        ("12:00 am", 0, 0),
        ("12:30 pm", 12, 30),
        ("12:05 a.m.", 0, 5),
        ("3:20 P.M.", 15, 20),
        ("2:05 nachts", 2, 5),
        ("11:05 nachts", 23, 5),
        ("1:05 mittags", 13, 5),
        ("8:15 in the evening", 20, 15),
        ("0:15 pm", 12, 15),
    ],
)
def test_part_of_day(written: str, hour: int, minute: int) -> None:
    chat = f"14/03/2024, {written} - Ola: hello\n"
    (message,) = read_export(io.BytesIO(chat.encode()), now=NOW).messages
    assert (message.sent_at.hour, message.sent_at.minute) == (hour, minute)


def test_header_without_year_takes_the_latest_that_is_past() -> None:
    chat = "15 Mar 14:05 - Ola: hello\n20 Dec 09:00 - Ola: later\n"
    export = read_export(io.BytesIO(chat.encode()), now=NOW)
    assert export.report.year_inferred
    assert [message.sent_at.year for message in export.messages] == [2026, 2025]
