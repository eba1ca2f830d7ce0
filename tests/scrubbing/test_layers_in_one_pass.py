"""Layers that look at each word once find what the plain rule finds."""

import string

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing.capitals import MOSTLY_CAPITALS, _is_shouted
from assets.restricted.scrubbing.letters import _IN_PLACE, _LIKE_LETTERS, Letters
from assets.restricted.scrubbing.name_tagger.layer import KINDS, NameLayer
from assets.restricted.scrubbing.name_tagger.words import tagger_words
from assets.restricted.scrubbing.remains import FEWEST_WORDS, MOST_REMOVED, is_enough
from assets.restricted.scrubbing.words import MARKS, PLACEHOLDER, TokenizedMessage

TEXTS = st.lists(
    st.sampled_from(["we", "Ada", "o'neil", "_", "$am", "b*b", "~x~", "é", "...", "?!", "it's", "A",
                     "Ⓐ", "don't", " ", " ", "\n", "=", "-", "7", "😂", "SHOUT"])
    | st.text(string.printable, max_size=3),
    max_size=14,
).map("".join)  # fmt: skip
SMALL = settings(max_examples=150, derandomize=True)


class Told:
    """A tagger that answers by the length and letters of each word."""

    def probabilities(self, messages, asked=None):
        return [
            np.array([_odds(word) for word in words], np.float32).reshape(-1, 5)
            for words in messages
        ]


def _odds(word: str) -> list[float]:
    odds = [(sum(map(ord, word)) * prime % 97) / 500 for prime in (3, 5, 7)]
    return [1 - sum(odds), *odds, 0]


@SMALL
@given(TEXTS)
def test_a_token_has_the_odds_of_the_likeliest_word_that_it_touches(text):
    message = TokenizedMessage.read(text)
    (read,) = NameLayer(Told()).read([message])
    words = tagger_words(message.text)
    (odds,) = Told().probabilities([[word.written for word in words]])
    expected = np.zeros((len(message.tokens), len(KINDS)), np.float32)
    for t, token in enumerate(message.tokens):
        for word, own in zip(words, odds, strict=True):
            touches = word.start < token.end and token.start < word.end
            if touches and own[1:4].sum() > expected[t].sum():
                expected[t] = own[1:4]
    assert np.array_equal(read.odds, expected)


@SMALL
@given(TEXTS)
def test_tokens_know_what_they_are(text):
    for token in TokenizedMessage.read(text).tokens:
        assert token.is_mark == (token.written[0] in MARKS)
        assert token.is_word == (token.written[0] not in {*MARKS, PLACEHOLDER})
        assert token.lower == token.written.lower()


@SMALL
@given(TEXTS)
def test_signs_are_looked_for_on_both_sides_of_every_word(text):
    message = TokenizedMessage.read(text)
    expected = set()
    for i, token in enumerate(message.tokens):
        beside = (message.text[: token.start][:-9:-1], message.text[token.end :][:8])
        disguised = any(
            own[:1] in _LIKE_LETTERS or (own[:1] in _IN_PLACE and own.lstrip(own[0])[:1].isalnum())
            for own in beside
            if own
        )
        if token.is_word and (disguised or not token.written.isascii()):
            expected.add(i)
    assert set(Letters().removes(message)) == expected


@SMALL
@given(TEXTS)
def test_shouting_is_a_share_of_letters(text):
    tokens = TokenizedMessage.read(text).tokens
    letters = [c for token in tokens if token.is_word for c in token.written if c.isalpha()]
    assert _is_shouted(tokens) == (
        sum(c.isupper() for c in letters) > MOSTLY_CAPITALS * len(letters)
    )


@SMALL
@given(TEXTS, st.sets(st.integers(0, 14)))
def test_what_is_enough_counts_words_left(text, removed):
    message = TokenizedMessage.read(text)
    words = [i for i, token in enumerate(message.tokens) if not token.is_mark]
    left = sum(message.tokens[i].is_word and i not in removed for i in words)
    enough = left >= FEWEST_WORDS and left >= (1 - MOST_REMOVED) * len(words)
    assert is_enough(message, removed) == enough
