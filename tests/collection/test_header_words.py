"""Words of headers come from CLDR; what headers write beside them is kept by hand."""

import pytest
from babel import Locale

from assets.restricted.collection.whatsapp.clock import date_numbers, time_of_day
from assets.restricted.collection.whatsapp.header_candidates import any_of, holds_header
from assets.restricted.collection.whatsapp.words import ERAS_AFTER, LANGUAGES, MONTHS, PARTS_OF_DAY


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_months_and_parts_of_the_day(language: str) -> None:
    locale = Locale.parse(language)
    words = [
        (number, word.lower().rstrip("."))
        for number, word in locale.months["stand-alone"]["wide"].items()
        if not any(letter.isdigit() or letter.isspace() for letter in word)
    ]
    # Croatian has two of its names in common with the next month of its neighbours.
    known = {word: MONTHS.get(word) for _, word in words}
    assert {word for number, word in words if known[word] != number} <= {"listopad", "srpanj"}
    for name in ("am", "pm"):
        word = " ".join(locale.day_periods["format"]["abbreviated"][name].split()).lower()
        assert PARTS_OF_DAY[word] == name
    assert ERAS_AFTER[locale.eras["abbreviated"][1]] == 0


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        # By hand, for CLDR has other hours or lacks them.
        ("11:30 mittags", 11), ("1:30 mittags", 13), ("11:30 nachts", 23), ("12:30 nachts", 0),
        ("中午 11:30", 11), ("12:30 ночи", 0), ("12:30 f.m.", 0), ("3:30 e.m.", 15),
        # By CLDR, which the hand-written list lacked.
        ("2:30 popoldne", 14), ("7:30 vakarā", 19), ("12:30 keskiyöllä", 0),
    ],
)  # fmt: skip
def test_an_hour_is_read_by_its_word(written: str, hours: int) -> None:
    found = time_of_day(written)
    assert found is not None
    assert found.total_seconds() == hours * 3600 + 1800


@pytest.mark.parametrize(
    ("written", "numbers"),
    [("5 lip 2026", (5, 7, 2026)), ("5 mrz 2026", (5, 3, 2026)), ("5 gener 2026", (5, 1, 2026))],
)
def test_a_named_month_is_read(written: str, numbers: tuple[int, int, int]) -> None:
    assert date_numbers(written) == numbers


def test_a_header_with_a_word_that_only_cldr_has_is_seen() -> None:
    assert holds_header("5. prosince 2026, 7:30 vakarā - Ada: hello")
    assert not holds_header("5. prosinco 2026, 7:30 vakara - Ada: hello")


def test_alternatives_are_tried_longest_first_whatever_they_share() -> None:
    import re

    words = ["a", "ab", "abc", "b c", "b", "ü."]
    pattern = re.compile(f"(?:{any_of(words)})")
    for word in words:
        assert pattern.match(f"{word}!").group() == word
    assert pattern.match("abd").group() == "ab"
    assert pattern.match("b\u202fc").group() == "b\u202fc"
    assert pattern.match("c") is None
