from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.validity.slices import PLAIN, length_fifths, ways_of_speaking, words_in


@settings(derandomize=True)
@given(st.lists(st.integers(0, 30), max_size=60))
def test_fifths_are_of_equal_size_and_rise(lengths: list[int]) -> None:
    texts = [" ".join(["word"] * many) for many in lengths]
    fifths = [rows for _, rows in length_fifths(texts)]
    assert sorted(np.concatenate([*fifths, np.zeros(0, int)]).tolist()) == list(range(len(texts)))
    sizes = [len(rows) for rows in fifths]
    assert len(sizes) <= 5
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
    words = words_in(texts)
    for shorter, longer in pairwise(fifths):
        assert words[shorter].max() <= words[longer].min()


def test_a_fifth_says_how_long_its_messages_are() -> None:
    texts = ["word " * many for many in range(1, 11)]
    names = [name for name, _ in length_fifths(texts)]
    assert names[0] == "1 to 2 words"
    assert names[-1] == "9 to 10 words"


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("cannae be bothered wi any of it", "dialect"),
        ("she never said owt", "dialect"),
        ("Aye, dead. Battery I mean", "dialect"),
        ("small wins innit", "dialect"),
        ("thanks to yous", "dialect"),
        ("mi tired til mi bones a bawl", "dialect"),
        ("Please to tell me which bus", "second language"),
        ("who is having key for medicine cupboard?", "second language"),
        ("I no understand new system", "second language"),
        ("i put it in email to manager already", "second language"),
        ("handover at nine", PLAIN),
        ("the wider corridor is tidy", PLAIN),
        ("did she say anything", PLAIN),
        ("we had to go in the office", PLAIN),
        ("AYES to the right", PLAIN),
        ("", PLAIN),
    ],
)
def test_a_way_of_speaking_is_found_by_listed_words(text: str, way: str) -> None:
    found = ways_of_speaking([text])
    assert [name for name, chosen in found.items() if chosen[0]] == [way]


def test_no_text_has_no_way_of_speaking() -> None:
    assert {len(chosen) for chosen in ways_of_speaking([]).values()} == {0}
