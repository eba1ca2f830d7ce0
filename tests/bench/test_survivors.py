import pytest

from assets.restricted.scrubbing.tagged_text import read_tagged
from bench.scrubbing.counts import count_survival, interval
from bench.scrubbing.survivors import places_of_words, surviving


@pytest.mark.parametrize(
    ("text", "scrubbed", "left"),
    [
        ("will said so", "will said so", "will said so"),
        ("Will said will you", "_ said will you", "said will you"),
        ("Book: example/book or call", "book _ or call", "Book or call"),
        ("sooo tired", "so tired", "sooo tired"),
        ("g r a c e is off", "grace is off", "g r a c e is off"),
        ("the manager's tea, ok?", "the manager tea , _ ?", "the manager's tea"),
        ("so tired", "", ""),
        ("", "", ""),
        ("no no no", "_ no", "no"),
    ],
)
def test_what_survives_is_found_by_place(text, scrubbed, left):
    words = places_of_words(text)
    found = surviving(text, scrubbed, [False] * len(words))
    kept = [text[w.start : w.end] for w, is_left in zip(words, found, strict=True) if is_left]
    assert kept == left.split()


def test_doubt_counts_against_the_scrubber():
    assert surviving("will x will", "will", [False, False, True]) == [False, False, True]
    assert surviving("grace will will", "_ will _", [True, False, True]) == [False, True, False]


def test_spans_words_and_kinds_are_counted():
    message = read_tagged("[Will|PER:word] of [the Oaks|ORG] is in [room 4|ADDRESS] 😂 ok")
    counts = count_survival([message], ["_ of _ oaks is in room _ ok"])
    assert (counts.tokens["PER"], counts.tokens_left["PER"], counts.tokens["PER:word"]) == (1, 0, 1)
    assert (counts.tokens["ORG"], counts.tokens_left["ORG"], counts.spans_left["ORG"]) == (1, 1, 1)
    assert (counts.tokens["ADDRESS"], counts.spans_left["ADDRESS"]) == (2, 1)
    assert (counts.ordinary, counts.ordinary_kept) == (4, 4)
    assert (counts.emoji, counts.emoji_left) == (1, 0)


def test_an_interval_is_given_in_per_cent():
    assert interval(0, 100) == "0.00 (0.00-3.70)"
    assert interval(0, 0) == "-"
