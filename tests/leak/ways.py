"""The table of ways to plant text: one row each, with the number of the path that it belongs to.

Paths 1 to 30 are those of docs/threat-model.md; 0 stands for one that is not Dagster's own.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LETTERS = "bdfghjklmnprstvz"


@dataclass(frozen=True)
class Way:
    """One way of planting text.

    Attributes:
        name: of the way; the text follows from it.
        path: number of the path in docs/threat-model.md.
        kind: what runs it: `step` (of a job of many), `alone` (step of a job of its own), `asset`,
            `job`, `sensor`, `schedule` or `process`.
        plant: plants the text.
        instead: what stands in its place where no seal or guard acts and the code is shaped so
            that nothing can leak; None where the same is run guarded and sealed.
        by_default: whether plain Dagster lets the text out.
        of_the_step: further arguments of the step.
    """

    name: str
    path: int
    kind: str
    plant: Callable[..., Any]
    instead: Callable[..., Any] | None = None
    by_default: bool = True
    of_the_step: Mapping[str, Any] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The word that may be found nowhere: an identifier, so that it can stand anywhere."""
        digest = hashlib.sha256(self.name.encode()).digest()
        return "zq" + "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:12])

    @property
    def text(self) -> str:
        """A sentence with the word in it."""
        return f"{self.word.title()} rang about the rota"


WAYS: dict[str, Way] = {}


def way(path: int, kind: str = "step", *, by_default: bool = True, **of_the_step: Any):
    """Add a function to the table."""

    def add(plant):
        assert plant.__name__ not in WAYS
        WAYS[plant.__name__] = Way(
            plant.__name__,
            path,
            kind,
            plant,
            of_the_step.pop("instead", None),
            by_default,
            of_the_step,
        )
        return plant

    return add
