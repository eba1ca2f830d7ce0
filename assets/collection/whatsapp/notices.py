"""Notices of a group's life in many languages: what kind, and the names in them.

A template must match the whole line, and what stands where it has a name must look like one. It is
tried only where its longest fixed words occur, and the language that last matched comes first, for
a file is written in one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

from assets.collection.whatsapp.grammar import INVISIBLE, SPACE, SPACES
from assets.collection.whatsapp.names import is_count, may_be_name, may_be_title
from assets.collection.whatsapp.templates import ENCRYPTION
from assets.collection.whatsapp.wordings import wordings

LONGEST_NOTICE = 2_500
# Their fixed words tell enough, and a notice that stops reading is not to be missed over a name.
TOLD_BY_FIXED_WORDS = frozenset({"privacy_on", "privacy_off"})

_UNMARKED = str.maketrans(dict.fromkeys(INVISIBLE))
_PLAIN = str.maketrans(dict.fromkeys(SPACES, " ") | {"’": "'", "‘": "'"})
_OPENING, _CLOSING = "[\"“”„‟«「『']", "[\"”“‟»」』']"
# Before a title, at least so much of a template must stand for its opening to be told.
FEWEST_FIXED_LETTERS = 4
_SLOTS = {
    "{who}": "(?P<who>.{1,120}?)",
    "{people}": "(?P<people>.{1,2000}?)",
    "{title}": f" ?{_OPENING} ?(?P<title>.{{1,200}}?) ?{_CLOSING} ?",
    "{new}": f" ?{_OPENING} ?(?P<new>.{{1,200}}?) ?{_CLOSING} ?",
    "{plain}": "(?P<plain>.{1,200}?)",
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

    @cached_property
    def opening(self) -> tuple[str, re.Pattern[str]] | None:
        """What stands before a title, with the title's beginning; and its longest fixed words."""
        pieces = _SLOT.split(self.wording)
        slots = [piece.strip() for piece in pieces]
        place = next(
            (
                number
                for number in range(1, len(pieces), 2)
                if slots[number] in ("{title}", "{new}") or pieces[number - 1].endswith(": ")
            ),
            None,
        )
        if place is None:
            return None
        fixed = max((piece.strip(": ") for piece in pieces[:place:2]), key=len)
        if len(fixed) < FEWEST_FIXED_LETTERS:
            return None
        pattern = "".join(
            _SLOTS[slots[number]] if number % 2 else re.escape(pieces[number])
            for number in range(place)
        )
        if slots[place] in ("{title}", "{new}"):
            pattern += f" ?{_OPENING}.*"
        else:
            pattern = pattern.removesuffix(re.escape(": "))
        return fixed, re.compile(pattern.replace(r"\ ", SPACE) + r"\Z")


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
                names = _names(found, line)
                if names is None and template.kind not in TOLD_BY_FIXED_WORDS:
                    continue
                self._language = language
                return Notice(template.kind, names or ())
        return None

    def open_with(self, written: str) -> bool:
        """Whether what stands before the first colon of a line is the opening of a notice.

        "Cy added this group to the community: Care Homes", and any notice with a title that holds
        a colon, look like a message by a sender. So does a notice in no known wording, where a
        phrase stands in place of people: no sender is called so.
        """
        plain = written.translate(_UNMARKED).translate(_PLAIN).strip()
        if " " not in plain and plain.isascii():
            return False
        for _, template in self._in_turn():
            opening = template.opening
            if opening is not None and opening[0] in plain and opening[1].match(plain):
                return True
            if (
                "{people}" in template.wording
                and template.fixed in plain
                and (found := template.pattern.match(plain))
                and _names(found, plain) is None
            ):
                return True
        return False

    def _in_turn(self) -> Iterator[tuple[str, _Template]]:
        templates = _templates()
        for template in templates[self._language]:
            yield self._language, template
        for language, several in templates.items():
            if language != self._language:
                for template in several:
                    yield language, template


def _names(found: re.Match[str], line: str) -> tuple[str, ...] | None:
    """Names and titles in a line; `None` where something in a name's place is none."""
    names: list[str] = []
    # As written, where the pattern was tried on plain spaces and apostrophes.
    for slot in found.groupdict():
        start, end = found.span(slot)
        if end <= start:
            continue
        written = line[start:end]
        # Whole, "Ann and Ben" would make a name of "and".
        pieces = _BETWEEN_NAMES.split(written) if slot == "people" else [written]
        if slot in ("who", "people") and not all(map(may_be_name, pieces)):
            return None
        if slot == "plain" and not may_be_title(written):
            return None
        names += [piece for piece in pieces if slot != "people" or not is_count(piece)]
    return tuple(names)
