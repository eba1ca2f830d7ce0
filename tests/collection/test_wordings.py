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
from assets.restricted.collection.whatsapp.alphabets import in_no_listed_alphabet
from assets.restricted.collection.whatsapp.templates import poll_head
from assets.restricted.collection.whatsapp.wordings import wordings

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
def test_nothing_that_whatsapp_wrote_is_speech_and_no_speech_is_lost(form: str) -> None:
    for language, words in LANGUAGES.items():
        _require_all_told_apart(words, form, language)


def _require_all_told_apart(words: dict, form: str, language: str) -> None:
    client, mark, line_end = CLIENTS[form]
    export = read(written(words, client, mark, line_end))
    assert export.report.unsure_reasons == (), language
    expected = Counter(kind for _, _, kind in lines_of(words, client, mark))
    counts = export.report.counts
    assert {kind: many for kind, many in counts.items() if many} == expected, language
    spoken = Counter(one.text for one in export.messages if one.kind == "speech")
    assert spoken == Counter(
        body.rpartition("\n")[2] if client == "android" else body
        for _, body, kind in lines_of(words, client, mark)
        if kind == "speech"
    ), language
    assert {one.author for one in export.messages} <= set(PEOPLE), language


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


# Letters of no listed language: Georgian. Then Macedonian, of which listed ones share most.
TYPED = {
    "ka": ["ძალიან დავიღალე", "ვის შეუძლია ხვალ დილით", "მადლობა ყველას"],
    "mk": ["многу сум уморна", "кој може утре наутро", "благодарам на сите"],
    "zorbu": ["mi zu tarik", "ola mor grelik"],
    "en": [
        "Morning all, long shift again",
        "Who is on tonight?",
        "I am so tired of this rota",
        "The handover took ages today",
        "Thanks for covering me",
    ],
    "de": ["ich bin so müde", "wer kann heute die Schicht", "danke für das Dienstbuch"],
    "ru": ["я так устала", "кто может завтра утром", "спасибо всем"],
    "cs": ["jsem tak unavená", "kdo může zítra ráno", "díky všem"],
}
FORMS = [f"mi zu {EDITED}", PLACE, POLL]
ENCRYPTION = {
    language: max(LANGUAGES[language]["notices"], key=len) for language in ("en", "de", "ru")
}


def unmarked(bodies: list[str]) -> str:
    when, text = datetime(2024, 3, 14, 6), ""
    for body in bodies:
        when += timedelta(minutes=3)
        text += f"[{when:%d/%m/%Y, %H:%M:%S}] Ola Smith: {body}\n"
    return text


@pytest.mark.parametrize(
    ("typed", "bodies", "refused"),
    [
        ("ka", FORMS, True),
        ("mk", FORMS, True),
        ("ka", [f"mi zu {EDITED}", f"ola mor {EDITED}", f"tarik {EDITED}"], True),
        ("ka", [f"mi zu {EDITED}", PLACE], False),
        # As many ways to end a message as messages: people typed them.
        ("ka", ["mi <Tas zorbu>", "zu <Grelik mor>", "tarik <Klimak plenik>"], False),
        # What people may type tells nothing beside one line of a listed language.
        ("ka", [*FORMS, "This message was deleted"], False),
        ("ka", [*FORMS, "\u200eimage omitted"], False),
        ("ka", [ENCRYPTION["en"], *FORMS], False),
        ("ka", ["mi zu <This message was edited>"] * 5, False),
        ("en", [*TYPED["ka"], *FORMS], False),
        # It falls short: letters that a listed language has might be typed on such a phone.
        ("zorbu", FORMS, False),
    ],
    ids=[
        *("each once", "of shared letters", "edited often", "two", "several ends"),
        *("one listed", "led", "listed notice", "listed", "mostly English", "Latin"),
    ],
)
def test_without_marks_and_any_listed_line_what_its_form_tells_is_enough(
    typed: str, bodies: list[str], refused: bool
) -> None:
    export = read(unmarked(TYPED[typed] * 4 + bodies))
    assert export.report.unsure_reasons == (("unknown_notices",) if refused else ())


def test_who_begins_with_her_own_name_is_no_notice_where_a_listed_one_was() -> None:
    named = ["Ola Smith here, who is on tonight?"] * 3
    export = read(unmarked([ENCRYPTION["en"], *TYPED["en"], *named]))
    assert export.report.unsure_reasons == ()
    assert export.report.counts["speech"] == len(TYPED["en"]) + 3
    # It falls short: where the history was cut off, such lines may be of a language not listed.
    cut = read(unmarked([*TYPED["en"], *named]))
    assert cut.report.unsure_reasons == ("unknown_notices",)


def test_in_a_long_text_a_few_lines_of_its_form_tell_nothing() -> None:
    assert read(unmarked(TYPED["ka"] * 120 + FORMS)).report.unsure_reasons == ()


PEOPLE_TYPED = {
    "en": {
        "three ends": ["ok then <Big Grin>", "what a day <So Tired>", "haha <Long Sigh Here>"],
        "one end": ["see you <Sent From My Phone>"] * 3,
        "poll, place and end": [
            "WHO CAN COVER:\nMonday\nTUESDAY: me (two days)",
            "Meet here: https://maps.google.com/?q=51.50,-0.12",
            "bye <Kind Regards>",
        ],
        # In letters that no listed language has.
        "foreign": ["ok <კარგი დღე>", "yes <კარგი დღე>", "bye <კარგი დღე>"],
    },
    "de": {
        "three ends": [
            "na dann <Breites Grinsen>",
            "was ein Tag <So Müde>",
            "haha <Tiefer Seufzer>",
        ],
        "one end": ["bis später <Von Meinem Handy>"] * 3,
        "poll, place and end": [
            "WER KANN:\nMontag\nDIENSTAG: ich (zwei Tage)",
            "Treffpunkt hier: https://maps.google.com/?q=51.50,-0.12",
            "tschüss <Viele Grüße>",
        ],
    },
    "ru": {
        "three ends": [
            "ну ладно <Широкая улыбка>",
            "ну и день <Очень устала>",
            "ох <Тяжкий вздох>",
        ],
        "one end": ["до встречи <С моего телефона>"] * 3,
        "poll, place and end": [
            "КТО МОЖЕТ:\nпонедельник\nВТОРНИК: я (два дня)",
            "встреча здесь: https://maps.google.com/?q=51.50,-0.12",
            "пока <Всего доброго>",
        ],
    },
    "cs": {"one end": ["na shledanou <Z mého telefonu>"] * 3},
}


@pytest.mark.parametrize("before", ["few", "notice", "many"])
@pytest.mark.parametrize(
    ("language", "bodies"),
    [
        pytest.param(language, bodies, id=f"{language} {what}")
        for language, several in PEOPLE_TYPED.items()
        for what, bodies in several.items()
    ],
)
def test_no_chat_in_a_listed_language_is_refused_for_what_people_typed(
    language: str, bodies: list[str], before: str
) -> None:
    opening = [ENCRYPTION[language]] if before == "notice" and language in ENCRYPTION else []
    export = read(unmarked(opening + TYPED[language] * (200 if before == "many" else 4) + bodies))
    assert export.report.unsure_reasons == ()
    # Each of them would count, were the phone's language not listed.
    assert export.report.counts["edited"] + export.report.counts["media"] == len(bodies)


@pytest.mark.parametrize(
    ("text", "head"),
    [
        (POLL, "KLIMAK"),
        # Georgian has capitals that no word begins with.
        ("გამოკითხვა:\nვინ?\nვარიანტი: მე (2 ხმა)", "გამოკითხვა"),
        # Capitals that a word may begin with look otherwise.
        *(
            (f"{letter} ANKETA:\nKo?\nOPCIJA: ja (2 glasa)", f"{letter} ANKETA")
            for letter in "\u01c4\u01c7\u01ca\u01f1\u01c5"
        ),
        ("\u01c6 ANKETA:\nKo?\nOPCIJA: ja (2 glasa)", None),
        ("POLL:\nWho?\nOPTION: me (2 votes)", ""),
        ("Klimak:\nZu mor?\nPLOK: mi (2 ruka)", None),
        ("KLIMAK:\nZu mor?\nPlok: mi (2 ruka)", None),
        ("shopping:\nmilk\nbread: two (2 loaves)", None),
    ],
)
def test_a_poll_is_told_by_its_form(text: str, head: str | None) -> None:
    assert poll_head(text) == head


@pytest.mark.parametrize(
    ("text", "unlisted"),
    [
        ("ok გამოტოვებული", True),
        ("ተስተካክሏል", True),
        ("மிகவும்", True),
        ("кој може", True),
        # Belarusian.
        ("быў дома", True),
        ("ёжик, съел йогурт", False),
        ("сьогодні їжа, ґанок є", False),
        ("labai pavargau po naktinės", False),
        # Smileys, and English in letters that are drawn otherwise.
        ("ಠ_ಠ (ლ_ლ) <ಠ ಠ>", False),
        ("𝓑𝓲𝓰 𝓖𝓻𝓲𝓷 ＡＢＣＤ", False),
        ("ᗷᎥǤᎶ", False),
        ("", False),
    ],
)
def test_letters_tell_of_no_listed_language(text: str, unlisted: bool) -> None:
    assert in_no_listed_alphabet(text) is unlisted


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_listed_language_is_told_by_its_letters_to_be_unlisted(language: str) -> None:
    assert not in_no_listed_alphabet(" ".join(LANGUAGES[language]["typed"]))
    for several in wordings()[language].values():
        assert not in_no_listed_alphabet(str(several))
