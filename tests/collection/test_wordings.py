"""Every kind of line in 35 phone languages, in each client's form, as strangers write it."""

from collections import Counter
from datetime import datetime, timedelta
from io import BytesIO
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from assets.restricted.collection import Export, read_export
from assets.restricted.collection.whatsapp.templates import poll_head

NOW = datetime(2026, 11, 29, tzinfo=ZoneInfo("Europe/London"))
LANGUAGES = yaml.safe_load(
    (Path(__file__).parent / "wordings" / "by_language.yaml").read_text("utf-8")
)
NOT_LISTED = yaml.safe_load(
    (Path(__file__).parent / "wordings" / "not_listed.yaml").read_text("utf-8")
)
LRM, RLM = "\u200e", "\u200f"
PEOPLE = ("Ola", "Ben", "Cy Reed")
MEDIA = ("attached", "missed", "located", "waiting", "view_once", "poll")
# Client, what leads its own lines, line end.
CLIENTS = {
    "android": ("android", "", "\n"),
    "ios": ("ios", LRM, "\r\n"),
    "ios led from the right": ("ios", RLM, "\n"),
    "ios without marks": ("ios", "", "\r"),
}

Line = tuple[str | None, str, str]
"""Sender, body, and kind as the report counts it."""


def several(words: dict, what: str) -> list[str]:
    return [words[what]] if isinstance(words[what], str) else words[what]


def lines_of(words: dict, client: str, mark: str) -> list[Line]:
    """One chat: its notice of encryption, speech, everything written in place of it, notices."""
    who = cycle(PEOPLE)
    longest = max(words["notices"], key=len)
    found: list[Line] = [(None, longest, "system")]
    found += [(next(who), text, "speech") for text in words["typed"] * 2]
    for what in ("media" if client == "android" else "left_out", "deleted", *MEDIA):
        if what == "attached" and client == "ios":
            continue
        kind = "deleted" if what == "deleted" else "media"
        found += [(next(who), body, kind) for body in several(words, what)]
    typed = words["typed"][0]
    found += [(next(who), f"{typed} {mark}{end}", "edited") for end in words["edited"]]
    if client == "android":
        found.append((next(who), "null", "media"))
        for marker in (words["media"][0], words["attached"][0]):
            found.append((next(who), f"{marker}\n{words['typed'][1]}", "speech"))
    found += [(None, text, "system") for text in words["notices"] if text != longest]
    return found


def written(words: dict, client: str, mark: str, line_end: str) -> str:
    when, text = datetime(2024, 3, 14, 6, 0, 7), ""
    for sender, body, kind in lines_of(words, client, mark):
        when += timedelta(hours=1, minutes=3)
        led = mark if kind not in ("speech", "edited") else ""
        shown = sender or ""
        if client == "ios" and sender is None:
            # The person acting, or the group.
            acting = body.split()[0]
            shown = acting if acting in PEOPLE else "Rota"
        text += f"{led}{when.strftime(words[client])}{shown}{': ' if shown else ''}{led}{body}\n"
    return text.replace("\n", line_end)


def read(text: str) -> Export:
    return read_export(BytesIO(text.encode()), "greater_london", now=NOW)


@pytest.mark.parametrize("form", CLIENTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_whatsapp_wrote_is_speech_and_no_speech_is_lost(
    language: str, form: str
) -> None:
    words, (client, mark, line_end) = LANGUAGES[language], CLIENTS[form]
    export = read(written(words, client, mark, line_end))
    assert export.report.unsure_reasons == ()
    expected = Counter(kind for _, _, kind in lines_of(words, client, mark))
    counts = export.report.counts
    assert {kind: many for kind, many in counts.items() if many} == expected
    spoken = Counter(one.text for one in export.messages if one.kind == "speech")
    assert spoken == Counter(
        body.rpartition("\n")[2] if client == "android" else body
        for _, body, kind in lines_of(words, client, mark)
        if kind == "speech"
    )
    assert {one.author for one in export.messages} <= set(PEOPLE)


# Of a language that no catalogue knows, no word but what every export shows by its form.
UNKNOWN = {
    "media": ["<Zorbu plenik>", "<Zorbu gramik plenik>"],
    "attached": ["IMG-20240315-WA0001.jpg (fumik zorbu)", "Rota.pdf (fumik zorbu)"],
    "located": ["grelik: https://maps.google.com/?q=51.50,-0.12"],
    "poll": "KLIMAK:\nZu mor?\nPLOK: mi (2 ruka)\nPLOK: no (0 ruka)",
    "edited": ["<Tas zorbu plenik>"],
}


@pytest.mark.parametrize("form", [one for one in CLIENTS if one != "ios without marks"])
def test_the_form_alone_tells_in_a_language_that_is_not_known(form: str) -> None:
    client, mark, line_end = CLIENTS[form]
    words = {
        "android": "%d/%m/%Y, %H:%M - ",
        "ios": "[%d/%m/%Y, %H:%M:%S] ",
        "typed": ["mi zu tarik", "ola mor grelik", "zu"] * 4,
        "left_out": ["klimak plenik", "grelik plenik", "Tas zorbu"],
        "deleted": [],
        "missed": [],
        "waiting": [],
        "view_once": [],
        "notices": ["Tas zorbu mor WhatsApp encripti kelu, gramo zu nemi tarik.", "Ola mor Ben"],
        **UNKNOWN,
    }
    export = read(written(words, client, mark, line_end))
    expected = Counter(kind for _, _, kind in lines_of(words, client, mark))
    counts = export.report.counts
    assert {kind: many for kind, many in counts.items() if many} == expected
    # Without marks, what it writes otherwise than by form would be taken for speech.
    assert export.report.unsure_reasons == (() if mark else ("unknown_notices",))


def _misread(words: dict, form: str, *, cut: bool) -> Counter[str]:
    """What was read as speech and was not typed, or the other way round, where nothing says so."""
    client, mark, line_end = CLIENTS[form]
    lines = lines_of(words, client, mark)
    rows = written(words, client, mark, line_end).split(line_end)
    export = read(line_end.join(rows[2:] if cut else rows))
    if export.report.unsure_reasons:
        return Counter()
    spoken = Counter(one.text for one in export.messages if one.kind == "speech")
    typed = Counter(
        body.rpartition("\n")[2] if client == "android" else body
        for _, body, kind in lines[2 if cut else 0 :]
        if kind == "speech"
    )
    return (spoken - typed) + (typed - spoken)


@pytest.mark.parametrize("form", CLIENTS)
@pytest.mark.parametrize("language", NOT_LISTED)
def test_a_phone_language_that_is_not_listed_is_refused_or_left_out(
    language: str, form: str
) -> None:
    assert _misread(NOT_LISTED[language], form, cut=False) == Counter()
    # Whose history was cut off, and with it the notices that it began with.
    words = {**NOT_LISTED[language], "notices": NOT_LISTED[language]["notices"][:2]}
    assert _misread(words, form, cut=True) == Counter()


EDITED = "<Tas zorbu plenik>"
PLACE = "grelik: https://maps.google.com/?q=51.50,-0.12"
POLL = UNKNOWN["poll"]


@pytest.mark.parametrize(
    ("bodies", "refused"),
    [
        ([f"mi zu {EDITED}", PLACE, POLL], True),
        ([f"mi zu {EDITED}", f"ola mor {EDITED}", f"tarik {EDITED}"], True),
        ([f"mi zu {EDITED}", PLACE], False),
        # What people may type tells nothing beside one line of a listed language.
        ([f"mi zu {EDITED}", PLACE, POLL, "This message was deleted"], False),
        ([f"mi zu {EDITED}", PLACE, POLL, "\u200eimage omitted"], False),
        (["mi zu <This message was edited>"] * 5, False),
    ],
    ids=["each once", "edited often", "two", "one listed", "led", "listed"],
)
def test_without_marks_and_any_listed_line_what_its_form_tells_is_enough(
    bodies: list[str], refused: bool
) -> None:
    typed = ["mi zu tarik", "ola mor grelik"] * 5
    when, text = datetime(2024, 3, 14, 6), ""
    for body in typed + bodies:
        when += timedelta(minutes=3)
        text += f"[{when:%d/%m/%Y, %H:%M:%S}] Ola: {body}\n"
    assert read(text).report.unsure_reasons == (("unknown_notices",) if refused else ())


@pytest.mark.parametrize(
    ("text", "head"),
    [
        (POLL, "KLIMAK"),
        # Georgian has capitals that no word begins with.
        ("გამოკითხვა:\nვინ?\nვარიანტი: მე (2 ხმა)", "გამოკითხვა"),
        ("POLL:\nWho?\nOPTION: me (2 votes)", ""),
        ("Klimak:\nZu mor?\nPLOK: mi (2 ruka)", None),
        ("KLIMAK:\nZu mor?\nPlok: mi (2 ruka)", None),
        ("shopping:\nmilk\nbread: two (2 loaves)", None),
    ],
)
def test_a_poll_is_told_by_its_form(text: str, head: str | None) -> None:
    assert poll_head(text) == head
