"""Pieces that patterns are made of.

A pattern made of words alone allows anything but a letter, digit or underscore between them, and
never asks what is *not* beside it: what is dropped in scrubbing then brings no two words together
that were not so before, and a second look at what is left finds no more.
"""

from collections.abc import Iterable

START = r"(?<![^\W_])(?<![^\W_]')"
END = r"(?![^\W_])"
ANY_GAP = r"\W+"
GAP = r"[^\w.,?!]+"
"""Between two words with no mark between them. Marks survive scrubbing, so they part for good."""
LIST_GAP = r"[^\w.?!]+"
"""Between two words of a list."""

WORD = r"[^\W_][\w'-]{0,60}"
DIGIT_WORD = r"[^\W\d_]{0,20}\d\w{0,60}"

_Branches = dict[str, "_Branches"]


def any_of(words: Iterable[str], gap: str = GAP) -> str:
    """A regex for any of the words, in time that depends on the longest and not on how many.

    Args:
        words: lower-case words or phrases; a space stands for `gap`.
        gap: regex for what may stand between the words of a phrase.
    """
    root: _Branches = {}
    for word in words:
        branch = root
        for character in word:
            branch = branch.setdefault(character, {})
        branch[""] = {}
    return _branched(root, gap)


def _branched(branch: _Branches, gap: str) -> str:
    options = [
        (gap if character == " " else character) + _branched(rest, gap)
        for character, rest in sorted(branch.items())
        if character
    ]
    if not options:
        return ""
    one = options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"
    return f"(?:{one})?" if "" in branch else one


_ORDINARY = frozenset(
    """
    there thee tree seen sever seve even eight eighth fist firs thirst fort forth sundry eater
    ester theres tent tents winds tend tens ten sunny money mandy
    """.split()  # noqa: SIM905
)
"""What some slips of a number, day or feast are: words of their own."""

_SHORTEST_MISSPELT = 5
_VOWELS = "aeiou"


def misspelt(words: Iterable[str]) -> set[str]:
    """Each word, and it with one slip: a letter left out, doubled, swapped or a vowel mistaken.

    The first letter stands, words of under five letters have no slips, and neither has a phrase.
    """
    found: set[str] = set()
    for word in words:
        found.add(word)
        if len(word) >= _SHORTEST_MISSPELT and word.isalpha():
            found.update(_slips(word) - _ORDINARY)
    return found


def _slips(word: str) -> set[str]:
    found: set[str] = set()
    for i in range(1, len(word)):
        before, letter, after = word[:i], word[i], word[i + 1 :]
        found.update((before + after, before + letter + letter + after))
        if after:
            found.add(before + after[0] + letter + after[1:])
        if letter in _VOWELS:
            found.update(before + vowel + after for vowel in _VOWELS)
    return found
