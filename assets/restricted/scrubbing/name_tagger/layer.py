"""The layer of scrubbing that asks the tagger."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from assets.restricted.scrubbing.capitals import KEPT_CAPITALS
from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from assets.restricted.scrubbing.name_tagger.words import Word, tagger_words
from assets.restricted.scrubbing.words import PARTICLES, TokenizedMessage

KINDS = ("person", "place", "organisation")
_COLUMNS = [LABELS.index(label) for label in ("PER", "LOC", "ORG")]

_SHARED = frozenset(word.lower() for word in KEPT_CAPITALS)

_LOOKED_BESIDE = _SHARED | PARTICLES
"""Words that are judged by the odds of what stands beside them, marks included."""

CUT = 0.03
"""Probability of a name from which a word goes. Chosen on development data
(docs/scrubbing.md), far below a half, since a name that stays costs more than a word that goes."""


class Tagger(Protocol):
    """Whatever gives each word's probability of each label."""

    def probabilities(
        self, messages: Sequence[Sequence[str]], asked: Sequence[Sequence[int]] | None = None
    ) -> list[np.ndarray]:
        """For each message shape (words, labels).

        Args:
            messages: the words of each.
            asked: of each message the places of the words that are asked about, in order; None for
                all. No row of another need say anything.
        """
        ...


class NameLayer:
    """Removes words that are likely part of a name.

    Args:
        tagger: what to ask.
        cut: probability, all kinds of name together, from which a word goes.
    """

    name = "tagger"
    judges_alone = False

    def __init__(self, tagger: Tagger, cut: float = CUT) -> None:
        self._tagger = tagger
        # As the odds are written.
        self._cut = float(np.float32(cut))

    def read(self, messages: Sequence[TokenizedMessage]) -> list[TokenizedMessage]:
        """The messages with the tagger's odds for their tokens, asked in one batch.

        A token that the tagger sees as several words has the odds of the likeliest. What is no
        word is asked about where a layer looks at it: beside a particle or a body that all share.
        """
        words = [tagger_words(message.text) for message in messages]
        probabilities = self._tagger.probabilities(
            [[word.written for word in own] for own in words],
            [_asked(*given) for given in zip(messages, words, strict=True)],
        )
        # A last row of nothing, for tokens that are no word to the tagger.
        nothing = np.zeros((1, len(LABELS)), dtype=np.float32)
        of_words = np.concatenate([*probabilities, nothing])[:, _COLUMNS]
        totals = of_words.sum(axis=1).tolist()
        likeliest: list[int] = []
        at = 0
        for message, own in zip(messages, words, strict=True):
            likeliest += _likeliest_words(message, own, totals, at)
            at += len(own)
        odds = of_words[likeliest]
        at = 0
        return [
            message.with_odds(odds[at : (at := at + len(message.tokens))]) for message in messages
        ]

    def found_nothing(self, message: TokenizedMessage) -> TokenizedMessage:
        """The message as if no word of it were likely a name."""
        return message.with_odds(np.zeros((len(message.tokens), len(KINDS)), dtype=np.float32))

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` that are likely names, with their likeliest kind.

        Raises:
            ValueError: where the message was not read by the tagger first.
        """
        if message.odds is None or message.name_odds is None:
            raise ValueError("not read by the tagger")
        likely = [i for i, odds in enumerate(message.name_odds) if odds >= self._cut]
        return {
            i: KINDS[int(message.odds[i].argmax())]
            for i in likely
            if message.tokens[i].is_word and not _is_everybodys(message, likely, i)
        }


def _asked(message: TokenizedMessage, words: Sequence[Word]) -> list[int]:
    """Places of the words whose odds some layer looks at."""
    tokens = message.tokens
    beside: set[int] = set()
    for i, token in enumerate(tokens):
        if not token.is_word and any(
            one.lower in _LOOKED_BESIDE for one in tokens[max(i - 1, 0) : i + 2]
        ):
            beside.update(range(token.start, token.end))
    return [w for w, word in enumerate(words) if word.is_word or word.start in beside]


def _likeliest_words(
    message: TokenizedMessage, words: Sequence[Word], totals: Sequence[float], at: int
) -> list[int]:
    """For each token the place of the likeliest name among its words; -1 for none with any odds.

    Args:
        message: whose tokens.
        words: its words.
        totals: odds of a name, of many messages' words.
        at: where this message's begin; places are counted as they are.
    """
    found = []
    w = 0
    count = len(words)
    for token in message.tokens:
        start, end = token.start, token.end
        while w < count and words[w].end <= start:
            w += 1
        best, most = -1, 0.0
        v = w
        while v < count and words[v].start < end:
            own = totals[at + v]
            if own > most:
                best, most = at + v, own
            v += 1
        found.append(best)
    return found


def _is_everybodys(message: TokenizedMessage, likely: Sequence[int], i: int) -> bool:
    """Whether the word is a body that all share ("the nhs") and no part of a longer name."""
    return message.tokens[i].lower in _SHARED and not {i - 1, i + 1} & set(likely)
