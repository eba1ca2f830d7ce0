"""A byte stream as text in blocks of whole lines, within fixed memory."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from assets.core.errors import ExportError

READ_BYTES = 1 << 16
# WhatsApp stops a message at 65,536 characters; sixteen times that is no chat line.
LONGEST_LINE = 1 << 20


def line_blocks(stream: BinaryIO, size: int = READ_BYTES) -> Iterator[str]:
    r"""Decode a stream into blocks that start with a line end and stop before the next.

    A line end is put before the first line, so that every line is led by one. CRLF stays whole.

    Args:
        stream: binary, at its first byte.
        size: bytes per read.

    Yields:
        `"\nline\nline"`; together the whole text after one leading line end.

    Raises:
        ExportError: `EXPORT_BINARY`, `EXPORT_NOT_UTF8`, `EXPORT_LINE_TOO_LONG`.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    # CRLF, so that the first header counts as led by whatever leads the others.
    carry = "\r\n"
    done = False
    while not done:
        raw = stream.read(size)
        done = not raw
        if b"\0" in raw:
            raise ExportError("EXPORT_BINARY")
        text = _decoded(decoder, raw, done)
        if text is None:
            raise ExportError("EXPORT_NOT_UTF8")
        buffer = carry + text
        cut = len(buffer) if done else _last_line_start(buffer)
        if len(buffer) - cut > LONGEST_LINE:
            raise ExportError("EXPORT_LINE_TOO_LONG")
        carry = buffer[cut:]
        if cut:
            yield buffer[:cut]


def _decoded(decoder: codecs.IncrementalDecoder, raw: bytes, final: bool) -> str | None:
    try:
        return decoder.decode(raw, final)
    except UnicodeDecodeError:
        return None


def _last_line_start(buffer: str) -> int:
    cut = buffer.rfind("\n")
    if cut > 0 and buffer[cut - 1] == "\r":
        cut -= 1
    return cut
