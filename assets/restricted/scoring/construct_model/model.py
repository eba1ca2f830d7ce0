"""The construct models in use, over stored vectors.

Only numbers are committed, so nothing is fitted when the program starts and scikit-learn is not
needed to score.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import SetupError, StorageError, refuse_as
from assets.restricted.scoring.person_days import DayCurve

_OF_DAYS = " of days"
MODEL_FILE = Path(__file__).parent / "construct_model.safetensors"
METHOD = "constructs-4"

KINDS = 3
"""Kinds of talk that each construct has a line for (`lessons.KINDS`)."""

LINES = len(CONSTRUCTS) * KINDS + KINDS - 1
"""Lines whose values a stored vector holds: the constructs' for each kind of talk, then how much
likelier each other kind is than the first."""

LEAN_TO_COMMENTS = {"burnout": -2.5, "resilience": -0.7, "resistance": -4.0}
"""What is added to the log-odds of public comments before a construct's lines are mixed: as little
as the aims on public corpora need, for what is scored is chat (docs/decisions/0045)."""


COUNTS = 12
"""Numbers of messages of a person-day that a curve tells apart: 1 to this and more."""


@dataclass(frozen=True)
class Level:
    """How a line's value becomes a score.

    Attributes:
        at: value at which the score is a half.
        steepness: of the score's odds in the value.
        base: score of a text without a word.
    """

    at: float
    steepness: float
    base: float

    def score(self, values: np.ndarray) -> np.ndarray:
        """Scores of a line's values, in [0, 1]."""
        from scipy.special import expit  # noqa: PLC0415  (every process of Dagster's loads this module, few need SciPy)

        return expit(self.steepness * (values - self.at))

    def scores(self, values: np.ndarray, empty: np.ndarray) -> np.ndarray:
        """Scores of a line's values, and of the texts without a word among them (bool array)."""
        return np.where(empty, self.base, self.score(values))


def mixed(values: np.ndarray) -> np.ndarray:
    """Each construct's value: its lines for each kind of talk, by how likely a message is of it.

    Args:
        values: float array of shape (messages, LINES).

    Returns:
        Float array of shape (messages, constructs), each row by itself.
    """
    many = len(CONSTRUCTS)
    of_kinds = values[:, : many * KINDS].reshape(-1, KINDS, many)
    none, apart, comments = np.zeros(len(values)), *values[:, many * KINDS :].T
    told = np.zeros((len(values), many))
    for place, construct in enumerate(CONSTRUCTS):
        odds = [none, apart, comments + LEAN_TO_COMMENTS[construct]]
        # In a fixed order of adding, so that a message has the same bits in any company.
        highest = np.maximum.reduce(odds)
        chances = [np.exp(one - highest) for one in odds]
        total = sum(chances[1:], start=chances[0])
        for kind, chance in enumerate(chances):
            told[:, place] += chance / total * of_kinds[:, kind, place]
    return told


@dataclass(frozen=True)
class ConstructModel:
    """The fitted models: the lines' values in a stored vector, mixed, and brought to a level.

    Attributes:
        version: names the method and the file, at most 40 characters.
        sha256: of the file, in hexadecimal.
        reach: what the lines' values in a stored vector were divided by.
        levels: of each construct.
        curves: of each construct's person-days.
    """

    version: str
    sha256: str
    reach: float
    levels: Mapping[str, Level]
    curves: Mapping[str, DayCurve]

    @property
    def base_rate(self) -> dict[str, float]:
        """For each construct, the score of a text without a word."""
        return {construct: self.levels[construct].base for construct in CONSTRUCTS}

    def score(self, embeddings: np.ndarray) -> dict[str, np.ndarray]:
        """Score messages, each by itself: in any company it gets the same bits.

        Args:
            embeddings: float array of shape (messages, LINES + 1), unit rows.

        Returns:
            For each construct a float array of shape (messages,), in [0, 1].

        Raises:
            StorageError: VECTORS_NOT_AS_AGREED where they are of another encoder's width.
        """
        if embeddings.shape[1:] != (LINES + 1,):
            raise StorageError("VECTORS_NOT_AS_AGREED")
        if not len(embeddings):
            return {construct: np.empty(0) for construct in CONSTRUCTS}
        values = mixed(embeddings[:, :LINES].astype(float) * self.reach)
        return {
            construct: self.levels[construct].score(values[:, place])
            for place, construct in enumerate(CONSTRUCTS)
        }


def write_model(
    levels: Mapping[str, Level],
    curves: Mapping[str, DayCurve],
    *,
    reach: float,
    path: Path = MODEL_FILE,
) -> str:
    """Writes the file, in single precision.

    Args:
        levels: of each construct.
        curves: of each construct's person-days, for `COUNTS` numbers of messages.
        reach: what the lines' values in a stored vector were divided by.
        path: of the file.

    Returns:
        The version of the written file.
    """
    from safetensors.numpy import save_file  # noqa: PLC0415

    tensors = {c: np.array(astuple(levels[c]), dtype=np.float32) for c in CONSTRUCTS}
    days = {
        c + _OF_DAYS: np.array([*curves[c].at, curves[c].steepness], dtype=np.float32)
        for c in CONSTRUCTS
    }
    save_file({**tensors, **days, "reach": np.array([reach], dtype=np.float32)}, path)
    path.chmod(0o644)
    return read_model(path).version


def read_model(path: Path = MODEL_FILE) -> ConstructModel:
    """Reads the file.

    Raises:
        SetupError: CONSTRUCT_MODEL_UNREADABLE where it is missing or holds no models.
    """
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.numpy import load  # noqa: PLC0415

    with refuse_as(SetupError("CONSTRUCT_MODEL_UNREADABLE"), OSError, SafetensorError):
        content = path.read_bytes()
        tensors = {name: tensor.astype(float) for name, tensor in load(content).items()}
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    agreed = {
        **dict.fromkeys(CONSTRUCTS, (len(fields(Level)),)),
        **dict.fromkeys([c + _OF_DAYS for c in CONSTRUCTS], (COUNTS + 1,)),
        "reach": (1,),
    }
    if shapes != agreed or not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise SetupError("CONSTRUCT_MODEL_UNREADABLE")
    digest = hashlib.sha256(content).hexdigest()
    return ConstructModel(
        version=f"{METHOD}-{digest[:12]}",
        sha256=digest,
        reach=float(tensors["reach"][0]),
        levels={c: Level(*map(float, tensors[c])) for c in CONSTRUCTS},
        curves={
            c: DayCurve(
                tuple(map(float, tensors[c + _OF_DAYS][:-1])), float(tensors[c + _OF_DAYS][-1])
            )
            for c in CONSTRUCTS
        },
    )


@lru_cache(maxsize=1)
def load_construct_model() -> ConstructModel:
    """The process's one model.

    Raises:
        SetupError: CONSTRUCT_MODEL_UNREADABLE.
    """
    return read_model()
