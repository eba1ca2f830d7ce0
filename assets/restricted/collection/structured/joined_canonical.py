"""Several canonical exports as one, in memory: parts that hold a day only together."""

import io
from collections.abc import Sequence
from datetime import datetime
from shutil import copyfileobj
from typing import BinaryIO

import msgspec

from assets.core.canonical_export import Header, line_of
from assets.core.errors import ExportError
from assets.restricted.collection.structured.json_lines import LONGEST_LINE, decoded_lines

_HEADER = msgspec.json.Decoder(Header)


def joined_canonical(parts: Sequence[BinaryIO]) -> BinaryIO:
    """One export with the records of all and the span that they cover.

    A message that several hold counts once, as in any export. Little more is held than the parts
    together: each is let go of as soon as it is copied.

    Args:
        parts: of one chat, without a gap between their spans; closed where nothing is raised.

    Raises:
        ExportError: `EXPORT_OF_ANOTHER_CHAT` for parts of different chats or platforms, or what
            reading a header raises.
    """
    headers = [_header(one) for one in parts]
    if len({(one.platform, one.chat_id) for one in headers}) > 1:
        raise ExportError("EXPORT_OF_ANOTHER_CHAT")
    # Each was read by itself before, and its span found to be one.
    header = Header(
        canonical_export=1,
        platform=headers[0].platform,
        covers_from=min((one.covers_from for one in headers), key=datetime.fromisoformat),
        covers_until=max((one.covers_until for one in headers), key=datetime.fromisoformat),
        chat_id=headers[0].chat_id,
        chat_title=headers[-1].chat_title,
    )
    joined = io.BytesIO()
    joined.write(line_of(header))
    for one in parts:
        copyfileobj(one, joined)
        # An empty line is none; without it the last of one part and the first of the next are one.
        joined.write(b"\n")
        one.close()
    joined.seek(0)
    return joined


def _header(part: BinaryIO) -> Header:
    """A part's header, with the stream left after its line."""
    line = b""
    while not line.strip():
        line = part.readline(LONGEST_LINE).removeprefix(b"\xef\xbb\xbf")
        if not line:
            raise ExportError("EXPORT_JSON_DAMAGED")
    (found,) = decoded_lines(line, _HEADER)
    return found
