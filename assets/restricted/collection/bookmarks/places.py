"""Strings of a file as places in it: offset and length of each piece, in bytes."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from assets.core.platforms import PLATFORMS
from resources.stores.inbox.blocks import read_whole

READ_BYTES = 1 << 20
NEAR_BYTES = 1 << 18
LONGEST_PIECE = 1 << 13
MOST_STRINGS = 50_000

KNOWN_BEGINNING = 1 << 12
"""Bytes at a file's beginning that others may guess: a place there would tell its word."""
OWN_WORDS = frozenset(PLATFORMS)
"""Words that readers put into names, which may stand nowhere in a file."""
# Where names and numbers are put together, and what JSON writes otherwise than it is.
_BETWEEN_WORDS = re.compile(r'([\s"\\+]+)')

Place = tuple[int, int]
Piece = Place | str
Places = Sequence[Sequence[Piece]]
"""For each string the pieces that it is made of, in order; those that are no places are spaces,
quotation marks or words of our own."""


def places_of(
    strings: Sequence[str], opened: Callable[[], BinaryIO], length: int
) -> list[list[Piece]] | None:
    """Where the strings stand in the first `length` bytes, whole or word by word.

    A name that was put together stands nowhere whole. Words are not taken apart: letters by the
    places where each first stands would be a cipher that exports' known beginnings solve.

    Returns:
        None where a word stands nowhere, or a string is too long.
    """
    sought = {one: one.encode("utf-8", "surrogatepass") for one in strings}
    if len(sought) > MOST_STRINGS or any(len(one) > LONGEST_PIECE for one in sought.values()):
        return None
    found = _first_places(sought, opened, length)
    apart = {one: _apart(one) for one in sought if one not in found}
    words = {word for pieces in apart.values() for word in pieces if not _is_ours(word)}
    if words:
        written = {one: one.encode("utf-8", "surrogatepass") for one in words}
        found_words = _first_places(written, opened, length)
        if len(found_words) < len(words):
            return None
    else:
        found_words = {}
    return [
        [found[one]] if one in found else [found_words.get(piece, piece) for piece in apart[one]]
        for one in strings
    ]


def _first_places(
    sought: dict[str, bytes], opened: Callable[[], BinaryIO], length: int
) -> dict[str, Place]:
    missing, found, guessed = dict(sought), {}, {}
    near = max(length - NEAR_BYTES, KNOWN_BEGINNING)
    with opened() as stream:
        if near < length and getattr(stream, "block_digests", None) is not None:
            # Who writes now is then read with what else is read of the last blocks.
            stream.seek(near)
            last = read_whole(stream, length - near)
            found = {
                one: (near + last.find(written), len(written))
                for one, written in sought.items()
                if written in last
            }
            missing = {one: written for one, written in sought.items() if one not in found}
            stream.seek(0)
    if not missing:
        return found
    before, done = b"", 0
    with opened() as stream:
        for block in _blocks(stream, length):
            held, start = before + block, done - len(before)
            done += len(block)
            for one, written in list(missing.items()):
                at = held.find(written, max(KNOWN_BEGINNING - start, 0))
                if at >= 0:
                    found[one] = (start + at, len(written))
                    del missing[one]
                elif start < KNOWN_BEGINNING and one not in guessed:
                    at = held.find(written)
                    if at >= 0:
                        guessed[one] = (start + at, len(written))
            if not missing:
                break
            before = held[-LONGEST_PIECE:]
    return {**guessed, **found}


def _apart(written: str) -> list[str]:
    return [one for one in _BETWEEN_WORDS.split(written) if one]


def _is_ours(piece: str) -> bool:
    return piece in OWN_WORDS or _BETWEEN_WORDS.fullmatch(piece) is not None


def _blocks(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (block := stream.read(min(READ_BYTES, length))):
        length -= len(block)
        yield block
