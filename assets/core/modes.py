"""The three modes of a home, and what each may do (design: 'Modes')."""

from enum import StrEnum

from assets.core.errors import ReleaseError

DISCOVERY_MESSAGE_LIMIT = 10_000
"""Messages that a discovery home may read over all its runs (ONS policy, sections 6 and 9)."""


class Mode(StrEnum):
    """What a home is for; fixed when it is made."""

    SYNTHETIC = "synthetic"
    DISCOVERY = "discovery"
    STUDY = "study"


def may_publish(mode: Mode) -> bool:
    """Whether a home of this mode may publish: a first look at real files never does."""
    return mode is not Mode.DISCOVERY


def refuse_mode_that_never_publishes(mode: Mode) -> None:
    """Let only modes that may publish through to the release.

    Raises:
        ReleaseError: `MODE_NEVER_PUBLISHES`.
    """
    if not may_publish(mode):
        raise ReleaseError("MODE_NEVER_PUBLISHES")
