"""Texts of which Python's regex library and Presidio's think alike, and what is searched in them.

Presidio's library does more and takes three to five times as long. Where a text is short and each
of its characters is the same to both, a pattern that Python's can read as well is searched with it,
and finds the same spans.
"""

import re
from collections.abc import Callable

LONGEST = 1000
"""Characters of a text that is searched so. Presidio's library stops after a minute; Python's does
not, so that long texts are left to the other."""

_FLAGS = re.DOTALL | re.MULTILINE | re.IGNORECASE
"""Presidio's own."""

# ASCII but for four separators, money, dashes, isolates and emoji.
_ALIKE = re.compile(
    r"[\x00-\x1b\x20-\x7f£€₦–—•\u2066-\u2069\u2600-\u2775\u2794-\u27bf\U0001f300-\U0001f64f\U0001f680-\U0001f6ff"
    r"\U0001f900-\U0001f9ff]*"
)
_ONLY_LETTERS_OF_BOTH = {r"\p{Lu}": "A-Z", r"\p{Ll}": "a-z"}
_FOUND_FROM_HERE = r"\K"
_FOUND = "found"


def is_alike(text: str) -> bool:
    """Whether both libraries see each of its characters alike."""
    return _ALIKE.fullmatch(text) is not None


def finder(regex: str) -> Callable[[str], list[tuple[int, int]]] | None:
    r"""What finds with Python's library; None where that can't read the regex.

    Args:
        regex: for Presidio's library. Classes of letters stand in brackets; what stands before a
            `\K` is no part of what is found, and no alternative of the whole has one.

    Returns:
        Gives of a text that is alike the spans, first character and one past the last, that the
        regex finds in it; none is empty.
    """
    for letters, ours in _ONLY_LETTERS_OF_BOTH.items():
        regex = regex.replace(letters, ours)
    before, mark, found = regex.partition(_FOUND_FROM_HERE)
    try:
        pattern = re.compile(f"{before}(?P<{_FOUND}>{found})" if mark else regex, _FLAGS)
    except re.error:
        return None
    group = _FOUND if mark else 0
    return lambda text: [match.span(group) for match in pattern.finditer(text) if match[group]]
