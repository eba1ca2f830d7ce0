"""The layer of scrubbing that asks the tagger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from assets.restricted.scrubbing.capitals import KEPT_CAPITALS
from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from assets.restricted.scrubbing.name_tagger.words import Word, tagger_words
from assets.restricted.scrubbing.words import TokenizedMessage

KINDS = ("person", "place", "organisation")
_COLUMNS = [LABELS.index(label) for label in ("PER", "LOC", "ORG")]

_SHARED = frozenset(word.lower() for word in KEPT_CAPITALS)

CUT = 0.03
"""Probability of a name from which a word goes. Chosen on development data
(docs/scrubbing.md), far below a half, since a name that stays costs more than a word that goes."""


class Tagger(Protocol):
    """Whatever gives each word's probability of each label."""

    def probabilities(self, messages: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """For each message shape (words, labels)."""
        ...


class NameLayer:
    """Removes words that are likely part of a name.

    Args:
        tagger: what to ask.
        cut: probability, all kinds of name together, from which a word goes.
    """

    name = "tagger"

    def __init__(self, tagger: Tagger, cut: float = CUT) -> None:
        self._tagger = tagger
        self._cut = cut

    def read(self, messages: Sequence[TokenizedMessage]) -> list[TokenizedMessage]:
        """The messages with the tagger's odds for their tokens, asked in one batch.

        A token that the tagger sees as several words has the odds of the likeliest.
        """
        words = [tagger_words(message.text) for message in messages]
        probabilities = self._tagger.probabilities(
            [[word.written for word in own] for own in words]
        )
        read = []
        for message, own, odds in zip(messages, words, probabilities, strict=True):
            # A last row of nothing, for tokens that are no word to the tagger.
            of_words = np.zeros((len(own) + 1, len(KINDS)), dtype=np.float32)
            of_words[:-1] = odds[:, _COLUMNS]
            likeliest = _likeliest_words(message, own, of_words.sum(axis=1).tolist())
            read.append(replace(message, odds=of_words[likeliest]))
        return read

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` that are likely names, with their likeliest kind.

        Raises:
            ValueError: where the message was not read by the tagger first.
        """
        if message.odds is None:
            raise ValueError("not read by the tagger")
        likely = message.odds.sum(axis=1) >= self._cut
        return {
            i: KINDS[int(message.odds[i].argmax())]
            for i in np.flatnonzero(likely).tolist()
            if message.tokens[i].is_word and not _is_everybodys(message, likely, i)
        }


def _likeliest_words(
    message: TokenizedMessage, words: Sequence[Word], totals: Sequence[float]
) -> list[int]:
    """For each token the place of the likeliest name among its words; -1 for none with any odds."""
    found = []
    w = 0
    for token in message.tokens:
        while w < len(words) and words[w].end <= token.start:
            w += 1
        best, most = -1, 0.0
        v = w
        while v < len(words) and words[v].start < token.end:
            if totals[v] > most:
                best, most = v, totals[v]
            v += 1
        found.append(best)
    return found


def _is_everybodys(message: TokenizedMessage, likely: np.ndarray, i: int) -> bool:
    """Whether the word is a body that all share ("the nhs") and no part of a longer name."""
    return message.tokens[i].lower in _SHARED and int(likely[max(i - 1, 0) : i + 2].sum()) == 1
