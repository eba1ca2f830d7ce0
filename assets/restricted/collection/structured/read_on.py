"""An export of fields in one file, read on from where an earlier reading of it stood.

What is read then is the file without the elements before that place, which is a whole document of
its own, by the same code; counts go on from where they stood.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import BinaryIO, get_args

from assets.restricted.collection.bookmarks.bookmark import Reopened, Standing, Stands
from assets.restricted.collection.bookmarks.plain_values import read
from assets.restricted.collection.contract import Circumstances, Source
from assets.restricted.collection.export import CountedKind, Detail, Export
from assets.restricted.collection.structured.json_stream import READ_BYTES
from assets.restricted.collection.structured.moments import Clock
from assets.restricted.collection.structured.parse import Marking, Read, ReadsOtherwise, export_of

LONGEST_BEGINNING = 1 << 20
"""Bytes before the array, more than which are not held at once."""
_SPACE = b" \t\r\n"
NAMELESS_NOTICE = "unknown"


def read_on(
    reading: Callable[[Callable[[], BinaryIO]], Read],
    source: Source,
    circumstances: Circumstances,
    notices: frozenset[str] = frozenset(),
) -> Export:
    """Read a file, from a bookmark on where there is one.

    Args:
        reading: how the file that a function opens is read.
        source: the file.
        circumstances: of the export.
        notices: kinds of notices that the reader counts.

    Raises:
        ExportError: what `export_of` raises.
    """
    bookmarks, opened = circumstances.bookmarks, source.open
    size = None if bookmarks is None else source.size()
    if bookmarks is None or size is None:
        return export_of(reading(opened), circumstances)
    terms = "fields", str(circumstances.zone)
    words = frozenset([NAMELESS_NOTICE, *notices, *get_args(CountedKind), *get_args(Detail)])
    clock = Clock(circumstances.zone)

    def with_stands(export: Export, marking: Marking, left_out: int, before: int) -> Export:
        at = [
            Standing(
                place + left_out,
                place + left_out,
                given,
                _day(clock, latest),
                (first_at, state),
            )
            for place, (first_at, given, latest, state) in marking.noted.items()
            if place + left_out > before
        ]
        return replace(export, stands=Stands(at, opened, terms, lambda: words))

    found = bookmarks.found(opened, *terms)
    if found is not None:
        first_at, state = read(found.state, found.strings, circumstances.zone)
        shorter = _without_elements_before(found, first_at, opened)
        if shorter is not None:
            left_out = size - len(shorter)
            marking = Marking(_marks(len(shorter)), state)
            try:
                export = export_of(reading(lambda: BytesIO(shorter)), circumstances, marking)
            except ReadsOtherwise:
                pass
            else:
                marked = with_stands(export, marking, left_out, found.read)
                return replace(marked, before=found.before)
    marking = Marking(_marks(size))
    return with_stands(export_of(reading(opened), circumstances, marking), marking, 0, 0)


def _without_elements_before(
    found: Reopened, first_at: int, opened: Callable[[], BinaryIO]
) -> bytes | None:
    """The file without the array's elements before the bookmark; None where no element follows.

    Nor where so much stands before the array that the file is as well read whole.
    """
    if first_at > LONGEST_BEGINNING:
        return None
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
    distance, marks = READ_BYTES, []
    while distance < size:
        marks.append(size - distance)
        distance *= 2
    return sorted(marks)


def _day(clock: Clock, second: int) -> date:
    return clock.at(second).date()
