"""What a reader of one platform's exports must offer, and where it reads from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo

from assets.restricted.collection.bookmarks.bookmark import FindsBookmarks
from assets.restricted.collection.export import Export

HEAD_BYTES = 65_536


@dataclass(frozen=True)
class Circumstances:
    """What is known about an export from outside it.

    Attributes:
        zone: the zone whose local clock the export shows.
        day_first: whether the region writes day before month; `None` without a region.
        now: aware; entries more than a day later are refused.
        platform: that the consent names; a file of another is not read. None where nothing says.
        is_the_chat: says of a chat's id or title whether it is the one that the consent is for;
            None where nothing says so, and then a file of one chat alone is read.
        superseded: keys of messages that another export of the group says were deleted or edited.
        bookmarks: of the group, where a reading may go on from an earlier one; None where it is to
            be from the beginning, and leave no mark.
    """

    zone: ZoneInfo
    day_first: bool | None
    now: datetime
    platform: str | None = None
    is_the_chat: Callable[[str], bool] | None = field(default=None, repr=False)
    superseded: frozenset[int] = field(default=frozenset(), repr=False)
    bookmarks: FindsBookmarks | None = None


@dataclass(frozen=True)
class ChatFile:
    """One file of an export.

    Attributes:
        path: inside the zip, folders first; empty where the export is one file. Never shown.
        open: opens a stream of its own at the first byte.
    """

    path: tuple[str, ...] = field(repr=False)
    open: Callable[[], BinaryIO] = field(repr=False)


class Source(Protocol):
    """One chat's bytes, readable from the start any number of times."""

    def head(self) -> bytes:
        """Give the first `HEAD_BYTES` bytes, or fewer in a shorter export."""
        ...

    @property
    def open(self) -> Callable[[], BinaryIO]:
        """A function that opens a stream of its own at the first byte."""
        ...

    def size(self) -> int | None:
        """Bytes of the chat, None where it is several files."""
        ...

    @property
    def packed(self) -> bool:
        """Whether it lies in a zip."""
        ...

    @property
    def markdown_twin(self) -> bool:
        """Whether the chat is `chat.txt` beside a `chat.md`, as WhatsApp Web packs its exports."""
        ...

    @property
    def files(self) -> "Sequence[ChatFile]":
        """The files that may belong to it, by path; one for an export that is one file."""
        ...


class Reader(Protocol):
    """Reads one platform's exports. A module in `platforms` offers one as `READER`."""

    @property
    def platforms(self) -> Sequence[str]:
        """What the files that it reads may be of, in words of `PLATFORMS`."""
        ...

    def recognises(self, head: bytes) -> bool:
        """Say from the first bytes alone whether this reader should read the export."""
        ...

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the export and return it; messages are read again as they are asked for.

        Raises:
            ExportError: if the export can't be read.
        """
        ...
