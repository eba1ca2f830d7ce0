"""What is sealed of a delivered file: its chronicle, where a reader writes one."""

import io
from collections.abc import Callable, Iterable
from typing import BinaryIO, Protocol, runtime_checkable

from assets.core.errors import ExportError
from assets.restricted.collection.container import open_source
from assets.restricted.collection.contract import Source
from assets.restricted.collection.platforms import reader_for
from assets.restricted.collection.structured import chronicle_document
from assets.restricted.collection.structured.beginnings import mark_of


@runtime_checkable
class WritesChronicles(Protocol):
    """A reader of exports that do not grow at their end."""

    def chronicle(
        self, source: Source, is_the_chat: Callable[[str], bool] | None
    ) -> Iterable[bytes] | None:
        """Pieces of the chronicle; None where the export is sealed as it came.

        Raises:
            ExportError: if it can't be read, or it can't be told which chat is meant.
        """
        ...


def chronicle(file: BinaryIO, is_the_chat: Callable[[str], bool] | None = None) -> BinaryIO:
    """What is to be sealed of a file: a chronicle in memory, or the file itself at its first byte.

    What can't be read is sealed as it came, so that reading it says why.

    Args:
        file: seekable.
        is_the_chat: as in `read_export`.
    """
    held, pieces = io.BytesIO(), None
    try:
        source = open_source(file, wanted=lambda head: reader_for(head) is not None)
        reader = reader_for(source.head())
        if isinstance(reader, WritesChronicles) and mark_of(source.head()) is None:
            pieces = reader.chronicle(source, is_the_chat)
        for one in pieces or ():
            held.write(one)
            if held.tell() > chronicle_document.LARGEST_CHRONICLE:
                pieces = None
                break
    except ExportError:
        pieces = None
    whole = file if pieces is None else held
    whole.seek(0)
    return whole
