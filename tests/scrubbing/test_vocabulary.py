import hashlib
import re

import pytest

from assets.governance.errors import ScrubError
from assets.scrubbing import vocabulary_build
from assets.scrubbing.recognisers import PATTERNS
from assets.scrubbing.vocabulary import VOCABULARY_FILE, load_vocabulary, read_words
from assets.scrubbing.vocabulary_build import build_vocabulary, write_vocabulary

ADDED = VOCABULARY_FILE.with_name("vocabulary_added.txt")
REMOVED = VOCABULARY_FILE.with_name("vocabulary_removed.txt")


def test_the_committed_list_is_what_its_readers_expect():
    words, digest = load_vocabulary()
    lines = VOCABULARY_FILE.read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert listed == sorted(set(listed)) == sorted(words)
    assert digest == hashlib.sha256(VOCABULARY_FILE.read_bytes()).hexdigest()
    assert 8_000 <= len(words) <= 11_000
    assert all(re.fullmatch(r"[a-z]+(?:'[a-z]+)*", word) for word in words)
    assert {word for word in words if len(word) == 1} == {"a", "i"}


def test_hand_written_lists_are_honoured_and_do_not_contradict():
    added, removed = read_words(ADDED), read_words(REMOVED)
    words, _ = load_vocabulary()
    assert not added & removed
    assert {word for word in added if len(word) > 1} <= words
    assert not removed & words


@pytest.mark.parametrize("kind", ["NUMBER_WORD", "CALENDAR"])
def test_no_word_that_the_patterns_remove_is_in_the_vocabulary(kind):
    words, _ = load_vocabulary()
    regexes = [re.compile(regex) for regex in PATTERNS[kind].values()]
    assert [word for word in words if any(regex.fullmatch(word) for regex in regexes)] == []


@pytest.mark.parametrize(
    "content", [b"", b"so\ntired\n", b"So\n" * 2000, b"\xff" * 9000, b"a7\n" + b"so\n" * 2000]
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
    tables, tagged = tmp_path / "constructs", tmp_path / "ner"
    spoken = "we are tired and grace is tired . xyzzy Norwich the manager's shift's 7up u8 hope\n"
    for name in ("goemotions", "collective_action"):
        (tables / name).mkdir(parents=True)
        (tables / name / "train.csv").write_text("text,labels\n" + spoken * 3, encoding="utf-8")
    for name in vocabulary_build._TAGGED:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("tired O\nOaks B-LOC\noaks O\nOaks B-LOC\n\nmaybe O\n", encoding="utf-8")
    known = {"we", "are", "tired", "and", "grace", "is", "the", "manager", "shift", "oaks", "hope",
             "maybe", "a", "b"}  # fmt: skip
    monkeypatch.setattr(vocabulary_build, "_dictionary", lambda _: known.__contains__)
    monkeypatch.setattr(vocabulary_build, "_names", lambda: {"grace", "tired"})
    monkeypatch.setattr(vocabulary_build, "FREQUENT", 1)
    (tmp_path / "added.txt").write_text("# why\nrota hoist hope b\n", encoding="utf-8")
    (tmp_path / "removed.txt").write_text("# why\nhope\n", encoding="utf-8")
    assert tagged.is_dir()
    return tmp_path


def test_the_build_counts_accepts_takes_away_and_adds(small_corpora, tmp_path):
    words = build_vocabulary(small_corpora, tmp_path / "added.txt", tmp_path / "removed.txt")
    # Gone: a name, a town, a non-word, words used as names, by hand, seen too seldom, one letter.
    # A name that is also the most frequent word stays.
    wanted = "and are hoist is manager maybe rota shift the tired we"
    assert words == wanted.split()
    again = build_vocabulary(small_corpora, tmp_path / "added.txt", tmp_path / "removed.txt")
    assert again == words


def test_the_least_number_of_uses_counts(small_corpora, tmp_path):
    words = build_vocabulary(
        small_corpora, tmp_path / "added.txt", tmp_path / "removed.txt", least_uses=4
    )
    assert "maybe" not in words
    assert "tired" in words


def test_a_written_list_reads_back(tmp_path):
    path = tmp_path / "vocabulary.txt"
    write_vocabulary(["so", "tired"], path)
    assert read_words(path) == {"so", "tired"}
    assert path.read_text(encoding="utf-8").startswith("# The closed vocabulary")
