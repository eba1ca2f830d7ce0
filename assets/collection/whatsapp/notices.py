"""Notices of a group's life in many languages: what kind, and the names in them.

A template must match the whole line. It is tried only where its longest fixed words occur, and
the language that last matched comes first, for a file is written in one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

from assets.collection.whatsapp.grammar import INVISIBLE, SPACE, SPACES
from assets.collection.whatsapp.templates import ENCRYPTION
from assets.collection.whatsapp.wordings import wordings

LONGEST_NOTICE = 2_500

_UNMARKED = str.maketrans(dict.fromkeys(INVISIBLE))
_PLAIN = str.maketrans(dict.fromkeys(SPACES, " ") | {"’": "'", "‘": "'"})
_OPENING, _CLOSING = "[\"“”„‟«「『']", "[\"”“‟»」』']"
_SLOTS = {
    "{who}": "(?P<who>.{1,120}?)",
    "{people}": "(?P<people>.{1,2000}?)",
    "{title}": f" ?{_OPENING} ?(?P<title>.{{1,200}}?) ?{_CLOSING} ?",
    "{new}": f" ?{_OPENING} ?(?P<new>.{{1,200}}?) ?{_CLOSING} ?",
    "{rest}": ".{0,300}?",
}
_SLOT = re.compile(r"( ?\{(?:title|new)\} ?|\{\w+\})")
_BETWEEN_NAMES = re.compile(
    r", | and | und | y | et | e | en | i | și | ve | dan | и | та | й | و | ו| और |、|，| ja "
    r"| och "
)


@dataclass(frozen=True)
class Notice:
    """One line that WhatsApp wrote.

    Attributes:
        kind: a key of the notices in `wordings.yaml`, or `encryption`.
        names: people and group titles in it.
    """

    kind: str
    names: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class _Template:
    kind: str
    wording: str

    @cached_property
    def fixed(self) -> str:
        """Its longest run of fixed words."""
        return max((piece for piece in _SLOT.split(self.wording)[::2]), key=len)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        pieces = _SLOT.split(self.wording)
        pattern = "".join(
            _SLOTS[piece.strip()] if place % 2 else re.escape(piece)
            for place, piece in enumerate(pieces)
        )
        return re.compile(pattern.replace(r"\ ", SPACE) + r"[.。।]?\Z")


@cache
def _templates() -> dict[str, tuple[_Template, ...]]:
    return {
        language: tuple(
            _Template(kind, wording)
            for kind, several in words.get("notices", {}).items()
            for wording in several
        )
        for language, words in wordings().items()
    }


class Notices:
    """Recognises notices; remembers a file's language."""

    def __init__(self) -> None:
        self._language = "en"

    def recognise(self, line: str) -> Notice | None:
        """Say what a line without its sender is; `None` for no known notice."""
        line = line.rstrip("\n").translate(_UNMARKED).strip(SPACES)
        if not line or len(line) > LONGEST_NOTICE:
            return None
        if ENCRYPTION.match(line):
            return Notice("encryption")
        if "\n" in line:
            return None
        plain = line.translate(_PLAIN)
        for language, template in self._in_turn():
            if template.fixed in plain and (found := template.pattern.match(plain)):
                self._language = language
                return Notice(template.kind, tuple(_names(found, line)))
        return None

    def _in_turn(self) -> Iterator[tuple[str, _Template]]:
        templates = _templates()
        for template in templates[self._language]:
            yield self._language, template
        for language, several in templates.items():
            if language != self._language:
                for template in several:
                    yield language, template


def _names(found: re.Match[str], line: str) -> Iterator[str]:
    # As written, where the pattern was tried on plain spaces and apostrophes.
    for slot in found.groupdict():
        start, end = found.span(slot)
        if end > start:
            written = line[start:end]
            # Whole, "Ann and Ben" would make a name of "and".
            yield from _BETWEEN_NAMES.split(written) if slot == "people" else (written,)
