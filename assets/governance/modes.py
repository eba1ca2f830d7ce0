"""The three modes of a home, and what each may do (design: 'Modes')."""

from enum import StrEnum

from assets.governance.errors import ReleaseError

DISCOVERY_MESSAGE_LIMIT = 10_000
"""Messages that a discovery home may read over all its runs (ONS policy, sections 6 and 9)."""


class Mode(StrEnum):
    """What a home is for; fixed when it is made."""

    SYNTHETIC = "synthetic"
    DISCOVERY = "discovery"
    STUDY = "study"


def may_publish(mode: Mode) -> bool:
    """Whether a home of this mode may publish: only made-up data, while releases carry no noise."""
    return mode is Mode.SYNTHETIC


def refuse_release_without_noise(mode: Mode) -> None:
    """Let only made-up data through to publication while releases carry no noise.

    Raises:
        ReleaseError: `RELEASE_NEEDS_NOISE` in every mode but `synthetic`.
    """
    if not may_publish(mode):
        raise ReleaseError("RELEASE_NEEDS_NOISE")
