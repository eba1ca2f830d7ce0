"""Words that stand where something is still to be written, and addresses that nobody answers."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_NOTHING_YET = re.compile(
    r"(?:to ?do|tb[acd]|fixme|x{2,}|n/?a|none|nil|null|nothing|unknown|pending|draft|never"
    r"|(?:not|nothing|none)(?: yet)?(?: (?:yet|done|known|set|decided|checked|applicable|started))+"
    r"|lorem ipsum.*|to be .*|\.{2,}|…|-+|–|\?+|<.*>|\[.*\])[\s.!]*",
    re.IGNORECASE,
)
_MARK = re.compile(r"\b(?:TODO|TBC|TBD|TBA|FIXME|XXX)\b")
_REFUSED = re.compile(
    r"(?:refused|denied|rejected|declined|turned down|not (?:approved|granted|given|allowed))"
    r"[\s.!]*",
    re.IGNORECASE,
)
_NO_ADDRESS = re.compile(
    r"\bexample\.(?:org|com|net|edu|co\.uk|ac\.uk)\b|\.(?:example|invalid|test|localhost|local)\b"
    r"|\blocalhost\b|not yet set|placeholder|change ?me|your[ .-]?(?:name|mail|e-?mail|address)"
    r"|\b(?:nobody|no-?reply|do-?not-?reply|foo|bar|someone|name|user|email|test)@"
    r"|\bdomain\.(?:org|com|net|tld)\b|\bto be (?:added|confirmed|decided)\b|\blorem\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[^\s@<>]+@[^\s@<>]+\.[a-z]{2,}|https?://[^\s/]+\.[a-z]{2,}|\+?[0-9](?:[ ()./-]*[0-9]){6,}",
    re.IGNORECASE,
)
_SAME_DIGITS = re.compile(r"(?:\+?[ ()./-]*([0-9])(?:[ ()./-]*\1){6,})|1 ?2 ?3 ?4 ?5 ?6 ?7")

_CHOICES = "answers"
"""Of a scale: there "never" says something."""


def is_placeholder(text: str) -> bool:
    """Whether a text says nothing yet: TODO, "not done", "never", a row of dots."""
    text = text.strip()
    return not text or bool(_NOTHING_YET.fullmatch(text) or _MARK.search(text))


def says_refused(text: str) -> bool:
    """Whether a text says no more than that something was refused."""
    return bool(_REFUSED.fullmatch(text.strip()))


def is_no_contact(text: str) -> bool:
    """Whether a contact is a placeholder, or nothing that one could write to, open or call."""
    if is_placeholder(text) or _NO_ADDRESS.search(text) or _MARK.search(text.upper()):
        return True
    return not _ADDRESS.search(text) or bool(_SAME_DIGITS.search(text))


def placeholders(value: Any) -> Iterator[str]:
    """Fields of a value, however deep, that hold a placeholder."""
    for field in _fields_where(is_placeholder, value):
        if field != _CHOICES or _MARK.search(str(value[_CHOICES])):
            yield field


def refusals_in(value: Any) -> Iterator[str]:
    """Fields of a value, however deep, that say no more than that something was refused."""
    yield from _fields_where(says_refused, value)


def _fields_where(holds: Callable[[str], bool], value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _fields_where(holds, one, f"{at}.{name}" if at else str(name))
    elif isinstance(value, list):
        for one in value:
            yield from _fields_where(holds, one, at)
    elif isinstance(value, str) and holds(value):
        yield at
