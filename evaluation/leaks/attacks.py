"""Attacks on what is stored: finding a message, a word of it, or that it was there.

The attacker knows the whole program and holds candidate messages, as a member with a chat export
does. Retrieval asks which of them was stored; inversion trains a ridge on messages of her own and
guesses a word (a floor: a trained inverter does better); membership asks whether one was in a mean.
None of this is a privacy guarantee: it says how well these attacks do.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sklearn.linear_model import Ridge

from evaluation.roc_auc import area

TOP = (1, 10)
RIDGE_PENALTY = 1.0
WORDS, COMMONEST_LEFT_OUT = 300, 100
"""Words that inversion guesses: this many, after the commonest, which are in any message."""

_ROWS = 500


@dataclass(frozen=True)
class Candidates:
    """Messages that the attacker holds, as the program would make them; distinct texts.

    Attributes:
        vectors: float array (messages, width), unit rows.
        scores: float array (messages, constructs), in [0, 1].
        words: bool array (messages, words): which words a message holds.
    """

    vectors: np.ndarray = field(repr=False)
    scores: np.ndarray = field(repr=False)
    words: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Retrieval:
    """How often the right candidate came first, and among the first ten; ties count in part."""

    top_1: float
    top_10: float
    targets: int
    pool: int

    @property
    def chance(self) -> float:
        """Top-1 of a blind guess."""
        return 1 / self.pool


@dataclass(frozen=True)
class Inversion:
    """How often the surest word was in the message, and how often the commonest word is."""

    word: float
    commonest: float
    targets: int


@dataclass(frozen=True)
class MembershipInference:
    """AUC of telling members of a mean from others; 0.5 is chance."""

    auc: float
    means: int


def retrieval(stored: np.ndarray, candidates: np.ndarray, truth: np.ndarray) -> Retrieval:
    """Find stored rows among candidates by the nearest neighbour.

    Args:
        stored: float array (targets, width).
        candidates: float array (pool, width), of the same kind.
        truth: int array (targets,): which candidate each row is of.
    """
    hits = np.zeros(len(TOP))
    squares = (candidates**2).sum(axis=1)
    for start in range(0, len(stored), _ROWS):
        rows = stored[start : start + _ROWS]
        # The row's own square is the same for all candidates.
        far = np.round(squares - 2 * rows @ candidates.T, 9)
        own = far[np.arange(len(rows)), truth[start : start + _ROWS]][:, None]
        better, level = (far < own).sum(axis=1), (far == own).sum(axis=1)
        hits += [np.clip((top - better) / level, 0, 1).sum() for top in TOP]
    one, ten = hits / len(stored)
    return Retrieval(float(one), float(ten), len(stored), len(candidates))


def inversion(
    own_vectors: np.ndarray, own_words: np.ndarray, stored: np.ndarray, words: np.ndarray
) -> Inversion:
    """Guess one word of each stored row.

    Args:
        own_vectors: float array (messages, width): the attacker's own, none of them stored.
        own_words: bool array (messages, words): what they hold.
        stored: float array (targets, width).
        words: bool array (targets, words): what the stored messages hold.
    """
    model = Ridge(alpha=RIDGE_PENALTY).fit(own_vectors, own_words.astype(float))
    guess = np.argmax(model.predict(stored), axis=1)
    commonest = int(np.argmax(own_words.mean(axis=0)))
    return Inversion(
        float(words[np.arange(len(stored)), guess].mean()),
        float(words[:, commonest].mean()),
        len(stored),
    )


def retrieval_from_means(
    means: np.ndarray, members: Sequence[np.ndarray], candidates: np.ndarray
) -> Retrieval:
    """Find each message that went into a mean among candidates.

    The likeliest candidate is the nearest to what the mean says of one message if the others are
    like any: centre + size * (mean - centre), in units in which candidates are spread alike.

    Args:
        means: float array (means, width).
        members: for each mean, which candidates went into it.
        candidates: float array (pool, width).
    """
    spread = _Spread(candidates)
    whitened = spread.of(candidates)
    told = [
        np.repeat(spread.of(mean[None]) * len(own), len(own), axis=0)
        for mean, own in zip(means, members, strict=True)
    ]
    return retrieval(np.concatenate(told), whitened, np.concatenate(list(members)))


def membership(
    means: np.ndarray,
    members: Sequence[np.ndarray],
    candidates: np.ndarray,
    rng: np.random.Generator,
) -> MembershipInference:
    """Tell members of a mean from as many others, by the ratio of likelihoods.

    Args:
        means: float array (means, width).
        members: for each mean, which candidates went into it.
        candidates: float array (pool, width).
        rng: picks the others.
    """
    spread = _Spread(candidates)
    whitened = spread.of(candidates)
    areas = []
    for mean, own in zip(means, members, strict=True):
        others = rng.choice(
            np.setdiff1d(np.arange(len(candidates)), own), size=len(own), replace=False
        )
        told = spread.of(mean[None])[0] * len(own)
        inside, outside = (
            whitened[rows] @ told - (whitened[rows] ** 2).sum(axis=1) / 2 for rows in (own, others)
        )
        was_in = np.repeat([True, False], [len(inside), len(outside)])
        areas.append(area(np.concatenate([inside, outside]), was_in))
    return MembershipInference(float(np.mean(areas)), len(means))


def word_presence(
    texts: Sequence[str], count: int = WORDS, left_out: int = COMMONEST_LEFT_OUT
) -> np.ndarray:
    """Which of the texts' own common words, after the commonest, each holds: (texts, words)."""
    held = [frozenset(text.split()) for text in texts]
    often = Counter(word for words in held for word in words)
    # By number, then by the alphabet, so that the same texts give the same words.
    ranked = sorted(often, key=lambda word: (-often[word], word))[left_out : left_out + count]
    place = {word: number for number, word in enumerate(ranked)}
    present = np.zeros((len(texts), len(ranked)), dtype=bool)
    for row, words in enumerate(held):
        present[row, [place[word] for word in words if word in place]] = True
    return present


class _Spread:
    """The candidates' centre, and units in which they are spread alike in each direction."""

    def __init__(self, candidates: np.ndarray) -> None:
        self._centre = candidates.mean(axis=0)
        values, directions = np.linalg.eigh(np.cov((candidates - self._centre).T))
        # Directions without spread tell nothing, and would divide by nothing.
        kept = values > values[-1] * 1e-6
        self._units = directions[:, kept] / np.sqrt(values[kept])

    def of(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self._centre) @ self._units
