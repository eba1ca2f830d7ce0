"""The layer of scrubbing that asks the tagger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from assets.restricted.scrubbing.capitals import KEPT_CAPITALS
from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from assets.restricted.scrubbing.name_tagger.words import tagger_words
from assets.restricted.scrubbing.words import TokenizedMessage

KINDS = ("person", "place", "organisation")
_COLUMNS = [LABELS.index(label) for label in ("PER", "LOC", "ORG")]

_SHARED = frozenset(word.lower() for word in KEPT_CAPITALS)

CUT = 0.01
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
            of_tokens = np.zeros((len(message.tokens), len(KINDS)), dtype=np.float32)
            w = 0
            for t, token in enumerate(message.tokens):
                while w < len(own) and own[w].end <= token.start:
                    w += 1
                v = w
                while v < len(own) and own[v].start < token.end:
                    of_word = odds[v, _COLUMNS]
                    if of_word.sum() > of_tokens[t].sum():
                        of_tokens[t] = of_word
                    v += 1
            read.append(replace(message, odds=of_tokens))
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
            int(i): KINDS[int(message.odds[i].argmax())]
            for i in np.flatnonzero(likely)
            if message.tokens[i].is_word and not _is_everybodys(message, likely, int(i))
        }


def _is_everybodys(message: TokenizedMessage, likely: np.ndarray, i: int) -> bool:
    """Whether the word is a body that all share ("the nhs") and no part of a longer name."""
    beside = likely[max(i - 1, 0) : i + 2]
    return message.tokens[i].lower in _SHARED and int(beside.sum()) == 1
