"""The project's own Presidio recognisers: what chat holds and Presidio's own don't look for.

A span is removed with every word that it touches, so a pattern may be wide.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
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
from assets.restricted.scrubbing.recognisers.presidio import presidio
from assets.restricted.scrubbing.recognisers.shapes import KINDS, Asked, Shapes, Trigger

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer, PatternRecognizer

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
"""What the recognisers find, by the name of the entity under which Presidio knows it."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A recogniser of Presidio's that is made when it is first asked: its regexes take long.

    Attributes:
        entity: what it finds, by Presidio's name.
        asked: what a text must hold for it to be asked.
        trigger: what every match holds.
        make: makes it.
        regex: all that it finds by, where that is one regex; empty where it is more.
    """

    entity: str
    asked: Asked
    trigger: Trigger
    make: "Callable[[], EntityRecognizer]"
    regex: str = ""


def own_recognisers() -> Iterator[Recogniser]:
    """One Presidio recogniser for each regex of `SHAPES`, at score 1."""
    for entity, shapes in SHAPES.items():
        for name, regex in shapes.regexes.items():
            trigger = shapes.triggers.get(name, Trigger())
            make = partial(_made, entity, name, regex)
            yield Recogniser(entity, shapes.asked, trigger, make, regex)


def _made(entity: str, name: str, regex: str) -> "PatternRecognizer":
    library = presidio()
    return library.PatternRecognizer(
        supported_entity=entity, patterns=[library.Pattern(name, regex, 1.0)]
    )


__all__ = ["KINDS", "SHAPES", "Asked", "Recogniser", "Shapes", "Trigger", "own_recognisers"]
