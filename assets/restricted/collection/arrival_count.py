"""How many messages a file holds at most, told without opening more of them than may be."""

from typing import BinaryIO, Protocol, runtime_checkable

from assets.core.errors import ExportError, SetupError
from assets.restricted.collection.container import open_source
from assets.restricted.collection.contract import Source
from assets.restricted.collection.platforms import reader_for


@runtime_checkable
class CountsBeforeReading(Protocol):
    """A reader that can say how many messages an export holds, without reading them."""

    def messages_at_most(self, source: Source, most: int) -> int:
        """Count what may begin a message, and stop at `most` + 1."""
        ...


def messages_at_most(source: BinaryIO, left: int) -> int:
    """Never fewer than the file holds.

    Args:
        source: the file, seekable.
        left: how many may still be opened; past them the file is not looked at.

    Raises:
        SetupError: `DISCOVERY_LIMIT` if there may be more.
        ExportError: `EXPORT_NOT_COUNTABLE` for a platform whose reader can't tell, or what opening
            its container raises.
    """
    chat = open_source(source, wanted=lambda head: reader_for(head) is not None)
    reader = reader_for(chat.head())
    if not isinstance(reader, CountsBeforeReading):
        raise ExportError("EXPORT_NOT_COUNTABLE")
    counted = reader.messages_at_most(chat, left)
    if counted > left:
        raise SetupError("DISCOVERY_LIMIT")
    return counted
