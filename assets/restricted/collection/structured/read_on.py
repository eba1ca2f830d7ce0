"""An export of fields in one file, read on from where an earlier reading of it stood.

What is read then is the file without the elements before that place, which is a whole document of
its own, by the same code; counts go on from where they stood.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, BinaryIO, Protocol, TypeAlias, get_args

from assets.core.errors import ExportError
from assets.restricted.collection.bookmarks.bookmark import Reopened, Standing, Stands
from assets.restricted.collection.bookmarks.plain_values import read
from assets.restricted.collection.contract import Circumstances
from assets.restricted.collection.export import CountedKind, Detail, Export
from assets.restricted.collection.structured.counting import Marking, Noted, ReadsOtherwise
from assets.restricted.collection.structured.entries import Findings
from assets.restricted.collection.structured.moments import Clock
from assets.restricted.collection.structured.parse import Read, export_of

LONGEST_BEGINNING = 1 << 20
"""Bytes before the array, more than which are not held at once."""
NEAREST_MARK = 1 << 18
"""Bytes before a file's end."""
_SPACE = b" \t\r\n"
NAMELESS_NOTICE = "unknown"


@dataclass(frozen=True)
class Heading:
    """What stands before the entries of a file, and may be another in a later export.

    Attributes:
        first_at: where the first entry may stand, in bytes.
        terms: what of it decides how entries are read. Never shown.
        of_lines: whether each entry is a line; else they are elements of an array.
    """

    first_at: int
    terms: tuple[str, ...] = field(default=(), repr=False)
    of_lines: bool = False


Opened: TypeAlias = Callable[[], BinaryIO]
Reading: TypeAlias = Callable[[Opened, Findings], Read]
"""How the file that a function opens is read, after entries of which this was found."""


class OneFile(Protocol):
    """A file that is read on."""

    @property
    def open(self) -> Opened:
        """A function that opens a stream of its own at the first byte."""
        ...

    def size(self) -> int | None:
        """Bytes of it; None where they are not told."""
        ...


def read_on(
    reading: Reading,
    source: OneFile,
    circumstances: Circumstances,
    words: frozenset[str] = frozenset(),
    heading: Callable[[Opened], Heading | None] | None = None,
) -> Export:
    """Read a file, from a bookmark on where there is one.

    Args:
        reading: how the file that a function opens is read.
        source: the file.
        circumstances: of the export.
        words: that the reader puts into what it finds, such as kinds of notices.
        heading: of the file that a function opens, for platforms that write the moment of the
            export before the entries; None from it where the file is to be read whole. Without it
            what stands before the entries must be the same.

    Raises:
        ExportError: what `export_of` raises.
    """
    bookmarks, opened = circumstances.bookmarks, source.open
    size = None if bookmarks is None else source.size()
    head = Heading(0) if heading is None or size is None else _told(heading, opened)
    if bookmarks is None or size is None or head is None:
        return export_of(reading(opened, Findings()), circumstances)
    begins, terms = head.first_at, ("fields", str(circumstances.zone), *head.terms)
    closed = frozenset([NAMELESS_NOTICE, *words, *get_args(CountedKind), *get_args(Detail)])
    clock = Clock(circumstances.zone)

    def with_stands(export: Export, marking: Marking, left_out: int, before: int) -> Export:
        at = [
            _standing(one, place + left_out, begins, clock)
            for place, one in marking.noted.items()
            if place + left_out > before
        ]
        return replace(export, stands=Stands(at, opened, terms, lambda: closed, begins))

    found = bookmarks.found(opened, *terms, begins=begins)
    if found is not None:
        first_at, state = read(found.state, found.strings, circumstances.zone)
        shorter = _without_entries_before(found, first_at, opened, head)
        if shorter is not None:
            left_out = size - len(shorter)
            marking = Marking(bookmarks.digests_of, _marks(len(shorter)), state)
            try:
                own = reading(lambda: BytesIO(shorter), marking.before)
                export = export_of(own, circumstances, marking)
            except ReadsOtherwise:
                pass
            else:
                marked = with_stands(export, marking, left_out, found.read)
                return replace(marked, before=found.before)
    marking = Marking(bookmarks.digests_of, _marks(size))
    whole = reading(opened, Findings())
    return with_stands(export_of(whole, circumstances, marking), marking, 0, 0)


def _told(heading: Callable[[Opened], Heading | None], opened: Opened) -> Heading | None:
    try:
        return heading(opened)
    except ExportError:
        # Reading it whole says why, as it does without bookmarks.
        return None


def _standing(one: Noted, place: int, begins: int, clock: Clock) -> Standing:
    day = clock.at(one.latest).date()

    def state() -> tuple[int, Any]:
        return one.first_at, one.state()

    return Standing(place, place, one.given, day, state, proved_from=begins)


def _without_entries_before(
    found: Reopened, first_at: int, opened: Opened, head: Heading
) -> bytes | None:
    """The file without the entries before the bookmark; None where no element follows.

    Nor where so much stands before them that the file is as well read whole.
    """
    if first_at > LONGEST_BEGINNING or head.first_at not in (0, first_at):
        return None
    element = found.held
    if not head.of_lines:
        comma = found.held.lstrip(_SPACE)
        element = comma[1:].lstrip(_SPACE)
        if comma[:1] == b"]":
            element = comma
        elif comma[:1] != b"," or element[:1] in (b"", b"]", b","):
            return None
    with opened() as stream:
        return stream.read(first_at) + element


def _marks(size: int) -> list[int]:
    """Places close to each other near a file's end."""
    distance, marks = NEAREST_MARK, []
    while distance < size:
        marks.append(size - distance)
        distance *= 2
    return sorted(marks)
