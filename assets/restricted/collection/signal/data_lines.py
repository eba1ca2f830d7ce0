"""The `data.json` that signal-export writes beside its text: an object a line, on a local clock."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances
from assets.restricted.collection.export import Export
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.json_lines import decoded_lines, line_blocks_of
from assets.restricted.collection.structured.moments import second_of
from assets.restricted.collection.structured.parse import Read, export_of

OWN_LABELS = frozenset({"Me", "You", "Unknown", ""})
NO_SENDER = "No-Sender"


class _Line(msgspec.Struct, gc=False):
    date: str
    sender: str
    body: str = ""
    sticker: dict[str, Raw] | None = None
    attachments: list[Raw] = []
    deleted: bool = False
    call: bool = False


_LINES = msgspec.json.Decoder(_Line)


def read_data_lines(files: Sequence[ChatFile], circumstances: Circumstances) -> Export:
    """Count over the one chat and return it.

    Raises:
        ExportError: if it can't be read.
    """
    if len(files) > 1:
        raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
    opened = files[0].open

    def entries(findings: Findings) -> Iterator[list[Entry]]:
        del findings
        with opened() as stream:
            for block in line_blocks_of(stream):
                yield [_entry(one, circumstances.zone) for one in decoded_lines(block, _LINES)]

    return export_of(Read("signal", "data", entries), circumstances)


def _entry(one: _Line, zone: ZoneInfo) -> Entry:
    second = second_of(one.date, zone)
    if one.sender == NO_SENDER:
        return Entry(second, "system")
    unnamed = one.sender in OWN_LABELS
    entry = Entry(second, "speech", one.sender or "Unknown", text=one.body, unnamed=unnamed)
    if one.deleted:
        entry.kind, entry.text = "deleted", ""
    elif one.call:
        entry.kind, entry.text, entry.detail = "media", "", "calls"
    elif not one.body:
        entry.kind = "media" if one.attachments or one.sticker else "expired"
    elif one.attachments:
        entry.detail = "captions"
    return entry
