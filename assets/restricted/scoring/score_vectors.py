"""Scores of a group-day's stored vectors: the same when it settles and when it is scored again."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from assets.core.errors import StorageError
from assets.restricted.scoring.person_days import DayCurve, person_day_sums
from resources.models.narrow_encoder import encoder_digest
from resources.stores.scores.score_store import GroupScore
from resources.stores.vectors.group_day_vectors import GroupDayVectors
from resources.stores.vectors.vector_store import StoredVectors

OF_ONE_GROUP_DAY = frozenset(
    {
        "VECTORS_DESTROYED",
        "VECTORS_MISSING",
        "VECTORS_OF_OTHER_ENCODER",
        "SEALED_DATA_DAMAGED",
        "VECTORS_NOT_AS_AGREED",
    }
)
"""Storage errors that concern one group-day; any other stops the step."""


class Model(Protocol):
    """Scores of vectors, by a version that names them."""

    @property
    def version(self) -> str:
        """Names method and data, at most 40 characters."""
        ...

    @property
    def curves(self) -> Mapping[str, DayCurve]:
        """For each construct, how a person-day's score follows from her messages'."""
        ...

    def score(self, embeddings: np.ndarray) -> Mapping[str, np.ndarray]:
        """For each construct a float array (messages,) in [0, 1]."""
        ...


def refuse_of_other_encoder(stored: StoredVectors) -> None:
    """Let only vectors of the encoder in use be scored; another's numbers mean something else.

    Raises:
        StorageError: `VECTORS_OF_OTHER_ENCODER`.
    """
    if stored.encoder_digest != encoder_digest():
        raise StorageError("VECTORS_OF_OTHER_ENCODER")


def scores_of(model: Model, vectors: GroupDayVectors) -> list[GroupScore]:
    """Rows of one group-day, by this model.

    Raises:
        ScrubError: `SCORE_OUT_OF_RANGE`.
        StorageError: `VECTORS_NOT_AS_AGREED` where they are of another encoder's width.
    """
    sums = person_day_sums(model.score(vectors.embeddings), vectors.people, model.curves)
    return [
        GroupScore(construct, person_days, sum_milli, len(vectors.people))
        for construct, (person_days, sum_milli) in sums.items()
    ]
