"""Scrubbing: what enters as a message leaves as words of a closed vocabulary, or not at all."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assets.restricted.scrubbing.scrubber import Scrubber, ScrubResult

__all__ = ["ScrubResult", "Scrubber"]


def __getattr__(name: str) -> Any:
    """Load the scrubber where it is asked for: commands use other words of this package."""
    if name in __all__:
        return getattr(import_module(".scrubber", __name__), name)
    raise AttributeError(name)
