"""A byte stream as text in blocks of whole lines, within fixed memory."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from assets.core.errors import ExportError

READ_BYTES = 1 << 16
# WhatsApp stops a message at 65,536 characters; sixteen times that is no chat line.
LONGEST_LINE = 1 << 20


@dataclass
class Whereabouts:
    """Which bytes of a stream the block given last was made of.

    Attributes:
        start: where the block begins.
        end: where it ends, which is where a line end begins.
        read: bytes read so far, `end` or more.
        told: whether these places are known; not where line ends were changed.
    """

    start: int = 0
    end: int = 0
    read: int = 0
    told: bool = True


def line_blocks(
    stream: BinaryIO, size: int = READ_BYTES, at: Whereabouts | None = None
) -> Iterator[str]:
    r"""Decode a stream into blocks that start with a line end and stop before the next.

    A line end is put before the first line, so that every line is led by one. CRLF stays whole;
    CR alone ends lines in a file whose beginning has no LF, and comes out as LF; the second CR that
    some tools add to CRLF goes. No other character ends a line.

    Args:
        stream: binary, at its first byte.
        size: bytes per read.
        at: kept at the places of the block given last.

    Yields:
        `"\nline\nline"`; together the whole text after one leading line end.

    Raises:
        ExportError: `EXPORT_BINARY`, `EXPORT_NOT_UTF8`, `EXPORT_LINE_TOO_LONG`.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    opening = _opening(stream)
    by_cr = io.IncrementalNewlineDecoder(None, translate=True) if _ends_by_cr(opening) else None
    if at is not None and by_cr is not None:
        at.told = False
    # CRLF, so that the first header counts as led by whatever leads the others.
    yield from _blocks(_pieces(opening, stream, size), decoder, by_cr, "\r\n", at)


def line_blocks_after(stream: BinaryIO, at: Whereabouts, size: int = READ_BYTES) -> Iterator[str]:
    """Go on where the block ended at which these places were kept, as `line_blocks` would have.

    Args:
        stream: at the byte `at.end`.
        at: places of the block before; then kept at those of the block given last.
        size: bytes per read, as before.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    begun = _decoded(decoder, stream.read(at.read - at.end), False)
    if begun is None:
        raise ExportError("EXPORT_NOT_UTF8")
    yield from _blocks(_pieces(b"", stream, size), decoder, None, begun, at)


def _blocks(
    pieces: Iterator[bytes],
    decoder: codecs.IncrementalDecoder,
    by_cr: io.IncrementalNewlineDecoder | None,
    carry: str,
    at: Whereabouts | None,
) -> Iterator[str]:
    for raw in pieces:
        done = not raw
        if b"\0" in raw:
            raise ExportError("EXPORT_BINARY")
        text = _decoded(decoder, raw, done)
        if text is None:
            raise ExportError("EXPORT_NOT_UTF8")
        buffer = carry + (text if by_cr is None else by_cr.decode(text, done))
        if "\r\r\n" in buffer:
            buffer = buffer.replace("\r\r\n", "\r\n")
            if at is not None:
                at.told = False
        cut = len(buffer) if done else _last_line_start(buffer)
        if len(buffer) - cut > LONGEST_LINE:
            raise ExportError("EXPORT_LINE_TOO_LONG")
        carry = buffer[cut:]
        if at is not None:
            at.read += len(raw)
        if cut:
            if at is not None:
                undecoded = len(decoder.getstate()[0])
                at.start, at.end = at.end, at.read - undecoded - len(carry.encode())
            yield buffer[:cut]


def _opening(stream: BinaryIO) -> bytes:
    pieces, size = [], 0
    while size < READ_BYTES and (piece := stream.read(READ_BYTES - size)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _ends_by_cr(opening: bytes) -> bool:
    """Whether more lines end by CR alone than by anything else."""
    pairs = opening.count(b"\r\n") + opening.endswith(b"\r")
    return opening.count(b"\r") - pairs > opening.count(b"\n")


def _pieces(opening: bytes, stream: BinaryIO, size: int) -> Iterator[bytes]:
    for start in range(0, len(opening), size):
        yield opening[start : start + size]
    while raw := stream.read(size):
        yield raw
    yield b""


def _decoded(decoder: codecs.IncrementalDecoder, raw: bytes, final: bool) -> str | None:
    try:
        return decoder.decode(raw, final)
    except UnicodeDecodeError:
        return None


def _last_line_start(buffer: str) -> int:
    cut = buffer.rfind("\n")
    while cut > 0 and buffer[cut - 1] == "\r":
        cut -= 1
    return cut
