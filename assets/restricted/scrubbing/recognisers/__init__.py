"""The project's own Presidio recognisers: what chat holds and Presidio's own don't look for.

A span is removed with every word that it touches, so a pattern may be wide.
"""

from typing import TYPE_CHECKING

from assets.restricted.scrubbing.recognisers import (
    addresses,
    amounts,
    calendar,
    clock,
    identifiers,
    links,
    numbers,
    postcodes,
    telephone,
)
from assets.restricted.scrubbing.recognisers.shapes import KINDS, Asked, Shapes

if TYPE_CHECKING:
    from presidio_analyzer import PatternRecognizer

_ALL = (
    *telephone.SHAPES,
    *links.SHAPES,
    *identifiers.SHAPES,
    *postcodes.SHAPES,
    *calendar.SHAPES,
    *clock.SHAPES,
    *amounts.SHAPES,
    *addresses.SHAPES,
    *numbers.SHAPES,
)

SHAPES = {f"OWN_{shapes.kind.upper()}_{shapes.asked.name}": shapes for shapes in _ALL}
"""What each recogniser finds, by the name of the entity under which Presidio knows it."""


def own_recognisers() -> "list[PatternRecognizer]":
    """One Presidio recogniser for each of `SHAPES`, at score 1."""
    from presidio_analyzer import Pattern, PatternRecognizer  # noqa: PLC0415

    return [
        PatternRecognizer(
            supported_entity=entity,
            patterns=[Pattern(name, regex, 1.0) for name, regex in shapes.regexes.items()],
        )
        for entity, shapes in SHAPES.items()
    ]


__all__ = ["KINDS", "SHAPES", "Asked", "Shapes", "own_recognisers"]
