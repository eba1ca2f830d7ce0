"""The text that signal-export and sigexport write of a chat on Signal Desktop.

Each entry begins `[2026-10-15, 08:30] Name: `, or `[2026-10-15 08:30:05] Name: ` of late; what
comes before the next one is of the same message. Entries are in the order of time, so that a line
which goes back quotes an earlier one.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from assets.core.errors import ExportError
from assets.restricted.collection.contract import ChatFile, Circumstances
from assets.restricted.collection.export import Export
from assets.restricted.collection.lines import line_blocks
from assets.restricted.collection.structured.entries import Entry, Findings
from assets.restricted.collection.structured.parse import Read, export_of

HEADER = re.compile(r"\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] ?([^:\n]{1,120}): ?")
OLDER = re.compile(r"\[\d{4}-\d\d-\d\d, \d\d:\d\d\] ")
NEWER = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] ")
MARKS = re.compile(
    r"(?m)\] (?:Me|No-Sender): |\]\(\./[^)\n]{1,300}\)|^\(- [^\n]{1,400} -\)$"
    r"|^\(\( [^\n]{1,80} \)\)$|: \(This message was deleted\)$"
)
"""What this text alone holds; phones that write the day in the same way mark lines of their own."""
_DELETED = "(This message was deleted)"
_STICKER = re.compile(r"\(\( [^\n]{1,80} \)\)")
LONGEST_ENTRY = 1 << 20
_OWN_LABELS = frozenset({"Me", "You", "Unknown", "No-Sender"})
_QUOTED = re.compile(r"(?m)^(?:>.*|~.*~)$\n?")
_FILE = re.compile(r"!?\[[^\]\n]{0,200}\]\([^)\n]{0,400}\)")
_REACTIONS = re.compile(r"\s*\(- [^()\n]{1,400} -\)\s*$")
_PER_BATCH = 2_000


def read_text_lines(files: Sequence[ChatFile], circumstances: Circumstances) -> Export:
    """Count over a text and return it.

    Raises:
        ExportError: if it can't be read.
    """
    if len(files) > 1:
        raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
    opened = files[0].open

    def entries(findings: Findings) -> Iterator[list[Entry]]:
        with opened() as stream:
            yield from _entries(stream, findings, circumstances.zone)

    return export_of(Read("signal", "text", entries), circumstances)


def _entries(stream: BinaryIO, findings: Findings, zone: ZoneInfo) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    pieces: list[str] = []
    size, current = 0, None
    for line in _lines(stream):
        found = HEADER.match(line)
        moment = None if found is None else _second(found[1], found[2], zone)
        if found is None or moment is None or (current is not None and moment < current.second):
            if found is not None:
                findings.left_out += 1
            if current is None:
                raise ExportError("EXPORT_NO_HEADERS")
            pieces.append(line)
            size += len(line)
            if size > LONGEST_ENTRY:
                raise ExportError("EXPORT_ENTRY_TOO_LONG")
            continue
        if current is not None:
            batch.append(_settled(current, pieces))
        name = found[3].strip()
        current = Entry(moment, "speech", name, unnamed=name in _OWN_LABELS)
        pieces, size = [line[found.end() :]], 0
        if len(batch) >= _PER_BATCH:
            yield batch
            batch = []
    if current is not None:
        batch.append(_settled(current, pieces))
    yield batch


def _lines(stream: BinaryIO) -> Iterator[str]:
    for number, block in enumerate(line_blocks(stream)):
        text = block.replace("\r\n", "\n")
        lines = text.split("\n")[1:]
        if number == 0 and lines:
            lines[0] = lines[0].removeprefix("\ufeff")
        yield from lines


def _settled(entry: Entry, pieces: list[str]) -> Entry:
    """With what was typed, without quotations, reactions and names of files."""
    text = "\n".join(pieces).strip()
    if entry.author == "No-Sender":
        return Entry(entry.second, "system")
    text = _REACTIONS.sub("", text)
    if text == _DELETED:
        entry.kind = "deleted"
        return entry
    if _STICKER.fullmatch(text):
        entry.kind = "media"
        return entry
    typed = _QUOTED.sub("", text) if ">" in text or "~" in text else text
    bare = _FILE.sub("", typed).strip() if "](" in typed else typed.strip()
    if bare:
        entry.text = bare
        entry.detail = "captions" if bare != typed.strip() else None
    else:
        entry.kind = "media" if text else "expired"
    return entry


def _second(day: str, time: str, zone: ZoneInfo) -> int | None:
    try:
        return int(datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone).timestamp())
    except ValueError:
        return None
