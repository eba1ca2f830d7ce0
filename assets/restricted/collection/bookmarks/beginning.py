"""The part of a file before a bookmark: what proves it the same, and what is needed of it again."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from assets.restricted.collection.bookmarks.places import LONGEST_PIECE, Place, Places
from resources.stores.inbox.blocks import BLOCK_BYTES, read_whole

_LENGTH_BYTES = 8


@dataclass(frozen=True)
class Stretch:
    """The bytes of a file that a bookmark rests on.

    Attributes:
        start: its first byte; what is before may be another in a later export.
        end: the byte after its last.
        kept_from: the first of them that the reader needs again.
    """

    start: int
    end: int
    kept_from: int


@dataclass(frozen=True)
class Beginning:
    """The part of a file before a bookmark.

    Attributes:
        proof: a keyed digest of the stretch and of the strings.
        strings: that stand at the places asked for.
        kept: the last bytes of the stretch, from the one asked for.
    """

    proof: bytes
    strings: Sequence[str] = field(repr=False)
    kept: bytes = field(repr=False)


def beginning_of(
    stream: BinaryIO, stretch: Stretch, key: bytes, places: Places
) -> Beginning | None:
    """Read the file up to a bookmark; None where it has fewer bytes.

    Where the file was sealed with digests of its blocks they stand for the blocks, of which then no
    others are unsealed than those that are needed.

    Args:
        stream: at its first byte; afterwards at the byte `stretch.end`.
        stretch: before the bookmark.
        key: of the proof, 32 bytes.
        places: of strings before the bookmark.
    """
    digests: Sequence[bytes] | None = getattr(stream, "block_digests", None)
    walked = _Streamed if digests is None else _Sought
    walk = walked(stream, stretch, places, digests or ())
    proof = hmac.new(key, digestmod=hashlib.sha256)
    for piece in walk.proved():
        proof.update(piece)
    if walk.ended_early:
        return None
    # In another file a place may begin within a letter; the proof tells it from this one.
    strings = [
        "".join(
            one if isinstance(one, str) else walk.pieces[one].decode(errors="replace")
            for one in own
        )
        for own in places
    ]
    for one in strings:
        written = one.encode("utf-8", "surrogatepass")
        proof.update(len(written).to_bytes(_LENGTH_BYTES, "big") + written)
    return Beginning(proof.digest(), strings, walk.kept)


class _Streamed:
    """A file that must be read from its first byte on.

    Attributes:
        pieces: what stands at the places.
        kept: as `Beginning` has it.
        ended_early: whether the file has too few bytes.
    """

    def __init__(
        self, stream: BinaryIO, stretch: Stretch, places: Places, digests: Sequence[bytes]
    ) -> None:
        del digests
        self._stream, self._stretch = stream, stretch
        self._due = sorted(_places(places), key=sum)
        self.pieces: dict[Place, bytes] = {}
        self.kept = b""
        self.ended_early = False

    def proved(self) -> Iterator[bytes]:
        """What the proof is of."""
        stretch, kept = self._stretch, list[bytes]()
        before, done, next_due = b"", 0, 0
        while done < stretch.end:
            block = read_whole(self._stream, min(BLOCK_BYTES, stretch.end - done))
            yield _proved(block, done, stretch.start)
            held, start = before + block, done - len(before)
            done += len(block)
            while next_due < len(self._due) and sum(self._due[next_due]) <= done:
                at, size = self._due[next_due]
                self.pieces[self._due[next_due]] = held[at - start : at - start + size]
                next_due += 1
            if done > stretch.kept_from:
                kept.append(block[max(len(block) - (done - stretch.kept_from), 0) :])
            before = held[-LONGEST_PIECE:]
            if len(block) < BLOCK_BYTES and done < stretch.end:
                self.ended_early = True
                return
        self.kept = b"".join(kept)


class _Sought:
    """A file with digests of its blocks; attributes and method as of `_Streamed`."""

    def __init__(
        self, stream: BinaryIO, stretch: Stretch, places: Places, digests: Sequence[bytes]
    ) -> None:
        self._stream, self._stretch, self._places = stream, stretch, _places(places)
        self._digests = digests
        self.pieces: dict[Place, bytes] = {}
        self.kept = b""
        self.ended_early = False

    def proved(self) -> Iterator[bytes]:
        """What the proof is of."""
        stretch = self._stretch
        for number in range(-(-stretch.end // BLOCK_BYTES)):
            start = number * BLOCK_BYTES
            size = min(BLOCK_BYTES, stretch.end - start)
            if size == BLOCK_BYTES and start >= stretch.start and number < len(self._digests):
                yield self._digests[number]
            elif start + size > stretch.start:
                block = self._read(start, size)
                if len(block) < size:
                    self.ended_early = True
                    return
                yield _proved(block, start, stretch.start)
        self.pieces = {(at, size): self._read(at, size) for at, size in self._places}
        self.kept = self._read(stretch.kept_from, stretch.end - stretch.kept_from)
        self._stream.seek(stretch.end)

    def _read(self, start: int, size: int) -> bytes:
        self._stream.seek(start)
        return read_whole(self._stream, size)


def _proved(block: bytes, at: int, start: int) -> bytes:
    """What stands for a block: its digest where it is whole and of the stretch, else its bytes."""
    if at >= start and len(block) == BLOCK_BYTES:
        return hashlib.sha256(block).digest()
    return block[max(start - at, 0) :]


def _places(places: Places) -> set[Place]:
    return {one for one in chain.from_iterable(places) if not isinstance(one, str)}
