"""How a person is named in a chat, brought to one form: the parts of a name, and a number."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

FEWEST_DIGITS_OF_LID = 14
FEWEST_DIGITS = 7
"""Digits from which a run of them is a telephone number."""

_BETWEEN_DIGITS = r"[ ().\-\u00a0\u2000-\u2015\u202a-\u202f\u2060-\u2069]{0,3}"
_RUN = re.compile(rf"(?<![\w+])\+?\(?\d(?:{_BETWEEN_DIGITS}\d){{6,59}}(?!\w)")
_BLOCK = re.compile(r"\+?\(?\d+\)?")
_MOST_DIGITS = 17

_APOSTROPHES = re.compile(r"(?<=\w)['\u2018\u2019\u02bc`´](?=\w)")
_TRUNK_ZERO = re.compile(r"\(0\)")
_UNDECOMPOSED = str.maketrans("øØłŁđĐı", "oOlLdDi")
_UNITED_KINGDOM = "44"
_BETWEEN = "\x1f"
_BRITISH = re.compile(r"44\d{9,10}")
_BARE_MOBILE = re.compile(r"7\d{9}")


@dataclass(frozen=True)
class Identity:
    """A person as one piece of writing names them. Never shown.

    Attributes:
        parts: the name's parts, folded; empty if only a number is given.
        joined: the parts in order without spaces; `""` without a name.
        number: digits with country code, None without a number.
        account: the platform's own id of the person, None where it shows none.
    """

    parts: frozenset[str] = field(repr=False)
    joined: str = field(repr=False)
    number: str | None = field(repr=False)
    account: str | None = field(repr=False, default=None)

    @property
    def empty(self) -> bool:
        """True if there is neither a name nor a number."""
        return not self.parts and self.number is None


def is_no_name(written: str) -> bool:
    """Whether a sender's label is neither a name nor a telephone number.

    Such is a "LID", the long number that WhatsApp shows of people whose number it hides.
    """
    identity = identity_of(written)
    number = identity.number
    return not identity.parts and (number is None or len(number) >= FEWEST_DIGITS_OF_LID)


def person_written(name: str, account: str, *others: str) -> str:
    """A person whom a platform shows by name and id, as `identity_of` reads it.

    Args:
        name: as the platform shows it.
        account: its id of the person, which stays when the name changes.
        others: further names or numbers of the same person.
    """
    return _BETWEEN.join(one.replace(_BETWEEN, " ") for one in (name, account, *others))


def identity_of(written: str) -> Identity:
    """Bring a name, a number or both to one form.

    Case, accents, invisible marks, `~`, emoji, apostrophes and the order of parts make no
    difference. A name of nothing but symbols keeps them as its one part.

    Args:
        written: as a phone shows a sender, as someone writes it on a form, or as `person_written`
            puts it.
    """
    if _BETWEEN in written:
        name, account, *others = written.split(_BETWEEN)
        named = [identity_of(one) for one in (name, *others)]
        return Identity(
            frozenset().union(*(one.parts for one in named)),
            named[0].joined,
            next((one.number for one in named if one.number is not None), None),
            account or None,
        )
    text = plain(written)
    number, name = None, text
    found = list(numbers_in(text))
    if found:
        # Of a run such as "2 07700 900123", the British number; else the longest.
        start, end, number = max(
            found, key=lambda one: (bool(_BRITISH.fullmatch(one[2])), one[1] - one[0])
        )
        name = f"{text[:start]} {text[end:]}"
    # Letters, marks and digits: a vowel sign of Hindi is no letter to `re`.
    parts = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded(name)).split()
    if not parts and number is None:
        symbols = "".join(c for c in name if unicodedata.category(c) == "So")
        parts = [symbols] if symbols else []
    return Identity(frozenset(parts), "".join(parts), number)


def identities_of_names(written: str) -> list[Identity]:
    """Each name or number by itself, of a person whom a platform shows under several at once."""
    if _BETWEEN not in written:
        return [identity_of(written)]
    name, _, *others = written.split(_BETWEEN)
    return [identity_of(one) for one in (name, *others)]


def identity_given(name: str, number: str) -> Identity:
    """The identity of someone who gave a name, a number or both, each by itself."""
    named = identity_of(name)
    return Identity(named.parts, named.joined, number_of(number) or named.number)


def plain(text: str) -> str:
    """NFKC, without invisible marks and variation selectors, digits of all scripts as 0 to 9."""
    if text.isascii():
        return text
    return "".join(
        _as_written(c)
        for c in unicodedata.normalize("NFKC", text)
        if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"} and not "\ufe00" <= c <= "\ufe0f"
    )


def _as_written(character: str) -> str:
    if character.isdigit():
        return str(unicodedata.digit(character))
    return " " if unicodedata.category(character) == "Cc" else character


def folded(text: str) -> str:
    """Case and accents folded, apostrophes inside words closed up; expects `plain` text."""
    text = _APOSTROPHES.sub("", text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        bare = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
        text = unicodedata.normalize("NFC", bare).translate(_UNDECOMPOSED)
    return text.casefold()


def numbers_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Every telephone number that a text may hold: place of its start and end, and its form.

    A run of digits may hold a number and more ("07700 900123 2 times"), so each stretch of its
    blocks is given.
    """
    for run in _RUN.finditer(text):
        blocks = [one.span() for one in _BLOCK.finditer(text, *run.span())]
        for place, (start, _) in enumerate(blocks):
            for _, end in blocks[place:]:
                number = number_of(text[start:end])
                if number is not None:
                    if len(number) > _MOST_DIGITS:
                        break
                    yield start, end, number


def number_of(written: str) -> str | None:
    """Digits of a telephone number with its country code; None for fewer than `FEWEST_DIGITS`.

    A British number reads the same with +44, 0044, 0 or none of them before it.
    """
    text = _TRUNK_ZERO.sub("", plain(written))
    digits = re.sub(r"\D", "", text)
    if len(digits) < FEWEST_DIGITS:
        return None
    if text.lstrip(" (").startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    elif digits.startswith("0"):
        international = _UNITED_KINGDOM + digits[1:]
    elif _BARE_MOBILE.fullmatch(digits):
        international = _UNITED_KINGDOM + digits
    else:
        international = digits
    # "+44 07700 …" is written too.
    return re.sub(rf"^{_UNITED_KINGDOM}0+", _UNITED_KINGDOM, international)
