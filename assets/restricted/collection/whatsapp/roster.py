"""Names that an export shows anywhere, for the scrubber to remove."""

import re
from collections.abc import Iterable

from assets.restricted.collection.whatsapp.header_candidates import INVISIBLE, SPACES
from assets.restricted.collection.whatsapp.templates import CARD

# Isolates enclose a mention's name; without them only its first word can be told.
_MENTION = re.compile(
    r"@\u2068(?P<isolated>[^\u2069\n]{1,120})\u2069|@(?P<bare>[^\W_][\w.\-]{0,60})"
)
_NAME_ON_CARD = re.compile(r"(?m)^FN[^:\n]{0,60}:(.{1,120})$")
_EDGES = INVISIBLE + SPACES + '~"“”'
_NOT_NAMES = frozenset({"You", "you", "your", "Your", "Unknown", "Someone", ""})


class NamesShown:
    """Collects names; only `names` gives them out."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def names(self) -> frozenset[str]:
        """Give all names collected so far, without edge marks and tildes."""
        return frozenset(self._names - _NOT_NAMES)

    def state(self) -> frozenset[str]:
        """All that it holds, which is more than names."""
        return frozenset(self._names)

    def add(self, names: Iterable[str]) -> None:
        """Add names as written."""
        self._names.update(name.strip(_EDGES) for name in names)

    def add_from_bodies(self, joined: str) -> None:
        """Add people mentioned and contact cards, from bodies without senders joined by LF."""
        if "@" in joined:
            self.add(isolated or bare for isolated, bare in _MENTION.findall(joined))
        if ".vcf" in joined:
            self.add(android or ios for android, ios in CARD.findall(joined))
        if "BEGIN:VCARD" in joined:
            self.add(_NAME_ON_CARD.findall(joined))
