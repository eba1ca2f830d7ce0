"""One bookmark: what is kept of the part of a chat before it, and whether it is still true."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO, Protocol

from assets.restricted.collection.copied_posts import Posts
from resources.stores.members.member_events import RollCall, Saying


@dataclass(frozen=True)
class ReadBefore:
    """What a reading found of the messages before a bookmark.

    Attributes:
        read: bytes of that part.
        given: how many messages `Export.messages` gives of it.
        latest: the day of the latest entry in it.
        first_day: of each sender, as `RollCall` has it. Never shown.
        sayings: as `RollCall` has them. Never shown.
        readable_from: from which day each sender might be read, None for not at all. Never shown.
        posts: of texts that might be read; senders are numbered as in `first_day`.
        figures: of each day that might be read: ordinal, messages, characters, judged, not in
            English; `q`, one after the other.
    """

    read: int
    given: int
    latest: date
    first_day: Mapping[str, date] = field(repr=False)
    sayings: Sequence[tuple[str, Saying, date]] = field(repr=False)
    readable_from: Mapping[str, date | None] = field(repr=False)
    posts: Posts = field(repr=False)
    figures: "array[int]" = field(repr=False)

    @property
    def roll(self) -> RollCall:
        """The senders of that part."""
        return RollCall(self.first_day, tuple(self.sayings))

    def holds(self, readable_from: Mapping[str, date]) -> bool:
        """Whether the same messages may be read now as might be read then.

        Args:
            readable_from: as `Admission.readable_from` has it now.
        """
        return all(readable_from.get(one) == start for one, start in self.readable_from.items())


@dataclass(frozen=True)
class Standing:
    """Where a reader stands at one place of a file.

    Attributes:
        read: bytes up to there.
        kept_from: the first byte that it needs again.
        given: messages given up to there.
        latest: the day of the latest entry up to there.
        state: its own, for `Strings.written`, or a function that gives it.
        classes: for `Strings.written`.
        proved_from: the first byte that must be the same in a later export; the reader sees to what
            is before.
    """

    read: int
    kept_from: int
    given: int
    latest: date
    state: Any = field(repr=False)
    classes: Sequence[type] = ()
    proved_from: int = 0


@dataclass(frozen=True)
class Stands:
    """Where a later reading may go on from.

    Attributes:
        at: places in the order of the file.
        opened: opens the file at its first byte.
        terms: what else decides what the reader finds.
        closed: gives the words in a state that are not the export's.
        begins: the first byte by which the chat is found again.
    """

    at: Sequence[Standing]
    opened: Callable[[], BinaryIO] = field(repr=False)
    terms: tuple[str, ...] = ()
    closed: Callable[[], frozenset[str]] = frozenset
    begins: int = 0

    def before(self, day: date) -> Standing | None:
        """The last place before which no entry is of this day or a later one."""
        return next((one for one in reversed(self.at) if one.latest < day), None)


@dataclass(frozen=True)
class Reopened:
    """An export that begins as one did that was read before.

    Attributes:
        state: the reader's own, as written.
        strings: for `read`.
        start: the first byte of `held` in the file.
        read: bytes up to the bookmark.
        held: the file's bytes from `start` on.
        before: what was found of the part before.
    """

    state: Any = field(repr=False)
    strings: Sequence[str] = field(repr=False)
    start: int
    read: int
    held: bytes = field(repr=False)
    before: ReadBefore


class FindsBookmarks(Protocol):
    """Finds the bookmark of a chat."""

    def found(
        self, opened: Callable[[], BinaryIO], *terms: str, begins: int = 0
    ) -> Reopened | None:
        """The bookmark, if the file begins with all that was read before it.

        Args:
            opened: opens the file at its first byte.
            terms: what else decides what the reader finds.
            begins: as in `Stands`.
        """
        ...

    def digests_of(self, keys: Sequence[int]) -> "array[int]":
        """A keyed digest of each key of a message: 64 bits, `Q`, in the same order."""
        ...
