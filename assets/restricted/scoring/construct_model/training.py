"""Trains the construct models: messages by many hands, and sources that none of them dominates.

Deterministic on one machine: every draw is seeded and the solver is not random.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.day_curves import day_curve
from assets.restricted.scoring.construct_model.lessons import (
    APART,
    CHAT,
    COMMENTS,
    WRITERS,
    Embed,
    Lessons,
    Taught,
    read_lessons,
)
from assets.restricted.scoring.construct_model.model import Level, mixed, write_model
from assets.restricted.scoring.construct_model.writers import BY_WRITER, Written
from assets.restricted.scoring.person_days import DayCurve
from assets.restricted.scrubbing.words_to_embed import words_to_embed
from resources.models.embedded import PLACES, Embedded
from resources.models.narrow_encoder import Narrowing, write_narrowing

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

INVERSE_REGULARISATION = 0.001
"""Over standardised coordinates, chosen by leaving writers out (docs/decisions/0023)."""

INVERSE_REGULARISATION_OF_WORDS = 1.0
"""Over words and pairs by rarity, rows of unit length, likewise (docs/decisions/0045)."""

INVERSE_REGULARISATION_OF_KINDS = 0.003
SURENESS_OF_KINDS, SURENESS_BY_WORDS = 1.0, 1.5
"""What log-odds of kinds of talk are multiplied by, those from the encoder's numbers and those from
words: what the one knows the other knows in part."""

STEEPNESS = 3.0
"""How much steeper a score rises than odds. The order of messages stays, and a mean over people
moves further with the share of people who show a construct (docs/decisions/0023)."""

ABOVE = 0.16
"""Share of messages without a construct that score above a half. A line would move furthest at
nearly a quarter; this costs it little, and what people write about besides moves it less."""

LOWEST = 0.05
"""A text without a word scores like the lowest of those that show nothing: of 281 messages that
scrubbing emptied, 1 to 4 had shown each construct."""

LEFT_OUT_TOGETHER = 2
"""The heavier months of two neighbouring groups were written by one session (DATA_CARD.md)."""

REACH_SHARE = 0.999
"""Share of learnt messages whose lines' values fit into a stored vector uncut."""


@dataclass(frozen=True)
class Lines:
    """One line for each thing that was learnt, over the encoder's vectors and over words.

    Attributes:
        weights: float array of shape (lines, width).
        bias: float array of shape (lines,).
        words: float array of shape (lines, PLACES), for rows by rarity of unit length.
        rarity: float array of shape (PLACES,).
    """

    weights: np.ndarray = field(repr=False)
    bias: np.ndarray = field(repr=False)
    words: np.ndarray = field(repr=False)
    rarity: np.ndarray = field(repr=False)

    def of(self, embedded: Embedded) -> np.ndarray:
        """Values, shape (messages, lines)."""
        by_words = rows_by_rarity(embedded, self.rarity) @ self.words.T
        return embedded.vectors.astype(float) @ self.weights.T + self.bias + by_words

    def narrowing(self, reach: float) -> Narrowing:
        """The same as it is served."""
        added = self.words.T * self.rarity[:, None]
        words = np.concatenate([added, self.rarity[:, None] ** 2], axis=1).astype(np.float32)
        return Narrowing(self.weights, self.bias, words, reach)


def rows_by_rarity(embedded: Embedded, rarity: np.ndarray) -> "csr_matrix":
    """Which words and pairs each message holds, by rarity, rows of unit length.

    Returns:
        Shape (messages, PLACES).
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415  (training alone needs it)

    many = [len(own) for own in embedded.places]
    places = np.concatenate([*embedded.places, np.empty(0, np.int64)])
    rows = np.repeat(np.arange(len(many)), many)
    length = np.sqrt(np.bincount(rows, rarity[places] ** 2, minlength=len(many)))
    values = rarity[places] / np.where(length > 0, length, 1)[rows]
    return csr_matrix((values, (rows, places)), shape=(len(many), PLACES))


def train_constructs(corpora: Path, embed: Embed, *, tell: Callable[[str], None]) -> str:
    """Trains and writes narrowing and models.

    Args:
        corpora: folder with `constructs/`.
        embed: scrubs and embeds, as the encoder gives it before it is narrowed.
        tell: is told of each step.

    Returns:
        The version of the written file.

    Raises:
        FileNotFoundError: where a corpus is missing.
    """
    return train_from(read_lessons(corpora, embed, tell=tell), tell=tell)


def train_from(lessons: Lessons, *, tell: Callable[[str], None]) -> str:
    """Trains and writes narrowing and models; returns the version of the written file."""
    tell("leaving writers out")
    values = left_out_values(lessons)
    levels, curves = levels_and_curves(values, lessons.written, lessons.sources[WRITERS].empty)
    tell("fitting on everything")
    lines = fit_lines(lessons, comment_lines(lessons))
    reach = float(
        np.quantile(
            np.linalg.norm(lines.of(lessons.sources[WRITERS].embedded), axis=1), REACH_SHARE
        )
    )
    write_narrowing(lines.narrowing(reach))
    return write_model(levels, curves, reach=reach)


def fit_lines(lessons: Lessons, of_comments: Lines) -> Lines:
    """All lines, in the order of `model.LINES`.

    Args:
        lessons: of which writers may have been left out.
        of_comments: from `comment_lines`, which no writer's messages bear on.
    """
    return together(
        [
            *(
                fit_line(lessons.of(c, kind), lessons.rarity)
                for kind in (CHAT, APART)
                for c in CONSTRUCTS
            ),
            of_comments,
            fit_kinds(lessons.kinds(), lessons.rarity),
        ]
    )


def comment_lines(lessons: Lessons) -> Lines:
    """The constructs' lines for public comments."""
    return together([fit_line(lessons.of(c, COMMENTS), lessons.rarity) for c in CONSTRUCTS])


def together(lines: Sequence[Lines]) -> Lines:
    """Lines side by side."""
    return Lines(
        np.vstack([one.weights for one in lines]),
        np.hstack([one.bias for one in lines]),
        np.vstack([one.words for one in lines]),
        lines[0].rarity,
    )


def fit_line(taught: Taught, rarity: np.ndarray) -> Lines:
    """Fits a logistic regression over standardised coordinates and one over words; one line."""
    return _fitted(taught, rarity, INVERSE_REGULARISATION)


def fit_kinds(taught: Taught, rarity: np.ndarray) -> Lines:
    """Two lines: log-odds by which each other kind of talk counts beside the first."""
    lines = _fitted(
        taught,
        rarity,
        INVERSE_REGULARISATION_OF_KINDS,
        sureness=(SURENESS_OF_KINDS, SURENESS_BY_WORDS),
    )
    return Lines(
        lines.weights[1:] - lines.weights[0],
        lines.bias[1:] - lines.bias[0],
        lines.words[1:] - lines.words[0],
        rarity,
    )


def _fitted(
    taught: Taught,
    rarity: np.ndarray,
    inverse_regularisation: float,
    *,
    sureness: tuple[float, float] = (1.0, 1.0),
) -> Lines:
    scaler = StandardScaler()
    model = LogisticRegression(C=inverse_regularisation, max_iter=200, tol=1e-3)
    vectors = scaler.fit_transform(taught.embedded.vectors)
    model.fit(vectors, taught.shows, sample_weight=taught.weight)
    weights = model.coef_ / np.asarray(scaler.scale_)
    bias = np.asarray(model.intercept_) - weights @ np.asarray(scaler.mean_)
    beside = LogisticRegression(C=INVERSE_REGULARISATION_OF_WORDS, max_iter=200, tol=1e-3)
    beside.fit(rows_by_rarity(taught.embedded, rarity), taught.shows, sample_weight=taught.weight)
    of_vectors, of_words = sureness
    return Lines(
        of_vectors * weights,
        of_vectors * bias + of_words * np.asarray(beside.intercept_),
        of_words * beside.coef_,
        rarity,
    )


def left_out(writers: Sequence[str]) -> list[frozenset[str]]:
    """Which writers are left out together: neighbours of the committed ones, others one by one."""
    committed = sorted(set(writers) & {file.stem for file in BY_WRITER.glob("*.csv")})
    return [
        *(
            frozenset(committed[start : start + LEFT_OUT_TOGETHER])
            for start in range(0, len(committed), LEFT_OUT_TOGETHER)
        ),
        *(frozenset({one}) for one in sorted(set(writers) - set(committed))),
    ]


def left_out_values(lessons: Lessons) -> np.ndarray:
    """For the writers' messages the lines' values by models that had not learnt from the writer.

    Returns:
        Float array of shape (messages of writers, constructs).
    """
    values = np.empty((len(lessons.written.texts), len(CONSTRUCTS)))
    of_comments = comment_lines(lessons)
    for names in left_out(list(lessons.written.writer)):
        own = np.isin(lessons.written.writer, list(names))
        fewer = lessons.without(own)
        lines = fit_lines(fewer, of_comments)
        values[own] = mixed(lines.of(lessons.sources[WRITERS].embedded.of(own)))
    return values


def levels_and_curves(
    values: np.ndarray, written: Written, empty: np.ndarray
) -> tuple[dict[str, Level], dict[str, DayCurve]]:
    """How values become scores of messages, and these become scores of person-days.

    Args:
        values: float array (messages, constructs), by models that had not learnt from the writer.
        written: the messages.
        empty: bool array (messages,), whether scrubbing left no word.
    """
    levels, curves = {}, {}
    for place, construct in enumerate(CONSTRUCTS):
        shows, own = written.shows(construct), values[:, place]
        levels[construct] = level_of(own[~empty], shows[~empty])
        scores = levels[construct].scores(own, empty)
        curves[construct] = day_curve(scores, shows, written.writer)
    return levels, curves


def level_of(values: np.ndarray, shows: np.ndarray) -> Level:
    """The level at which a score is a half: `ABOVE` of messages that show nothing are above.

    Args:
        values: of messages by models that had not learnt from their writers, shape (messages,).
        shows: bool of shape (messages,), with messages of either kind.
    """
    others = values[~shows]
    at = float(np.quantile(others, 1 - ABOVE))
    lowest = np.quantile(others, LOWEST)
    return Level(at, STEEPNESS, float(Level(at, STEEPNESS, 0.0).score(lowest)))


def embedder(scrub: Callable[[Sequence[str]], list[str]], read: Embed) -> Embed:
    """Scrubs, leaves out the gaps, and embeds."""
    return lambda texts: read([words_to_embed(text) for text in scrub(texts)])
