"""Simple scorers that a construct model has to beat.

VADER and Empath come with the extra `train` and are imported only when asked for.
"""

import csv
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from assets.core.constructs import CONSTRUCTS, STUDIED
from assets.restricted.scoring.seed_model import fit_seed_model
from assets.restricted.scrubbing.group_day import Encoder
from assets.restricted.scrubbing.words_to_embed import words_to_embed
from evaluation.validity.examples import Examples
from evaluation.validity.slices import words_in

Baseline = Callable[[Examples], pd.DataFrame]
"""Messages to a column for each construct that it can score; higher is more, on any scale."""

_WORD = r"[a-z']+"
_FEWEST_LEARNT = 10


def length(examples: Examples) -> pd.DataFrame:
    """Words as written: what a scorer could reach by length alone."""
    words = words_in(examples.raw).astype(float)
    return pd.DataFrame(dict.fromkeys(CONSTRUCTS, words))


def compounds(texts: Sequence[str]) -> np.ndarray:
    """VADER's sentiment of each text, in [-1, 1].

    Raises:
        ModuleNotFoundError: without the extra `train`.
    """
    from vaderSentiment.vaderSentiment import (  # noqa: PLC0415  (an extra)
        SentimentIntensityAnalyzer,
    )

    analyser = SentimentIntensityAnalyzer()
    return np.array([analyser.polarity_scores(text)["compound"] for text in texts], dtype=float)


def sentiment(examples: Examples) -> pd.DataFrame:
    """VADER on the text as written: positive for what is favourable, else negative."""
    compound = compounds(examples.raw)
    return pd.DataFrame({one.name: compound if one.favourable else -compound for one in STUDIED})


def fit_nearness(encoder: Encoder) -> Baseline:
    """CCR: the mean cosine of a message to the construct's seeds."""
    with (files("assets.restricted.scoring") / "seeds.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    means = np.stack(
        [
            encoder.encode([row["text"] for row in rows if row["construct"] == construct]).mean(0)
            for construct in CONSTRUCTS
        ]
    )

    def nearness(examples: Examples) -> pd.DataFrame:
        vectors = encoder.encode([words_to_embed(text) for text in examples.scrubbed])
        return pd.DataFrame(vectors @ means.T, columns=list(CONSTRUCTS))

    return nearness


def fit_seeds(encoder: Encoder) -> Baseline:
    """The plain seed method: logistic regression on the committed seeds alone."""
    model = fit_seed_model(encoder)

    def seeds(examples: Examples) -> pd.DataFrame:
        vectors = encoder.encode([words_to_embed(text) for text in examples.scrubbed])
        return pd.DataFrame(model.score(vectors))

    return seeds


def fit_words(learnt: Sequence[Examples]) -> Baseline:
    """tf-idf of words and pairs of words, and a logistic regression for each construct."""
    return _fitted(
        learnt,
        lambda: make_pipeline(
            TfidfVectorizer(token_pattern=_WORD, ngram_range=(1, 2), sublinear_tf=True),
            LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000),
        ),
        lambda texts: texts,
    )


def fit_empath(learnt: Sequence[Examples]) -> Baseline:
    """Shares of words in Empath's categories, and a logistic regression for each construct.

    Raises:
        ModuleNotFoundError: without the extra `train`.
    """
    from empath import Empath  # noqa: PLC0415  (an extra)

    categories = [sorted(set(terms)) for _, terms in sorted(Empath().cats.items())]
    terms = sorted({term for one in categories for term in one})
    row = {term: number for number, term in enumerate(terms)}
    member = sparse.csr_matrix(
        (
            np.ones(sum(map(len, categories))),
            (
                [row[term] for one in categories for term in one],
                [number for number, one in enumerate(categories) for _ in one],
            ),
        ),
        shape=(len(terms), len(categories)),
    )
    counter = CountVectorizer(vocabulary=row, token_pattern=_WORD)

    def shares(texts: Sequence[str]) -> np.ndarray:
        counts = sparse.csr_matrix(counter.transform(texts) @ member).toarray()
        return counts / np.maximum(words_in(texts), 1)[:, None]

    return _fitted(
        learnt,
        # Shares are small numbers, so little is held back.
        lambda: LogisticRegression(C=100.0, class_weight="balanced", max_iter=2000),
        shares,
    )


def _fitted(
    learnt: Sequence[Examples],
    make: Callable[[], Any],
    features: Callable[[Sequence[str]], Any],
) -> Baseline:
    """Fit a classifier for each construct that the corpora speak of."""
    models: dict[str, Any] = {}
    for construct in CONSTRUCTS:
        own = [one for one in learnt if construct in one.positive]
        texts = [text for one in own for text in one.scrubbed]
        shown = np.concatenate([one.positive[construct] for one in own] or [np.zeros(0, bool)])
        if min(shown.sum(), (~shown).sum()) >= _FEWEST_LEARNT:
            models[construct] = make().fit(features(texts), shown)

    def fitted(examples: Examples) -> pd.DataFrame:
        given = features(examples.scrubbed)
        return pd.DataFrame(
            {construct: model.predict_proba(given)[:, 1] for construct, model in models.items()}
        )

    return fitted
