"""A notice's template never swallows a sentence: the roster takes only what may be a name."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assets.restricted.collection import Export, read_export
from assets.restricted.collection.whatsapp.notice_names import may_be_name
from assets.restricted.collection.whatsapp.wordings import wordings

NOW = datetime(2026, 11, 29, tzinfo=ZoneInfo("Europe/London"))
LRM = "\u200e"
VIEW_ONCE = "You received a view once {}. For added privacy, you can only open it on your phone."


def ios(*bodies: str) -> Export:
    text = "".join(
        f"{LRM if LRM in body else ''}"
        f"[15/03/2024, {10 + number // 60}:{number % 60:02}:09] {body}\r\n"
        for number, body in enumerate((*bodies, "Zed: hello"))
    )
    return read_export(io.BytesIO(text.encode()), now=NOW)


def android(*bodies: str) -> Export:
    text = "".join(f"15/03/2024, 14:05 - {body}\n" for body in (*bodies, "Zed: hello"))
    return read_export(io.BytesIO(text.encode()), now=NOW)


@pytest.mark.parametrize("what", ["message", "photo", "video", "voice message"])
def test_view_once_is_media(what: str) -> None:
    for export in (
        ios(f"Cy: {LRM}{VIEW_ONCE.format(what)}"),
        android(f"Cy: {VIEW_ONCE.format(what)}"),
    ):
        assert [(m.author, m.kind) for m in export.messages] == [("Cy", "media"), ("Zed", "speech")]
        assert export.report.details["view_once"] == 1
        assert export.roster == {"Cy", "Zed"}
    unsent = ios(f"{LRM}{VIEW_ONCE.format(what)}")
    assert (unsent.roster, unsent.report.notices) == ({"Zed"}, {"other": 1})


COMMUNITY = "Care Homes North"
LINES = {
    f"Cy added this group to the community: {COMMUNITY}": ("community", {"Cy", COMMUNITY}),
    f"Cy added this group to the community: Care: {COMMUNITY}": ("community", {"Cy"}),
    f"Cy added this group to the community “{COMMUNITY}”": ("community", {"Cy", COMMUNITY}),
    "Cy added this group to the community": ("community", {"Cy"}),
    f"Cy added you to a group in the community: {COMMUNITY}": ("community", {"Cy", COMMUNITY}),
    "Cy removed this group from the community": ("community", {"Cy"}),
    "Cy requested to add Dr. Bo Lane": ("requested", {"Cy", "Dr. Bo Lane"}),
    "Cy requested to add +44 7700 900123": ("requested", {"Cy", "+44 7700 900123"}),
    "Cy added Bo Lane, J. Ito and +44 7700 900123": (
        "added", {"Cy", "Bo Lane", "J. Ito", "+44 7700 900123"},
    ),
    "Cy added Bo and 3 others": ("added", {"Cy", "Bo"}),
    "Cy added María del Carmen de la Cruz": ("added", {"Cy", "María del Carmen de la Cruz"}),
    "Cy added ola from work": ("added", {"Cy", "ola from work"}),
    "Cy left": ("left", {"Cy"}),
    # No wording that is known, with words of one that is.
    "Cy added the poll. You can vote, change or remove it": ("unknown", set()),
    "You sent a photo. Cy added it to the album": ("unknown", set()),
    "Somebody in here once asked and so Cy left": ("unknown", set()),
    "Cy added some things to keep in mind": ("unknown", set()),
    "Cy added the words: nights and days": ("unknown", set()),
    "Nachricht erhalten. Für mehr Schutz hat Cy sie hinzugefügt": ("unknown", set()),
    "Cy hat diese Gruppe zur Community hinzugefügt": ("unknown", set()),
    "Cy a ajouté ce groupe à la communauté": ("unknown", set()),
}  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), LINES.items())
@pytest.mark.parametrize("sender", ["", "Rota: "])
def test_a_line_by_an_iphone(line: str, expected: tuple[str, set[str]], sender: str) -> None:
    kind, names = expected
    # The group's title is the sender of the encryption notice too.
    title = [f"Rota: {LRM}Messages and calls are end-to-end encrypted."] if sender else []
    export = ios(*title, f"{sender}{LRM}{line}")
    assert [message.author for message in export.messages] == ["Zed"]
    assert export.report.notices == {kind: 1, **({"encryption": 1} if sender else {})}
    assert export.roster == {"Zed", *names, *(["Rota"] if sender else [])}


# No mark of Android's tells a colon in unknown words from a message by one of that name.
@pytest.mark.parametrize("line", [line for line in LINES if "the words: nights" not in line])
def test_the_same_line_by_an_android(line: str) -> None:
    kind, names = LINES[line]
    export = android(line)
    assert [message.author for message in export.messages] == ["Zed"]
    assert (export.report.notices, export.roster) == ({kind: 1}, {"Zed", *names})


def test_a_title_with_a_colon_opens_no_message() -> None:
    export = android(
        "Ola heeft het onderwerp gewijzigd van 'Rota: dag' in 'Nights'",
        "Ola changed the group name to 'Rota: nights'",
    )
    assert [message.author for message in export.messages] == ["Zed"]
    assert {"Ola", "Nights", "Rota: nights"} <= export.roster


def test_chat_privacy_is_heeded_whoever_turned_it_on() -> None:
    export = ios(f"{LRM}Anyone there? Ask me. I am Cy turned on advanced chat privacy")
    assert export.report.privacy_turned_on is not None
    assert export.roster == {"Zed"}


PHRASES = ("this is news. For now", "what is it? Ask", "privacy of the whole group here", "x" * 81)


@pytest.mark.parametrize(
    "language", [lang for lang, words in wordings().items() if "notices" in words]
)
def test_no_language_takes_a_phrase_for_people(language: str) -> None:
    added = [
        wording
        for kind in ("added", "removed", "left")
        for wording in wordings()[language]["notices"].get(kind, ())
        if "{people}" in wording or "{who}" in wording
    ]
    assert added
    lines = [
        wording.replace("{people}", phrase).replace("{who}", phrase).replace("{rest}", "")
        for wording in added
        for phrase in PHRASES
    ]
    export = ios(*(f"{LRM}{line}" for line in lines))
    words = {word for name in export.roster for word in name.split()}
    assert not words & {"news.", "For", "it?", "Ask", "privacy", "whole", "here", "x" * 81}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Ola Reed", True), ("~\u202fOla", True), ("Dr. Ola Reed", True), ("O. R. Reed", True),
        ("Ola 🌻 Reed", True), ("李 小龙", True), ("أمل", True), ("+44 7700 900123", True),
        ("ola", True), ("de la Cruz", True), ("Ola (night lead)", True), ("Ola!", True),
        ("it works. Tap", False), ("Ola: Reed", False), ("Ola? Yes", False), ("", False),
        ("the group that we are in", False), ("Ola “Olly” Reed", False), ("他走了。你好", False),
        ("A B C D E F G H", False),
    ],
)  # fmt: skip
def test_names(written: str, expected: bool) -> None:
    assert may_be_name(written) is expected
