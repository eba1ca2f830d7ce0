"""What the pulse asks: six items of one scale, which the study names; the program has none."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

ITEMS = 6
FEWEST_CHOICES, MOST_CHOICES = 3, 7

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
Choice = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class PulseItem(BaseModel):
    """One item.

    Attributes:
        text: as the scale has it.
        reversed: whether more of it means less of what is measured.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: _Line
    reversed: Annotated[bool, Field(strict=True)]


class PulseInstrument(BaseModel):
    """The scale, as the page shows it.

    Attributes:
        instrument: its name and where it was published.
        licence: under which it may be used.
        measures: what a higher score is more of.
        question: what stands above the items, with the time that is asked about.
        items: six.
        answers: the choices for each item, from least to most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    instrument: Annotated[str, Field(max_length=4000)]
    licence: Annotated[str, Field(max_length=4000)]
    measures: Literal["burnout", "resilience", "resistance"]
    question: _Line
    items: Annotated[tuple[PulseItem, ...], Field(min_length=ITEMS, max_length=ITEMS)]
    answers: Annotated[
        tuple[Choice, ...], Field(min_length=FEWEST_CHOICES, max_length=MOST_CHOICES)
    ]

    def digest(self) -> str:
        """SHA-256 of all that is shown and how it is scored; answers name it."""
        asked = self.model_dump(mode="json", exclude={"instrument", "licence"})
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def score_milli(self, chosen: tuple[int, ...]) -> int | None:
        """What an answer adds to a sum: round(1000 * score) - 500, a score being from 0 to 1.

        Args:
            chosen: for each item the place of the choice, from 0.

        Returns:
            From -500 to 500; None for what no page could have sent.
        """
        most = len(self.answers) - 1
        if len(chosen) != ITEMS or any(not 0 <= one <= most for one in chosen):
            return None
        points = sum(
            most - one if item.reversed else one
            for one, item in zip(chosen, self.items, strict=True)
        )
        return round(1000 * points / (ITEMS * most)) - 500
