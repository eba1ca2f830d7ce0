"""Asking only recognisers that could find gives what Presidio's engine finds with all of them."""

import itertools
import random
import re
import string
import subprocess
import sys
from collections.abc import Mapping

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing.name_tagger.corpora import read_care_chat
from assets.restricted.scrubbing.patterns import (
    _KIND,
    _RANK,
    _TRIGGERS,
    Patterns,
    _may_hold_telephone,
    _touched,
)
from assets.restricted.scrubbing.recognisers import SHAPES
from assets.restricted.scrubbing.recognisers.alike import _ALIKE, finder, is_alike
from assets.restricted.scrubbing.recognisers.asking import _SIGN, _numbers
from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.presidio import presidio
from assets.restricted.scrubbing.recognisers.shapes import Asked, outline, words_of
from assets.restricted.scrubbing.words import TokenizedMessage

WORDS = sorted({word for own in LISTS.values() for entry in own for word in entry.split()})
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        ["half", "past", "ten", "thirtyish", "quarter", "a", "to", "six", "seven", "at", "(at)",
         "dot", "com", "o", "oh", "double", "Mill", "Hill", "Close", "first", "aged", "old", "born",
         "in", "may", "sat", "sun", "and", "£5", "7", "14", "0730", "19:45", "7-3", "12/3",
         "3.4.26",
         "2nd", "2024", "07700", "900123", "o77oo", "LS1", "4AB", "n", "r", "3", "QQ", "123456C",
         "AB12", "CDE", "A1", "ABC", "1234", "x9y8", "GB33", "@", "@ada", "#tag", "://", "///a.b.c",
         "one.two.three", "go.then", "a.pdf", "::", "1::2", "be::ad", "1.2.3.4", "5°n", "yo", "pm",
         "😂", "\u2068Ada\u2069", "é", "Ж", "का", "٣", "½", "ſ", "_", "'", "b'day", "o'clock"]
    ),
    st.text("ab Z19 ./-:@'o", max_size=7),
)  # fmt: skip
MESSAGES = st.lists(
    st.tuples(PIECES, st.sampled_from([" ", " ", " ", ", ", ". ", "-", "\n", "", "/", ": "])),
    max_size=12,
).map(lambda pairs: "".join(itertools.chain(*pairs)))


TRIGGERS = {
    **{entity: ("", trigger) for entity, (_, trigger) in _TRIGGERS.items()},
    **{
        f"{entity}: {name}": (shapes.regexes[name], trigger)
        for entity, shapes in SHAPES.items()
        for name, trigger in shapes.triggers.items()
    },
}


class AllAsked:
    """Presidio's engine, with every recogniser, about every text."""

    def __init__(self) -> None:
        library = presidio()
        recognisers = []
        for one in Patterns()._recognisers:
            made = one.make()
            assert made.supported_entities == [one.entity]
            recognisers.append(made)
        registry = library.RecognizerRegistry(recognizers=recognisers, supported_languages=["en"])
        engine = library.nlp_engine.NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}])
        self._engine = library.AnalyzerEngine(
            registry=registry,
            nlp_engine=engine,
            supported_languages=["en"],
            context_aware_enhancer=library.ContextAwareEnhancer(0, 0, 0, 0),
        )
        self._artifacts = engine.process_text("", "en")

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        starts = [token.start for token in message.tokens]
        removed: dict[int, str] = {}
        for found in self._engine.analyze(
            message.text, "en", score_threshold=0, nlp_artifacts=self._artifacts
        ):
            # The one rule by which less is asked than could find.
            if found.entity_type == "PHONE_NUMBER" and not _may_hold_telephone(message.text):
                continue
            kind = _KIND[found.entity_type]
            for i in _touched(message, starts, found.start, found.end):
                if i not in removed or _RANK[kind] < _RANK[removed[i]]:
                    removed[i] = kind
        return removed


@pytest.fixture(scope="module")
def all_asked() -> AllAsked:
    return AllAsked()


@settings(max_examples=80, derandomize=True)
@given(MESSAGES)
def test_what_is_found_in_made_up_texts_is_what_all_would_find(patterns, all_asked, text):
    message = TokenizedMessage.read(text)
    assert patterns.removes(message) == all_asked.removes(message)


def test_what_is_found_in_care_texts_is_what_all_would_find(patterns, all_asked):
    chat = read_care_chat()
    for one in random.Random(14).sample(chat, 150):
        message = TokenizedMessage.read(one.text)
        assert patterns.removes(message) == all_asked.removes(message)


@pytest.mark.parametrize("joining", ["and", "And", "AND"])
def test_a_number_with_a_word_between_its_digits_is_asked_about_in_any_case(
    patterns, all_asked, joining
):
    message = TokenizedMessage.read(f"8 zero, 3225725036:{joining} 6")
    assert patterns.removes(message) == all_asked.removes(message)


@settings(max_examples=100, derandomize=True)
@given(MESSAGES.map(lambda text: TokenizedMessage.read(text).text).filter(is_alike))
def test_where_something_is_found_its_outline_digits_and_numbers_are(text):
    told, words = outline(text), words_of(text)
    for name, (own, trigger) in TRIGGERS.items():
        if (trigger.outlines or trigger.digits) and re.search(trigger.mark, text):
            assert any(one in told for one in trigger.outlines or [""]), name
            assert told.count("0") >= trigger.digits, name
        if trigger.numbers and regex.search(own, text, regex.IGNORECASE):
            assert _numbers(told, words, trigger.number_words) >= trigger.numbers, name


def test_an_outline_shows_no_letter_and_no_digit():
    assert outline("Ring Ada-May on 07700 é!") == "aaaa aaa-aaa aa 00000 é!"


def test_most_texts_make_few_be_asked(patterns):
    places = patterns._asking.places
    assert places("we are so tired and nobody came to help us") == []
    assert places("so tired 😂😂 honestly.") == []
    assert 0 < len(places("on shift since 7 and so tired")) < 15


def test_triggers_stand_for_patterns_that_are_there_and_those_without_number_all_have_one():
    for shapes in SHAPES.values():
        assert set(shapes.triggers) <= set(shapes.regexes)
        if shapes.asked in (Asked.SIGN, Asked.WORDS):
            assert set(shapes.triggers) == set(shapes.regexes)


def test_a_sign_is_in_all_that_only_signs_ask_for():
    for text in ("a@b", "#a", "x://y", "a.pdf", "w. a", "///a", "\\a", "(at)", "::", "\u2068a"):
        assert _SIGN.search(text)


def test_both_libraries_agree_on_the_characters_on_which_marks_are_believed():
    beyond = [chr(c) for c in range(0x80, 0x1FB00) if _ALIKE.fullmatch(chr(c))]
    assert len(beyond) > 1000
    for c in beyond:
        assert not regex.match(r"[\w\s]", c), hex(ord(c))
        assert not re.match(r"[\w\s]", c), hex(ord(c))
        assert c.lower() == c.upper() == c
    ascii_ones = [chr(c) for c in range(0x80) if _ALIKE.fullmatch(chr(c))]
    assert set(string.printable) <= set(ascii_ones)
    for shape in (r"\w", r"\d", r"\s", "k"):
        theirs, ours = regex.compile(shape, regex.I), re.compile(shape, re.I)
        assert [c for c in ascii_ones if theirs.match(c)] == [
            c for c in ascii_ones if ours.match(c)
        ]


def test_presidio_loads_no_engine_and_leaves_other_libraries_to_be_imported():
    code = (
        "import importlib.util, sys\n"
        "from assets.restricted.scrubbing.patterns import Patterns\n"
        "from assets.restricted.scrubbing.recognisers.presidio import EXTRAS, presidio\n"
        "Patterns()\n"
        "print(sorted(set(EXTRAS) & set(sys.modules)))\n"
        "print(presidio().__name__, importlib.util.find_spec('torch') is not None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "presidio_analyzer True"]
    assert done.stderr == ""


def test_a_library_that_is_loaded_already_stays(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", sys.modules["re"])
    presidio.cache_clear()
    assert presidio().__name__ == "presidio_analyzer"
    assert sys.modules["cupy"] is sys.modules["re"]


def test_recognisers_are_made_when_they_are_first_asked():
    patterns = Patterns()
    assert patterns._made == {}
    patterns.removes(TokenizedMessage.read("on shift since monday"))
    made = set(patterns._made)
    assert len(made) == 1
    patterns.removes(TokenizedMessage.read("and since tuesday"))
    assert set(patterns._made) == made


@pytest.mark.parametrize(
    "text",
    ["thirtyish", "a quarter past", "ada(at)home", "m oh oh b c", "be::ad"],
)
def test_what_holds_no_number_and_no_sign_of_a_link_is_found_too(patterns, text):
    assert patterns.removes(TokenizedMessage.read(text))


OWN_REGEXES = {
    f"{entity}: {name}": regex
    for entity, shapes in SHAPES.items()
    for name, regex in shapes.regexes.items()
}


@settings(max_examples=60, derandomize=True)
@given(MESSAGES.map(lambda text: TokenizedMessage.read(text).text).filter(is_alike))
def test_pythons_library_finds_the_same_spans_as_presidios_by_each_regex(text):
    for name, own in OWN_REGEXES.items():
        found = finder(own)
        if found is not None:
            theirs = regex.finditer(own, text, regex.DOTALL | regex.MULTILINE | regex.IGNORECASE)
            assert found(text) == [one.span() for one in theirs if one[0]], name


def test_nearly_all_regexes_are_read_by_pythons_library():
    unread = {name.partition(": ")[0] for name, own in OWN_REGEXES.items() if finder(own) is None}
    # What stands before a word, in any length, is Presidio's library's alone.
    assert unread == {"OWN_DATE_WORDS", "OWN_PHONE_DIGIT"}
    alternatives = [own for own in OWN_REGEXES.values() if r"\K" in own]
    assert len(alternatives) > 10
    assert all(own.count(r"\K") == 1 for own in alternatives)
