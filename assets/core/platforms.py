"""The platforms whose exports are read: the one list that consents and readers go by."""

from collections.abc import Iterable
from datetime import UTC, datetime

_NAMES = {
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "messenger": "Messenger",
    "instagram": "Instagram",
    "signal": "Signal",
    "slack": "Slack",
    "discord": "Discord",
    "teams": "Microsoft Teams",
    "matrix": "Matrix",
}

PLATFORMS = tuple(_NAMES)
"""What a consent may name, and what a reader may say that a file is of."""

EARLIEST_ENTRY = datetime(2000, 1, 1, tzinfo=UTC)
"""No chat is older, and what says so is misread, or made to be."""

_ONE_FORM = frozenset({"messenger", "instagram"})


def names_of(platforms: Iterable[str]) -> list[str]:
    """Their own names, as pages show them; a platform that is none of `PLATFORMS` as it is."""
    return [_NAMES.get(one, one) for one in platforms]


def may_be_of(consented: str, found: str) -> bool:
    """Whether a file may be of the platform that a consent names.

    Args:
        consented: the consent's platform.
        found: what the reader says; Messenger and Instagram write one form, which often doesn't
            say which of the two it is of.
    """
    return consented == found or {consented, found} <= _ONE_FORM
