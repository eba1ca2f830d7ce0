"""Strings of a file as places in it: offset and length of each piece, in bytes."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

READ_BYTES = 1 << 20
LONGEST_PIECE = 1 << 13
MOST_STRINGS = 50_000

KNOWN_BEGINNING = 1 << 12
"""Bytes at a file's beginning that others may guess: a place there would tell its word."""
OWN_WORDS = frozenset({"telegram"})
"""Words that readers put into names, which may stand nowhere in a file."""
# Where names are put together, and what JSON writes otherwise than it is.
_BETWEEN_WORDS = re.compile(r'([\s"\\]+)')

Place = tuple[int, int]
Piece = Place | str
Places = Sequence[Sequence[Piece]]
"""For each string the pieces that it is made of, in order; those that are no places are spaces,
quotation marks or words of our own."""


@dataclass(frozen=True)
class Beginning:
    """The part of a file before a bookmark.

    Attributes:
        proof: a keyed digest of it.
        strings: that stand at the places asked for.
        kept: its last bytes, from the one asked for.
    """

    proof: bytes
    strings: Sequence[str] = field(repr=False)
    kept: bytes = field(repr=False)


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


def beginning_of(
    stream: BinaryIO, length: int, key: bytes, places: Places, kept_from: int
) -> Beginning | None:
    """Read the first `length` bytes of a file; None where it has fewer.

    Args:
        stream: at its first byte; afterwards at the byte `length`.
        length: bytes before the bookmark.
        key: of the proof, 32 bytes.
        places: of strings in it.
        kept_from: the first byte to keep.
    """
    proof = hmac.new(key, digestmod=hashlib.sha256)
    due = sorted({one for own in places for one in own if not isinstance(one, str)})
    pieces: dict[Place, bytes] = {}
    kept: list[bytes] = []
    before, done, next_due = b"", 0, 0
    for block in _blocks(stream, length):
        proof.update(block)
        held, start = before + block, done - len(before)
        done += len(block)
        while next_due < len(due) and sum(due[next_due]) <= done:
            at, size = due[next_due]
            pieces[due[next_due]] = held[at - start : at - start + size]
            next_due += 1
        if done > kept_from:
            kept.append(block[max(len(block) - (done - kept_from), 0) :])
        before = held[-LONGEST_PIECE:]
    if done < length:
        return None
    # In another file a place may begin within a letter; the proof tells it from this one.
    strings = [
        "".join(
            one if isinstance(one, str) else pieces[one].decode(errors="replace") for one in own
        )
        for own in places
    ]
    return Beginning(proof.digest(), strings, b"".join(kept))


def _first_places(
    sought: dict[str, bytes], opened: Callable[[], BinaryIO], length: int
) -> dict[str, Place]:
    missing, found, guessed = dict(sought), {}, {}
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
