"""Scrubbing: what enters as a message leaves as words of a closed vocabulary, or not at all."""

from assets.restricted.scrubbing.scrubber import Scrubber, ScrubResult

__all__ = ["ScrubResult", "Scrubber"]
