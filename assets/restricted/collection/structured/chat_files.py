"""Files of an export that a reader knows as its own."""

from collections.abc import Callable
from typing import BinaryIO

from assets.restricted.collection.contract import HEAD_BYTES, ChatFile, Source


def own_files(source: Source, recognises: Callable[[bytes], bool]) -> list[ChatFile]:
    """The files that a reader recognises, by path.

    Args:
        source: of the export.
        recognises: the reader's own.
    """
    return [one for one in source.files if recognises(head_of(one.open))]


def head_of(opened: Callable[[], BinaryIO]) -> bytes:
    """The first bytes of a file."""
    head = b""
    with opened() as stream:
        while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
            head += more
    return head
