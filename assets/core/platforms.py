"""The platforms whose exports are read: the one list that consents and readers go by."""

from datetime import UTC, datetime

PLATFORMS = (
    "whatsapp",
    "telegram",
    "messenger",
    "instagram",
    "signal",
    "slack",
    "discord",
    "teams",
    "matrix",
)
"""What a consent may name, and what a reader may say that a file is of."""

EARLIEST_ENTRY = datetime(2000, 1, 1, tzinfo=UTC)
"""No chat is older, and what says so is misread, or made to be."""

_ONE_FORM = frozenset({"messenger", "instagram"})


def may_be_of(consented: str, found: str) -> bool:
    """Whether a file may be of the platform that a consent names.

    Args:
        consented: the consent's platform.
        found: what the reader says; Messenger and Instagram write one form, which often doesn't
            say which of the two it is of.
    """
    return consented == found or {consented, found} <= _ONE_FORM
