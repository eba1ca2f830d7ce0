"""English told from other languages, coarsely, and counted."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assets.restricted.collection import read_export
from assets.restricted.collection.languages import is_english

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("can you do the late shift with me", True),
        ("I'm not on today, they will be", True),
        ("ich bin heute nicht auf der Station", False),
        ("no puedo mañana porque tengo otro turno", False),
        ("je ne suis pas là demain", False),
        ("não posso amanhã, estou muito cansada", False),
        ("nie mam jutro czasu, jestem po nocce", False),
        ("nu pot mâine, sunt foarte obosită", False),
        ("hindi ako pwede bukas po", False),
        ("abeg una dey come", False),
        ("я завтра не могу", False),
        ("أنا متعبة جدا اليوم", False),
        ("明天我不能来", False),
        ("👍👍", None),
        ("12:30", None),
        ("Zebra", None),
        ("", None),
    ],
)
def test_language(text: str, english: bool | None) -> None:
    assert is_english(text) is english


def test_share_is_counted() -> None:
    bodies = ["can you do the late shift with me", "ich bin heute nicht auf der Station", "ok!"]
    chat = "".join(f"15/03/2024, 10:00 - Ola: {body}\n" for body in bodies * 5)
    report = read_export(io.BytesIO(chat.encode()), now=NOW).report
    assert (report.language_judged, report.not_english) == (10, 5)
