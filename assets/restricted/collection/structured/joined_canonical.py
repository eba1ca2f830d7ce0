"""Several canonical exports as one, in memory: parts that hold a day only together."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

import msgspec

from assets.core.canonical_export import Header, line_of
from assets.core.errors import ExportError
from assets.restricted.collection.structured.json_lines import decoded_lines

_HEADER = msgspec.json.Decoder(Header)


def joined_canonical(parts: Sequence[BinaryIO]) -> BinaryIO:
    """One export with the records of all and the span that they cover.

    A message that several hold counts once, as in any export.

    Args:
        parts: of one chat, without a gap between their spans.

    Raises:
        ExportError: `EXPORT_OF_ANOTHER_CHAT` for parts of different chats or platforms, or what
            reading a header raises.
    """
    headers: list[Header] = []
    bodies: list[bytes] = []
    for one in parts:
        line, _, body = one.read().lstrip().partition(b"\n")
        headers += decoded_lines(line, _HEADER)
        bodies += [body, b"" if body.endswith(b"\n") else b"\n"]
    if len(headers) != len(parts):
        raise ExportError("EXPORT_JSON_DAMAGED")
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
    return io.BytesIO(b"".join([line_of(header), *bodies]))
