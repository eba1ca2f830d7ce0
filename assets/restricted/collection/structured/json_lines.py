"""JSON Lines of any size within fixed memory: blocks of whole lines, decoded in C."""

from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

from assets.core.errors import ExportError

# What is made of a block then stays near the processor.
READ_BYTES = 1 << 16
LONGEST_LINE = 4 << 20

T = TypeVar("T")


def line_blocks_of(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks that begin and end at line ends, empty lines among them.

    Raises:
        ExportError: `EXPORT_LINE_TOO_LONG`, `EXPORT_BINARY`.
    """
    rest: list[bytes] = []
    size = 0
    first = True
    while block := stream.read(READ_BYTES):
        if b"\0" in block:
            raise ExportError("EXPORT_BINARY")
        if first:
            block, first = block.removeprefix(b"\xef\xbb\xbf"), False
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join((*rest, block[:cut]))
            rest, size = [], 0
        rest.append(block[cut:])
        size += len(block) - cut
        if size > LONGEST_LINE:
            raise ExportError("EXPORT_LINE_TOO_LONG")
    last = b"".join(rest)
    if last:
        yield last


def decoded_lines(block: bytes, decoder: "msgspec.json.Decoder[T]") -> list[T]:
    """A block's lines as values.

    Raises:
        ExportError: `EXPORT_JSON_DAMAGED`, `EXPORT_STRUCTURE_UNKNOWN`.
    """
    try:
        return decoder.decode_lines(block)
    except msgspec.ValidationError:
        code = "EXPORT_STRUCTURE_UNKNOWN"
    except (msgspec.DecodeError, RecursionError):
        code = "EXPORT_JSON_DAMAGED"
    raise ExportError(code)
