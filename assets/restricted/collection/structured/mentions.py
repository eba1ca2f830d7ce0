"""Names of people mentioned in a text, and how a mention is written into one."""

import re
from collections.abc import Iterator

_MENTION = re.compile(
    r"@\u2068(?P<isolated>[^\u2069\n]{1,120})\u2069|@(?P<bare>[^\W_][\w.\-]{0,60})"
)


def mention(name: str) -> str:
    """A person's name as a mention: enclosed in isolates, as WhatsApp does, so that it ends."""
    return f"@\u2068{name}\u2069"


def names_in(texts: str) -> Iterator[str]:
    """The names of people mentioned."""
    for found in _MENTION.finditer(texts):
        yield found["isolated"] or found["bare"]
