"""The reader of canonical exports: what was pulled from a platform, or trimmed on delivery."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import BinaryIO

import msgspec

from assets.core.canonical_export import Header, Record
from assets.core.errors import ExportError
from assets.core.platforms import EARLIEST_ENTRY, PLATFORMS, may_be_of
from assets.restricted.collection.contract import HEAD_BYTES, Circumstances, Source
from assets.restricted.collection.export import CountedKind, Detail, Export
from assets.restricted.collection.structured.at_most import lines_at_most
from assets.restricted.collection.structured.chats import Chat, the_chat
from assets.restricted.collection.structured.chronicle_document import unpacked
from assets.restricted.collection.structured.entries import Entry, Findings, key_of
from assets.restricted.collection.structured.html_text import text_of_html
from assets.restricted.collection.structured.json_lines import decoded_lines, line_blocks_of
from assets.restricted.collection.structured.parse import Read
from assets.restricted.collection.structured.read_on import Heading, Opened, read_on
from resources.stores.inbox.blocks import read_whole
from resources.stores.members.identity import person_written

_KINDS: dict[str, tuple[CountedKind, Detail | None]] = {
    "speech": ("speech", None),
    "edited": ("edited", None),
    "deleted": ("deleted", None),
    "media": ("media", None),
    "poll": ("media", "polls"),
    "call": ("media", "calls"),
    "system": ("system", None),
    # As a file that somebody sent: nothing to read, but a sender and a day.
    "member": ("media", None),
}
_HEADER = msgspec.json.Decoder(Header)
_UNKNOWN: tuple[CountedKind, Detail | None] = ("system", None)
_BEGINS = b'"canonical_export"'


class _Moment(Record, gc=False):
    at: datetime  # pyright: ignore[reportIncompatibleVariableOverride]


_RECORDS = msgspec.json.Decoder(_Moment)


class CanonicalReader:
    """Reads the canonical form, of whichever platform."""

    platforms = PLATFORMS

    def recognises(self, head: bytes) -> bool:
        """Say whether the first line is a header."""
        line = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
        return line.startswith(b"{") and _BEGINS in line

    def messages_at_most(self, source: Source, most: int) -> int:
        """How many messages it holds at most; see `lines_at_most`."""
        return lines_at_most(source, most)

    def chronicle(
        self, source: Source, is_the_chat: Callable[[str], bool] | None
    ) -> Iterable[bytes] | None:
        """What a zip holds, for it grows at its end; None where it comes without one."""
        del is_the_chat
        return unpacked(source.files[0]) if source.packed and len(source.files) == 1 else None

    def read(self, source: Source, circumstances: Circumstances) -> Export:
        """Count over the export and return it.

        Raises:
            ExportError: if it can't be read, or its header does not hold.
        """
        if len(source.files) > 1:
            raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
        header = _header(source.open)
        wanted = circumstances.platform or header.platform
        if header.platform not in PLATFORMS:
            raise ExportError("EXPORT_OF_ANOTHER_PLATFORM")
        if not may_be_of(wanted, header.platform):
            raise ExportError("EXPORT_OTHER_PLATFORM")
        covered = _moment(header.covers_from), _moment(header.covers_until)
        if not EARLIEST_ENTRY <= covered[0] < covered[1] <= circumstances.now:
            raise ExportError("EXPORT_SPAN_UNKNOWN")
        named = tuple(one for one in (header.chat_id, header.chat_title) if one)
        if named:
            # What names no chat was pulled for the group by its reference alone.
            the_chat([Chat(named, ())], circumstances.is_the_chat)

        def reading(opened: Opened, before: Findings) -> Read:
            del before

            def entries(findings: Findings) -> Iterator[list[Entry]]:
                findings.name([header.chat_title])
                return _entries(opened, _Reading(header.platform, covered, findings))

            return Read(header.platform, "canonical", entries, covered=covered, by_parts=True)

        def heading(opened: Opened) -> Heading | None:
            terms = header.platform, header.covers_from, *named
            with opened() as stream:
                line, end, _ = read_whole(stream, HEAD_BYTES).partition(b"\n")
            # An empty line or a mark before it is nothing that is written by us.
            told = line.startswith(b"{") and end
            return Heading(len(line) + 1, terms, of_lines=True) if told else None

        return read_on(reading, source, circumstances, heading=heading)


def _header(opened: Callable[[], BinaryIO]) -> Header:
    with opened() as stream:
        for block in line_blocks_of(stream):
            line = block.lstrip().partition(b"\n")[0]
            found = decoded_lines(line, _HEADER)
            if found:
                return found[0]
            break
    raise ExportError("EXPORT_JSON_DAMAGED")


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ExportError("EXPORT_SPAN_UNKNOWN")
    return moment


def _entries(opened: Callable[[], BinaryIO], reading: "_Reading") -> Iterator[list[Entry]]:
    first_at = place = 0
    with opened() as stream:
        for block in line_blocks_of(stream):
            own = block
            if not place:
                own = block.lstrip().partition(b"\n")[2]
                first_at = len(block) - len(own)
            place += len(block)
            reading.findings.places = (first_at, place) if block.endswith(b"\n") else None
            yield [reading.entry(one) for one in decoded_lines(own, _RECORDS)]


class _Reading:
    """Turns records into entries."""

    def __init__(
        self, platform: str, covered: tuple[datetime, datetime], findings: Findings
    ) -> None:
        self._platform = platform
        self._from, self._until = (int(one.timestamp()) for one in covered)
        self.findings = findings
        self._people: dict[tuple[str | None, str | None], tuple[str, str | None, bool]] = {}

    def entry(self, one: _Moment) -> Entry:
        """The entry of a record."""
        if one.at.tzinfo is None:
            raise ExportError("EXPORT_STRUCTURE_UNKNOWN")
        second = int(one.at.timestamp() // 1)
        key = None if one.id is None else key_of(one.id)
        kind, detail = _KINDS.get(one.kind, _UNKNOWN)
        of_before = one.kind == "member" or (kind in ("deleted", "edited") and key is not None)
        if second >= self._until or (second < self._from and not of_before):
            raise ExportError("EXPORT_SPAN_UNKNOWN")
        if one.kind not in _KINDS:
            self.findings.left_out += 1
        who = (one.sender, one.name)
        known = self._people.get(who)
        if known is None:
            known = self._people[who] = self._person(one)
        author, person, unnamed = known
        if one.kind == "member" and one.sender is None:
            kind = "system"
        if kind == "system" or one.bot or person is None:
            if one.bot:
                self.findings.not_people += 1
            kept: CountedKind = "deleted" if kind == "deleted" and not one.bot else "system"
            if kept == "system":
                return Entry(second, kept, key=key)
            author, person, unnamed = "", "", True
        if kind in ("deleted", "media"):
            return Entry(second, kind, author, person, "", detail, key, unnamed)
        text = text_of_html(one.text) if one.html else one.text
        if not text and kind != "edited":
            return Entry(second, "media", author, person, "", None, key, unnamed)
        if one.caption and kind == "speech":
            detail = "captions"
        return Entry(second, kind, author, person, text, detail, key, unnamed)

    def _person(self, one: _Moment) -> tuple[str, str | None, bool]:
        """Name, person and whether it has no name; no person for a record without a sender."""
        self.findings.name([one.name, *one.also_named])
        if one.sender is None:
            return (one.name, one.name, False) if one.name else ("", None, True)
        written = person_written(one.name or "", f"{self._platform} {one.sender}", *one.also_named)
        return one.name or one.sender, written, not one.name


READER = CanonicalReader()
