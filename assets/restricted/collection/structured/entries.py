"""One entry of a structured export, and what a pass over them finds beside."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

from assets.restricted.collection.export import CountedKind, Detail

_LONGEST_NUMBER, _MILLIONTHS, _LONGEST_MOMENT = 19, 6, 18
_KEY_BYTES = 8
_GREATEST_KEY = (1 << 63) - 1


def key_of(written: str) -> int:
    """The key of a message by its id, the same in every process; that of a number is itself.

    Returns:
        64 bits, signed. Of a moment as Slack writes it, its millionths of a second below zero.
    """
    if _is_number(written):
        return int(written)
    whole, _, part = written.partition(".")
    if len(part) == _MILLIONTHS and len(written) <= _LONGEST_MOMENT and _is_number(whole + part):
        return -int(whole + part)
    digest = hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES)
    return int.from_bytes(digest.digest(), "big", signed=True)


def keys_of(written: Sequence[str]) -> list[int]:
    """The keys of messages by their ids, each as `key_of` gives it."""
    lengths = set(map(len, written))
    digits = "".join(written)
    # Of one length, as ids of one time mostly are, what begins with a zero is small.
    if len(lengths) == 1 and digits.isdecimal() and digits.isascii():
        length = lengths.pop()
        keys = list(map(int, written)) if length <= _LONGEST_NUMBER else []
        if keys and min(keys) >= 10 ** (length - 1) and max(keys) <= _GREATEST_KEY:
            return keys
    return list(map(key_of, written))


def _is_number(written: str) -> bool:
    return (
        written.isdecimal()
        and written[0] != "0"
        and written.isascii()
        and len(written) <= _LONGEST_NUMBER
        and int(written) <= _GREATEST_KEY
    )


class Entry(msgspec.Struct, gc=False):
    """One entry, whichever platform it is of.

    Attributes:
        second: when it was sent, whole seconds since 1970 in UTC.
        kind: what it is.
        author: the sender's name, empty where there is none.
        person: as in `Message`.
        text: what was typed, with LF line ends.
        detail: what is counted apart.
        key: of the message, the same in every export that holds it; None where it has no id.
        unnamed: as in `Message`.
    """

    second: int
    kind: CountedKind
    author: str = ""
    person: str | None = None
    text: str = ""
    detail: Detail | None = None
    key: int | None = None
    unnamed: bool = False


@dataclass
class Findings:
    """What a pass finds beside entries.

    Attributes:
        names: that the export shows; only `roster` gives them out.
        notices: of the platform by kind.
        left_out: entries of a type that is not known.
        not_people: entries of bots, webhooks and channels.
        undated: entries without a time, counted as system.
        places: of the array that the last entries were of, in bytes of the file: where its first
            element may stand, and where the last of these entries ends; None where they are of
            more than one array, or not told.
        chats: numbers of chats whose entries were passed over, where the file holds several.
        people: by id, names and whether it is a bot, of whom the file tells among the entries; None
            for that where a message alone shows the names.
    """

    names: set[str] = field(default_factory=set, repr=False)
    notices: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    not_people: int = 0
    undated: int = 0
    places: tuple[int, int] | None = None
    chats: set[int] = field(default_factory=set)
    people: dict[str, tuple[tuple[str, ...], bool | None]] = field(default_factory=dict, repr=False)

    def state(self) -> tuple[Any, ...]:
        """All that it holds, but for places."""
        counted = self.left_out, self.not_people, self.undated
        told = set(self.names), dict(self.notices)
        return *told, *counted, set(self.chats), dict(self.people)

    def restore(self, state: tuple[Any, ...]) -> None:
        """Hold what another held."""
        names, notices, self.left_out, self.not_people, self.undated, chats, people = state
        self.names, self.notices, self.chats = set(names), Counter(notices), set(chats)
        self.people = dict(people)

    def name(self, names: Iterable[str | None]) -> None:
        """Note names as written."""
        self.names.update(one for one in names if one)

    def notice(self, kind: str | None, known: frozenset[str]) -> None:
        """Count a notice; one of no known kind as `unknown`, never by its own word."""
        self.notices[kind if kind in known else "unknown"] += 1


Entries: TypeAlias = Callable[[Findings], Iterator[list[Entry]]]
"""One pass over an export from its start, some entries at a time."""
