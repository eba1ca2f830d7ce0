"""The door to all readers: one export in, its messages and report out."""

import codecs
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from assets.core.errors import ExportError
from assets.core.platforms import may_be_of
from assets.restricted.collection.bookmarks.bookmark import FindsBookmarks
from assets.restricted.collection.container import open_source
from assets.restricted.collection.contract import Circumstances
from assets.restricted.collection.export import Export
from assets.restricted.collection.other_platforms import of_another_platform
from assets.restricted.collection.platforms import reader_for

# Every configured region keeps this clock and writes the day before the month.
REGION_ZONE = ZoneInfo("Europe/London")

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OTHER_FORMAT_OPENINGS = (b"{", b"<", b"[")
# Documents, pictures and archives that may hold no zero byte near their beginning.
_BINARY_OPENINGS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc", b"Rar!")


def read_export(
    source: str | Path | BinaryIO,
    region: str | None = None,
    *,
    now: datetime | None = None,
    platform: str | None = None,
    is_the_chat: Callable[[str], bool] | None = None,
    superseded: frozenset[int] = frozenset(),
    bookmarks: FindsBookmarks | None = None,
) -> Export:
    """Read one chat export, whatever its name.

    Args:
        source: a path, or a seekable binary stream, which stays open and must outlive the result;
            the platform's file, or a zip of its files. Nothing is written anywhere.
        region: where the group is; settles a day and month order that the file leaves open.
        now: aware; what counts as the future. The real time by default.
        platform: that the file must be of, one of `PLATFORMS`; any by default.
        is_the_chat: says of a chat's id or title whether it is the one to read, for files that
            hold several; without it a file of one chat alone is read.
        superseded: `Export.superseded` of other exports of the group; their messages count as
            deleted.
        bookmarks: as in `Circumstances`.

    Returns:
        Messages streamed at every iteration, from `source` where they are not few enough to be held
        in memory, and a report that is already complete.

    Raises:
        ExportError: with a code of `assets.core.errors.CATALOGUE` beginning `EXPORT_`.
    """
    circumstances = Circumstances(
        zone=REGION_ZONE,
        day_first=None if region is None else True,
        now=now or datetime.now(UTC),
        platform=platform,
        is_the_chat=is_the_chat,
        superseded=superseded,
        bookmarks=bookmarks,
    )
    chat = open_source(source, wanted=lambda head: reader_for(head) is not None)
    head = chat.head()
    reader = reader_for(head)
    if of_another_platform(head):
        raise ExportError("EXPORT_OF_ANOTHER_PLATFORM")
    if reader is None:
        raise ExportError(_why_unread(head))
    if platform is not None and not any(may_be_of(platform, one) for one in reader.platforms):
        raise ExportError("EXPORT_OTHER_PLATFORM")
    return reader.read(chat, circumstances)


def _why_unread(head: bytes) -> str:
    stripped = head.removeprefix(b"\xef\xbb\xbf").strip()
    if not stripped:
        return "EXPORT_EMPTY"
    if head.startswith(_UTF16_MARKS):
        return "EXPORT_NOT_UTF8"
    if b"\0" in head or head.startswith(_BINARY_OPENINGS):
        return "EXPORT_BINARY"
    if not _starts_as_utf8(head):
        return "EXPORT_NOT_UTF8"
    if stripped.startswith(_OTHER_FORMAT_OPENINGS):
        return "EXPORT_UNKNOWN_FORMAT"
    return "EXPORT_NO_HEADERS"


def _starts_as_utf8(head: bytes) -> bool:
    # Not final: the head may end inside a character.
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
