import dataclasses
import hashlib
import re

import numpy as np
import pytest

from assets.core.errors import ScrubError
from assets.restricted.scrubbing import vocabulary_build
from assets.restricted.scrubbing.name_tagger.corpora import TaggedWords
from assets.restricted.scrubbing.tagged_text import read_tagged
from assets.restricted.scrubbing.vocabulary import FREQUENT_CUT, NAME_CUT, ClosedVocabulary
from assets.restricted.scrubbing.vocabulary_build import (
    LETTERS_MEANT_AS_WORDS,
    HandWritten,
    build_vocabulary,
    write_vocabulary,
)
from assets.restricted.scrubbing.vocabulary_file import (
    VOCABULARY_FILE,
    load_frequent_names,
    load_vocabulary,
    load_word_names,
)
from assets.restricted.scrubbing.words import TokenizedMessage

LISTS = HandWritten.read(VOCABULARY_FILE.parent)


def test_the_committed_list_is_what_its_readers_expect():
    words, digest = load_vocabulary()
    lines = VOCABULARY_FILE.read_text(encoding="utf-8").splitlines()
    listed = [line.split()[0] for line in lines if not line.startswith("#")]
    assert listed == sorted(set(listed)) == sorted(words)
    assert digest == hashlib.sha256(VOCABULARY_FILE.read_bytes()).hexdigest()
    assert 9_000 <= len(words) <= 14_000
    assert all(re.fullmatch(r"[a-z]+(?:'[a-z]+)*", word) for word in words)
    assert {word for word in words if len(word) == 1} == LETTERS_MEANT_AS_WORDS


def test_hand_written_lists_are_honoured_and_do_not_contradict():
    words, _ = load_vocabulary()
    assert not LISTS.added & LISTS.removed
    assert not LISTS.names & LISTS.removed
    assert {word for word in LISTS.added if len(word) > 1} <= words
    assert not LISTS.removed & words
    assert not LISTS.frequent & (LISTS.removed | LISTS.names)
    assert LISTS.names & words <= load_word_names() < words
    assert LISTS.frequent & words <= load_frequent_names() < words
    assert not load_frequent_names() & load_word_names()


def test_no_word_that_the_patterns_remove_on_its_own_is_in_the_vocabulary(patterns):
    words, _ = load_vocabulary()
    assert [word for word in sorted(words) if patterns.removes(TokenizedMessage.read(word))] == []


@pytest.mark.parametrize(
    ("odds", "removed"),
    [
        (None, {0: "word_name", 2: "not_listed", 3: "word_name"}),
        (FREQUENT_CUT * 1.1, {0: "word_name", 2: "not_listed", 3: "word_name"}),
        (NAME_CUT * 1.1, {0: "word_name", 2: "not_listed"}),
        (NAME_CUT * 0.9, {2: "not_listed"}),
    ],
)
def test_a_word_that_is_a_name_stays_only_where_the_tagger_is_sure(odds, removed):
    message = TokenizedMessage.read("grace tired xyzzy door")
    if odds is not None:
        rows = np.array([[odds, 0, 0], [1, 0, 0], [0, 0, 0], [odds, 0, 0]], dtype=np.float32)
        message = dataclasses.replace(message, odds=rows)
    layer = ClosedVocabulary(
        frozenset({"grace", "tired", "door"}),
        frozenset({"grace"}),
        frequent_names=frozenset({"door"}),
    )
    assert layer.removes(message) == removed


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"so\ntired\n",
        b"So\n" * 2000,
        b"\xff" * 9000,
        b"a7\n" + b"so\n" * 2000,
        VOCABULARY_FILE.read_bytes() + b"grace names\n",
        VOCABULARY_FILE.read_bytes() + b"so it\n",
    ],
)
def test_a_damaged_list_is_refused(content, tmp_path):
    path = tmp_path / "vocabulary.txt"
    path.write_bytes(content)
    with pytest.raises(ScrubError, match=r"^VOCABULARY_UNREADABLE$"):
        load_vocabulary(path)


def test_one_wrong_entry_among_thousands_is_refused(tmp_path):
    path = tmp_path / "vocabulary.txt"
    path.write_text(VOCABULARY_FILE.read_text(encoding="utf-8") + "Sarah\n", encoding="utf-8")
    with pytest.raises(ScrubError, match=r"^VOCABULARY_UNREADABLE$"):
        load_vocabulary(path)


def test_a_missing_list_is_refused(tmp_path):
    with pytest.raises(ScrubError, match=r"^VOCABULARY_UNREADABLE$"):
        load_vocabulary(tmp_path / "none.txt")


@pytest.fixture
def small_corpora(tmp_path, monkeypatch):
    """Corpora of a few lines, a dictionary and a list of names, laid out as the real ones."""
    spoken = "we are tired and grace is tired . xyzzy Norwich the manager's shift's 7up u8 hope\n"
    for name in ("goemotions", "collective_action"):
        folder = tmp_path / "constructs" / name
        folder.mkdir(parents=True)
        (folder / "train.csv").write_text("text,labels\n" + spoken * 3, encoding="utf-8")
    for name in (
        "broad_twitter_corpus/train.conll",
        "wnut17/train.conll",
        "tweebank_ner/train.bio",
    ):
        path = tmp_path / "ner" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("tired O\nOaks B-LOC\noaks O\nOaks B-LOC\nsale O\n\nmaybe O\n", "utf-8")
    (tmp_path / "ner/presidio_synth_v2").mkdir()
    (tmp_path / "ner/presidio_synth_v2/train.json").write_text("[]", encoding="utf-8")
    known = {"we", "are", "tired", "and", "grace", "is", "the", "manager", "shift", "oaks", "hope",
             "maybe", "a", "b", "sale", "gravy"}  # fmt: skip
    monkeypatch.setattr(vocabulary_build, "_dictionary", lambda _: known.__contains__)
    monkeypatch.setattr(vocabulary_build, "_names", lambda: {"grace", "tired"})
    monkeypatch.setattr(vocabulary_build, "_own_names", set)
    monkeypatch.setattr(vocabulary_build, "FREQUENT", 1)
    monkeypatch.setattr(TaggedWords, "is_unseen_tenth", False)
    return tmp_path


SMALL_LISTS = HandWritten(
    added=frozenset({"rota", "hoist", "hope", "b"}),
    removed=frozenset({"hope"}),
    names=frozenset({"sale"}),
    frequent=frozenset({"gravy"}),
)
OWN = [read_tagged("more gravy for [gravy|PER:word] and [Manager|PER:word] xyzzy")]


def test_the_build_counts_accepts_takes_away_and_adds(small_corpora):
    words = build_vocabulary(small_corpora, SMALL_LISTS, OWN)
    # Gone: a town, a non-word, a word that is mostly a name, by hand, seen too seldom, one letter.
    # The most frequent word is seldom a name, and so is what people put down as such.
    wanted = "and are grace gravy hoist is manager maybe rota sale shift the tired we"
    assert list(words) == wanted.split()
    assert [word for word, mark in words.items() if mark == "name"] == ["grace", "sale"]
    assert [word for word, mark in words.items() if mark == "frequent"] == ["gravy", "tired"]
    assert build_vocabulary(small_corpora, SMALL_LISTS, OWN) == words


def test_the_least_number_of_uses_counts(small_corpora):
    words = build_vocabulary(small_corpora, SMALL_LISTS, least_uses=4)
    assert "maybe" not in words
    assert "tired" in words


def test_nothing_is_counted_in_the_unseen_tenth(small_corpora, monkeypatch):
    monkeypatch.setattr(TaggedWords, "is_unseen_tenth", True)
    words = build_vocabulary(small_corpora, SMALL_LISTS, OWN)
    assert "maybe" not in words


def test_a_written_list_reads_back(tmp_path):
    path = tmp_path / "vocabulary.txt"
    write_vocabulary({"so": "", "grace": "name", "tea": "frequent"}, path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# The closed vocabulary")
    assert text.endswith("so\ngrace name\ntea frequent\n")
