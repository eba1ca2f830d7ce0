"""A part of the portal: its routes, and how much a request to them may hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.routing import Route


@dataclass(frozen=True)
class Section:
    """One part.

    Attributes:
        routes: its own; a path starts with a word that no other section's starts with.
        body_bytes: the most that a request's body may hold, by its path, or by the beginning of it
            that ends in a slash; what is not named may hold what `Limits` says.
    """

    routes: Sequence[Route]
    body_bytes: Mapping[str, int] = field(default_factory=dict)
