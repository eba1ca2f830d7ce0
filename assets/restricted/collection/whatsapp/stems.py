"""What WhatsApp writes in place of a message in a wording that no catalogue lists.

A body tells itself by its words: each must be one that such a line has in one language
(`stems.yaml` gives their beginnings), and the two that carry the meaning must be among them. One
other word, and it is speech. Languages that put no space between words have patterns
(`unspaced.yaml`).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import yaml

from assets.restricted.collection.whatsapp.header_candidates import INVISIBLE

Said = Literal["deleted", "missed", "omitted", "edited", "live", "waiting", "view_once"]
"""What such a body says."""

# What each says by: the two words that it needs, and others that it may have.
_NEEDS: dict[Said, tuple[str, str, tuple[str, ...]]] = {
    "deleted": ("message", "deleted", ()),
    "missed": ("missed", "call", ()),
    "omitted": ("omitted", "sort", ()),
    "edited": ("message", "edited", ()),
    "live": ("place", "shared", ("live",)),
    "waiting": ("message", "waiting", ()),
}
_WHOLE_WORDS = "small"
LONGEST_LINE, LONGEST_NOTE = 100, 220
_LONGEST_NAME_IN_WORDS = 6
_MOST_WORDS_KNOWN = 50_000
_EDGES = " .,،。!:;\"'“”„«»()<>" + INVISIBLE + "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
_SENTENCE_END = re.compile(r"[.。।۔](?:\s|\Z)")
_TELEPHONE = re.compile(
    r"phone|telefon|telepon|teléfono|telefono|telefoon|celular|téléphone|móvel|handy|телефон|هاتف|טלפון"
    r"|फ\u093cोन|फोन|ফোন|فون|τηλέφωνο|điện thoại|โทรศัพท์|手机|手機|電話|휴대"
)
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


class _Word(NamedTuple):
    """What one word may be, a bit for each language and thing said.

    Attributes:
        allowed: where it may stand.
        first: where it is the first of the two that are needed.
        second: where it is the second.
        admin: languages in which it is an admin, by the bits of `deleted`.
        noted: languages in which it tells of a view-once message, by the same bits.
        opens: languages in which such a note begins with it.
    """

    allowed: int
    first: int
    second: int
    admin: int
    noted: int
    opens: int


_NOTHING = _Word(0, 0, 0, 0, 0, 0)


def _read(name: str) -> dict[str, dict[str, Any]]:
    folder = files("assets.restricted.collection.whatsapp")
    text = folder.joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


@cache
def stems() -> dict[str, dict[str, Sequence[str]]]:
    """The beginnings of words by language, then by what they mean."""
    return _read("stems.yaml")


@cache
def _unspaced() -> tuple[tuple[Said, re.Pattern[str]], ...]:
    return tuple(
        (said, re.compile(language[said]))
        for language in _read("unspaced.yaml").values()
        for said in _NEEDS
        if said in language
    )


def _bits_of(role: str, language: int) -> _Word:
    allowed = first = second = 0
    for place, (one, other, more) in enumerate(_NEEDS.values()):
        bit = 1 << (language * len(_NEEDS) + place)
        allowed |= bit * (role in (one, other, _WHOLE_WORDS, *more))
        first |= bit * (role == one)
        second |= bit * (role == other)
    deleted = 1 << (language * len(_NEEDS))
    return _Word(
        allowed,
        first,
        second,
        deleted * (role == "admin"),
        deleted * (role in ("once", "view")),
        deleted * (role == "received"),
    )


def _both(one: _Word, other: _Word) -> _Word:
    return _Word(*(a | b for a, b in zip(one, other, strict=True)))


class _Words(dict[str, _Word]):
    """Words as written, by what they may be. Fills itself."""

    def __init__(self) -> None:
        super().__init__()
        self._whole: dict[str, _Word] = {}
        self._begun: dict[str, _Word] = {}
        for language, roles in enumerate(stems().values()):
            for role, several in roles.items():
                known = self._whole if role == _WHOLE_WORDS else self._begun
                bits = _bits_of(role, language)
                for one in several:
                    word = _folded(str(one))
                    known[word] = _both(known.get(word, _NOTHING), bits)
        self._longest = max(map(len, self._begun))

    def __missing__(self, written: str) -> _Word:
        if len(self) >= _MOST_WORDS_KNOWN:
            self.clear()
        word = _folded(written.strip(_EDGES))
        found = self._whole.get(word, _NOTHING)
        for end in range(1, min(len(word), self._longest) + 1):
            found = _both(found, self._begun.get(word[:end], _NOTHING))
        self[written] = found
        return found


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word).replace("’", "'").casefold()


@cache
def _words() -> _Words:
    return _Words()


# English words that no such line begins with, however often they stand inside one.
_NEVER_FIRST = frozenset(
    [
        "a",
        "an",
        "as",
        "call",
        "come",
        "do",
        "has",
        "i",
        "in",
        "is",
        "me",
        "no",
        "on",
        "see",
        "ten",
        "to",
        "u",
        "up",
    ]
)


class FirstWords(dict[str, bool]):
    """Whether a body with this first word may be such a line. Fills itself."""

    def __missing__(self, written: str) -> bool:
        if len(self) >= _MOST_WORDS_KNOWN:
            self.clear()
        found = written.lower() not in _NEVER_FIRST and any(_words()[written])
        found = found or _UNSPACED.match(written.lstrip(_EDGES)) is not None
        self[written] = found
        return found


def said_by(line: str, *, omitted: bool = False) -> Said | None:
    """Say what a body without marks at its edges is; `None` for speech.

    Args:
        line: the whole body.
        omitted: whether to look for left-out media, which iOS alone writes without brackets.
    """
    if len(line) > LONGEST_NOTE or "\n" in line or "?" in line:
        return None
    if _UNSPACED.search(line):
        return _unspaced_said(line, omitted=omitted)
    written = line.split()
    if len(line) <= LONGEST_LINE and (found := _closed(written, omitted=omitted)):
        return found
    return _note(line)


def _unspaced_said(line: str, *, omitted: bool) -> Said | None:
    for said, pattern in _unspaced():
        if (omitted or said != "omitted") and pattern.fullmatch(line):
            return said
    return None


def _closed(written: Sequence[str], *, omitted: bool) -> Said | None:
    words = _words()
    allowed, first, second = -1, 0, 0
    for one in written:
        bits = words[one]
        allowed &= bits.allowed
        if not allowed:
            return "deleted" if _deleted_by(written) else None
        first |= bits.first
        second |= bits.second
    for said in _kinds(allowed & first & second):
        if omitted or said != "omitted":
            return said
    return "deleted" if _deleted_by(written) else None


def _kinds(bits: int) -> Iterator[Said]:
    kinds = tuple(_NEEDS)
    while bits:
        low = bits & -bits
        yield kinds[(low.bit_length() - 1) % len(kinds)]
        bits ^= low


def _deleted_by(written: Sequence[str]) -> bool:
    """Whether an admin deleted it: one name beside the admin, and nothing else unknown."""
    found = [_words()[one] for one in written]
    languages = 0
    for word in found:
        languages |= word.admin
    return any(
        _name_beside_admin(found, 1 << bit)
        for bit in range(languages.bit_length())
        if languages >> bit & 1
    )


def _name_beside_admin(found: Sequence[_Word], language: int) -> bool:
    known = [bool((word.allowed | word.admin) & language) for word in found]
    admins = [place for place, word in enumerate(found) if word.admin & language]
    others = [place for place, it_is in enumerate(known) if not it_is]
    if not any(word.second & language for word in found):
        return False
    if not others:
        return True
    start, end = others[0], others[-1]
    if end - start >= _LONGEST_NAME_IN_WORDS or end - start + 1 != len(others):
        return False
    return start - 1 in admins or end + 1 in admins


def _note(line: str) -> Said | None:
    """Whether it is a note of two sentences: it waits for a message, or had one to view once."""
    stop = _SENTENCE_END.search(line)
    if stop is None or not line[stop.end() :].strip():
        return None
    words = _words()
    opening = [words[one] for one in line[: stop.start()].split()]
    allowed, first, second, noted = -1, 0, 0, 0
    for word in opening:
        allowed &= word.allowed
        first |= word.first
        second |= word.second
        noted |= word.noted
    if "waiting" in _kinds(allowed & first & second):
        return "waiting"
    if noted & first and _TELEPHONE.search(_folded(line[stop.end() :])):
        return "view_once"
    return None
