"""What a reader of one platform's exports must offer, and where it reads from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo

from assets.restricted.collection.export import Export

HEAD_BYTES = 65_536


@dataclass(frozen=True)
class Circumstances:
    """What is known about an export from outside it.

    Attributes:
        zone: the zone whose local clock the export shows.
        day_first: whether the region writes day before month; `None` without a region.
        now: aware; entries more than a day later are refused.
    """

    zone: ZoneInfo
    day_first: bool | None
    now: datetime


class Source(Protocol):
    """One chat's bytes, readable from the start any number of times."""

    def head(self) -> bytes:
        """Give the first `HEAD_BYTES` bytes, or fewer in a shorter export."""
        ...

    @property
    def open(self) -> Callable[[], BinaryIO]:
        """A function that opens a stream of its own at the first byte."""
        ...

    @property
    def markdown_twin(self) -> bool:
        """Whether the chat is `chat.txt` beside a `chat.md`, as WhatsApp Web packs its exports."""
        ...


class Reader(Protocol):
    """Reads one platform's exports. A module in `platforms` offers one as `READER`."""

    def recognises(self, head: bytes) -> bool:
        """Say from the first bytes alone whether this reader should read the export."""
        ...

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the export and return it; messages are read again as they are asked for.

        Raises:
            ExportError: if the export can't be read.
        """
        ...
