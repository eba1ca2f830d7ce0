# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""A large export sealed in blocks, so that a reader unseals those alone that it reads.

A file is `BEGINS`, blocks that age sealed each by itself, what the blocks are (sealed too), and the
length of that. A block is known by its digest, so that none can be changed, left out, moved, or put
in from another file.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from typing import BinaryIO

import msgspec
import pyrage

from assets.core.errors import ExportError, StorageError, refuse_as

BEGINS = b"tideline blocks 1\n"
BLOCK_BYTES = 1 << 18
"""Of what is sealed; the last block has fewer."""
FEWEST_BLOCKS = 4
"""What is shorter is sealed whole."""
_LENGTH_BYTES = 8


class _Index(msgspec.Struct, array_like=True):
    """What the blocks are.

    Attributes:
        length: bytes that are sealed in them.
        sizes: sealed bytes of each.
        digests: SHA-256 of what is sealed in each.
        note: sealed with them.
    """

    length: int
    sizes: list[int]
    digests: list[bytes]
    note: bytes


_INDEX = msgspec.msgpack.Decoder(_Index)


def sealed_in_blocks(first: bytes, rest: BinaryIO, recipient: object, note: bytes) -> bytes:
    """Seal what a stream gives.

    Args:
        first: what was read of it already, whole blocks.
        rest: the stream, after that.
        recipient: pyrage's, of the inbox.
        note: to be sealed with it.
    """
    sealed, index = io.BytesIO(), _Index(0, [], [], note)
    sealed.write(BEGINS)
    held = io.BytesIO(first)
    while block := held.read(BLOCK_BYTES) or read_whole(rest, BLOCK_BYTES):
        index.length += len(block)
        index.sizes.append(sealed.write(pyrage.encrypt(block, [recipient])))
        index.digests.append(hashlib.sha256(block).digest())
    size = sealed.write(pyrage.encrypt(msgspec.msgpack.encode(index), [recipient]))
    sealed.write(size.to_bytes(_LENGTH_BYTES, "big"))
    return sealed.getvalue()


class UnsealedBlocks(io.RawIOBase):
    """What is sealed in blocks, each unsealed once it is read, and then kept in memory.

    Attributes:
        note: that was sealed with it; empty where none was.
        block_digests: SHA-256 of each `BLOCK_BYTES` of it.

    Args:
        piece: gives so many bytes of the file from a place on; raises `OSError` or `StorageError`
            where it is gone.
        size: bytes of the file.
        unsealed: gives what age sealed; raises `DecryptError` or `OSError`.

    Every method that reads raises `ExportError`: `EXPORT_SEAL_BROKEN` where the file was cut off or
    changed, or sealed to another home, `EXPORT_GONE` where it is no more.
    """

    def __init__(
        self,
        piece: Callable[[int, int], bytes],
        size: int,
        unsealed: Callable[[bytes], bytes],
    ) -> None:
        super().__init__()
        self._sealed_piece, self._unsealed = piece, unsealed
        self._at = 0
        ends = size - _LENGTH_BYTES
        length = int.from_bytes(self._piece(ends, _LENGTH_BYTES), "big")
        with refuse_as(ExportError("EXPORT_SEAL_BROKEN"), msgspec.DecodeError, ValueError):
            index = _INDEX.decode(self._opened(ends - length, length))
        starts = [len(BEGINS)]
        for one in index.sizes:
            starts.append(starts[-1] + one)
        if starts[-1] != ends - length or len(index.sizes) != len(index.digests):
            raise ExportError("EXPORT_SEAL_BROKEN")
        self.note = index.note
        self.block_digests: Sequence[bytes] = index.digests
        self._length = index.length
        self._starts = starts
        self._blocks: list[bytes | None] = [None] * len(index.sizes)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The byte that is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any stream."""
        begins = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(begins + offset, 0)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """As of any stream; short only at its end."""
        left = max(self._length - self._at, 0)
        left = left if size is None or size < 0 else min(size, left)
        pieces: list[bytes] = []
        while left:
            number, place = divmod(self._at, BLOCK_BYTES)
            piece = self._block(number)[place : place + left]
            if not piece:
                raise ExportError("EXPORT_SEAL_BROKEN")
            pieces.append(piece)
            self._at += len(piece)
            left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _block(self, number: int) -> bytes:
        if number >= len(self._blocks):
            raise ExportError("EXPORT_SEAL_BROKEN")
        block = self._blocks[number]
        if block is None:
            start, end = self._starts[number : number + 2]
            block = self._opened(start, end - start)
            if hashlib.sha256(block).digest() != self.block_digests[number]:
                raise ExportError("EXPORT_SEAL_BROKEN")
            self._blocks[number] = block
        return block

    def _opened(self, start: int, size: int) -> bytes:
        piece = self._piece(start, size)
        with refuse_as(ExportError("EXPORT_SEAL_BROKEN"), pyrage.DecryptError, OSError):
            return self._unsealed(piece)

    def _piece(self, start: int, size: int) -> bytes:
        if start < len(BEGINS) or size < 0:
            raise ExportError("EXPORT_SEAL_BROKEN")
        with refuse_as(ExportError("EXPORT_GONE"), OSError, StorageError):
            return self._sealed_piece(start, size)


def read_whole(stream: BinaryIO, size: int) -> bytes:
    """So many bytes of a stream, fewer only where it ends."""
    pieces: list[bytes] = []
    while size and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
