"""Labelled texts that the construct models learn from and are measured on.

The project's own messages are committed; the public corpora lie at `TIDELINE_CORPORA` (licences and
credit in NOTICE). Of each public corpus a fifth, picked by digest, is never learnt from.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from assets.core.constructs import CONSTRUCTS

CONSTRUCT_CHAT = Path(__file__).parents[1] / "construct_chat"
LEARNT, HELD_OUT = ("learnt_1.csv", "learnt_2.csv"), ("held_out.csv",)

GOEMOTIONS = {
    "burnout": frozenset({"sadness", "disappointment", "nervousness", "grief"}),
    "resilience": frozenset({"optimism", "relief", "pride", "gratitude"}),
}
"""Emotions that stand for a construct; none does for resistance."""

ANGER = frozenset({"anger", "annoyance", "disapproval"})
"""What resistance must not be: a corpus to fail on."""

ACTS = frozenset({"Call-to-action", "Intention", "Execution"})


@dataclass(frozen=True)
class Labelled:
    """Texts with the level of one or more constructs.

    Attributes:
        name: of the corpus and part.
        texts: as written; never shown.
        levels: for each construct that the corpus speaks of, int array of shape (texts,);
            0 to 3 for the project's own messages, 0 or 1 otherwise.
    """

    name: str
    texts: list[str] = field(repr=False)
    levels: Mapping[str, np.ndarray] = field(repr=False)

    def part(self, name: str, keep: Sequence[bool] | np.ndarray) -> "Labelled":
        """The texts where `keep` is true."""
        chosen = np.flatnonzero(np.asarray(keep))
        return Labelled(
            name,
            [self.texts[i] for i in chosen],
            {construct: level[chosen] for construct, level in self.levels.items()},
        )


def read_own(files: Sequence[str]) -> Labelled:
    """The project's own messages: `LEARNT` or `HELD_OUT`; levels are the settled ones."""
    rows = [row for file in files for row in _rows(CONSTRUCT_CHAT / file)]
    return Labelled(
        "own, held out" if files == HELD_OUT else "own, learnt",
        [row["text"] for row in rows],
        {c: np.array([int(row[c]) for row in rows]) for c in CONSTRUCTS},
    )


def read_public(corpora: Path) -> tuple[list[Labelled], list[Labelled]]:
    """The public corpora: what may be learnt, and the unseen fifth of each.

    Args:
        corpora: folder with `constructs/`.

    Returns:
        Two lists of `goemotions`, `goemotions anger`, `hopeedi`, `collective action` and
        `collective action, acts`. Those of anger and acts are for measuring only.

    Raises:
        FileNotFoundError: where one is missing.
    """
    emotions = _rows(corpora / "constructs/goemotions/train.csv")
    felt = [frozenset(row["labels"].split()) for row in emotions]
    hope = _rows(corpora / "constructs/hopeedi_english/train.csv")
    acts = _rows(corpora / "constructs/collective_action/train.csv")
    plain = [row for row in acts if row["label"] in ACTS | {"None"}]
    every = [
        Labelled(
            "goemotions",
            [row["text"] for row in emotions],
            {c: _flags(bool(one & GOEMOTIONS[c]) for one in felt) for c in GOEMOTIONS},
        ),
        Labelled(
            "goemotions anger",
            [row["text"] for row in emotions],
            {"resistance": _flags(bool(one & ANGER) for one in felt)},
        ),
        Labelled(
            "hopeedi",
            [row["text"] for row in hope],
            {"resilience": _flags(row["label"] == "Hope_speech" for row in hope)},
        ),
        Labelled(
            "collective action",
            [row["text"] for row in acts],
            {"resistance": _flags(row["label"] != "None" for row in acts)},
        ),
        Labelled(
            "collective action, acts",
            [row["text"] for row in plain],
            {"resistance": _flags(row["label"] in ACTS for row in plain)},
        ),
    ]
    learnt, unseen = [], []
    for one in every:
        kept = np.array([is_unseen_fifth(text) for text in one.texts])
        learnt.append(one.part(one.name, ~kept))
        unseen.append(one.part(one.name, kept))
    return learnt, unseen


def is_unseen_fifth(text: str) -> bool:
    """Whether a public text belongs to the fifth that nothing is trained or tuned on."""
    return sha256(" ".join(text.casefold().split()).encode()).digest()[2] < 256 // 5


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _flags(values: Iterable[bool]) -> np.ndarray:
    return np.array(list(values), dtype=int)
