"""What names a JSON file begins with, to tell which platform wrote it."""

import re
from collections.abc import Mapping
from functools import cached_property
from itertools import islice

LOOKED_AT = 1 << 16
MOST_TOKENS = 5_000

CHRONICLE = "chronicle"
"""Name of the first member of a chronicle, whose value is the platform that it is of."""

_TOKEN = re.compile(
    rb'"(?P<string>[^"\\]*(?:\\.[^"\\]*)*)"[ \t\r\n]*(?P<colon>:?)|(?P<mark>[\[\]{}])'
    rb"|(?P<plain>[-+0-9.eE]+|true|false|null)",
    re.DOTALL,
)
_LONGEST_TOLD = 60
# A text whose headers are in brackets; a list of numbers is no chat.
_NO_LIST_OF_CHATS = re.compile(rb"\[[ \t\r\n]*[^ \t\r\n{\[\"\]]")


class Head(bytes):
    """The first bytes of a file, which each reader is asked of; what they begin is found once."""

    @cached_property
    def beginnings(self) -> Mapping[str, str]:
        """As the function of that name."""
        return _beginnings(self)


def beginnings(head: bytes) -> Mapping[str, str]:
    """The places of the values that a file begins with, and their first plain values.

    Args:
        head: the first bytes; only `LOOKED_AT` of them are looked at.

    Returns:
        By place, such as `messages[].from` or `[].ts` or `chat.id`, the first value there, or what
        opens it (`{` or `[`). Empty where the file is no JSON.
    """
    return head.beginnings if isinstance(head, Head) else _beginnings(head)


def _beginnings(head: bytes) -> Mapping[str, str]:
    text = head[:LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] not in (b"{", b"[") or _NO_LIST_OF_CHATS.match(text):
        return {}
    found: dict[str, str] = {}
    places: list[str] = []
    name = ""
    for token in islice(_TOKEN.finditer(text), MOST_TOKENS):
        mark = token["mark"]
        if token["colon"]:
            name = token["string"][:_LONGEST_TOLD].decode("utf-8", "replace")
            continue
        at = f"{places[-1]}{name}" if places else ""
        if mark in (b"{", b"["):
            found.setdefault(at, mark.decode())
            places.append(f"{at}[]" if mark == b"[" else f"{at}." if at else "")
            name = ""
        elif mark is not None:
            if places:
                places.pop()
            name = ""
        else:
            plain = token["string"] if token["plain"] is None else token["plain"]
            found.setdefault(at, plain[:_LONGEST_TOLD].decode("utf-8", "replace"))
    return found


def mark_of(head: bytes) -> str | None:
    """Of which platform a file is a chronicle, by its first bytes; None for what is none."""
    return beginnings(head).get(CHRONICLE)
