"""Notices of a group's life in many languages: what kind, and the names in them.

A template must match the whole line, and what stands where it has a name must look like one. It is
tried only where its longest fixed words occur, and the language that last matched comes first, for
a file is written in one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

from assets.restricted.collection.whatsapp.header_candidates import INVISIBLE, SPACE, SPACES
from assets.restricted.collection.whatsapp.notice_names import is_count, may_be_name, may_be_title
from assets.restricted.collection.whatsapp.templates import ENCRYPTION, is_encryption
from assets.restricted.collection.whatsapp.wordings import wordings

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
_QUOTED_SLOTS = ("{title}", "{new}")
_SLOT = re.compile(r"( ?\{(?:title|new)\} ?|\{\w+\})")
_BETWEEN_NAMES = re.compile(
    r",? and |, | und | y | et | e | en | i | și | ve | dan | и | та | й | و | ו| और |、|，| ja "
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
    def title_at(self) -> int | None:
        """Which piece is the first title that may hold a colon, or stands after one."""
        pieces = _SLOT.split(self.wording)
        for place in range(1, len(pieces), 2):
            if pieces[place].strip() in _QUOTED_SLOTS or pieces[place - 1].endswith(": "):
                fixed = max(map(len, pieces[:place:2]))
                return place if fixed >= FEWEST_FIXED_LETTERS else None
        return None

    @cached_property
    def fixed_before_title(self) -> str:
        """The longest run of fixed words before that title."""
        return max((piece.strip(": ") for piece in self._before_title[::2]), key=len)

    @cached_property
    def opening(self) -> re.Pattern[str]:
        """What stands before that title, and of a quoted one its beginning."""
        before = self._before_title
        pattern = "".join(
            _SLOTS[piece.strip()] if place % 2 else re.escape(piece)
            for place, piece in enumerate(before)
        )
        if before[-1].endswith(": "):
            pattern = pattern.removesuffix(re.escape(": "))
        else:
            pattern += f" ?{_OPENING}.*"
        return re.compile(pattern.replace(r"\ ", SPACE) + r"\Z")

    @property
    def _before_title(self) -> list[str]:
        return _SLOT.split(self.wording)[: self.title_at]


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


@cache
def _with_titles() -> tuple[_Template, ...]:
    every = (template for several in _templates().values() for template in several)
    return tuple(template for template in every if template.title_at is not None)


@cache
def _with_people() -> tuple[_Template, ...]:
    every = (template for several in _templates().values() for template in several)
    return tuple(template for template in every if "{people}" in template.wording)


class Notices:
    """Recognises notices.

    Attributes:
        language: the file's, as the last notice told it.
    """

    def __init__(self) -> None:
        self.language = "en"

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
                self.language = language
                return Notice(template.kind, names or ())
        return Notice("encryption") if is_encryption(line) else None

    def open_with(self, written: str) -> bool:
        """Whether what stands before the first colon of a line is the opening of a notice.

        "Cy added this group to the community: Care Homes", and any notice with a title that holds
        a colon, look like a message by a sender. So does a notice in no known wording, where a
        phrase stands in place of people: no sender is called so.
        """
        plain = written.translate(_UNMARKED).translate(_PLAIN).strip()
        if " " not in plain and plain.isascii():
            return False
        return any(
            template.fixed_before_title in plain and template.opening.match(plain)
            for template in _with_titles()
        ) or any(
            template.fixed in plain
            and (found := template.pattern.match(plain))
            and _names(found, plain) is None
            for template in _with_people()
        )

    def _in_turn(self) -> Iterator[tuple[str, _Template]]:
        templates = _templates()
        for template in templates[self.language]:
            yield self.language, template
        for language, several in templates.items():
            if language != self.language:
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
