"""Made-up corpora and a stand-in scorer, for what measures scorers."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from assets.core.constructs import CONSTRUCTS
from evaluation.validity.examples import Examples, Score

WORDS = {"burnout": "drained", "resilience": "coping", "resistance": "refuse"}
NEUTRAL = ["rota", "kettle", "lift", "today", "the", "van", "lunch", "door"]


class StandInEncoder:
    """Unit vectors that hold how often each construct's word and how much else a text holds."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [
            [text.split().count(word) for word in WORDS.values()] + [1 + len(text.split())]
            for text in texts
        ]
        vectors = np.array(rows, dtype=float).reshape(-1, len(WORDS) + 1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def encoder() -> StandInEncoder:
    return StandInEncoder()


@pytest.fixture(scope="session")
def made_examples() -> Callable[..., Examples]:
    """Messages of 1 to 20 words, some with the word of a construct that they show."""

    def make(name: str = "own, held out", messages: int = 300, seed: int = 1) -> Examples:
        random = np.random.default_rng(seed)
        texts, positive = [], {one: np.zeros(messages, bool) for one in CONSTRUCTS}
        for row in range(messages):
            words = list(random.choice(NEUTRAL, random.integers(1, 20)))
            for construct, word in WORDS.items():
                if random.random() < 0.2:
                    positive[construct][row] = True
                    # One in five says it in words that no scorer knows.
                    words += [word] if random.random() < 0.8 else []
            texts.append(" ".join(random.permutation(words)))
        return Examples(name, [text.upper() for text in texts], texts, positive)

    return make


@pytest.fixture(scope="session")
def stand_in() -> Score:
    """A scorer that knows each construct's word in lower case, and adds a little noise."""

    def score(texts: Sequence[str]) -> pd.DataFrame:
        random = np.random.default_rng(len(texts))
        return pd.DataFrame(
            {
                construct: np.array([word in text.split() for text in texts]) * 0.7
                + random.random(len(texts)) * 0.2
                for construct, word in WORDS.items()
            }
        )

    return score
