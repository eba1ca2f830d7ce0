"""Where an export's bytes lie: a file, a stream in memory, or one member of a zip."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from assets.core.errors import ExportError, refuse_as
from assets.restricted.collection.contract import HEAD_BYTES, ChatFile, Source

MOST_MEMBERS = 50_000
# Files of a zip whose first bytes are looked at, to find out whose export it is.
MOST_LOOKED_AT = 200
LARGEST_CHAT_BYTES = 2 << 30
# Chat text deflates about 4 to 40 times, and deflate ends near 1,030.
STEEPEST_RATIO = 200
# Below this a steep ratio can't hurt, and tiny repetitive chats reach it honestly.
RATIO_MATTERS_BYTES = 16 << 20

_ENCRYPTED = 0x1
_READABLE_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZIP_OPENINGS = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    IndexError,
    OverflowError,
)


class _Guarded(io.RawIOBase):
    """A stream whose faults come out as one typed code, and that keeps its own place."""

    def __init__(self, stream: BinaryIO, code: str, *, shared: bool = False) -> None:
        super().__init__()
        self._stream = stream
        self._code = code
        self._shared = shared
        self._place = 0

    @property
    def block_digests(self) -> Sequence[bytes] | None:
        """SHA-256 of each block of the stream, where it was sealed with them."""
        return getattr(self._stream, "block_digests", None) if self._shared else None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._shared

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if not self._shared or whence != io.SEEK_SET:
            raise io.UnsupportedOperation
        self._place = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        with refuse_as(ExportError(self._code), *_ZIP_FAULTS):
            if self._shared:
                self._stream.seek(self._place)
            data = self._stream.read(size)
            self._place += len(data)
            return data

    def close(self) -> None:
        # A shared stream is the caller's, who opened it.
        if not self._shared and not self.closed:
            self._stream.close()
        super().close()


class _Whole:
    """A file or stream that is itself the chat."""

    packed = markdown_twin = False

    def __init__(self, source: Path | BinaryIO) -> None:
        self._source = source

    def open(self) -> BinaryIO:
        source = self._source
        if isinstance(source, Path):
            return _guard(lambda: source.open("rb"), "EXPORT_UNREADABLE")
        return _as_binary(_Guarded(source, "EXPORT_UNREADABLE", shared=True))

    def head(self) -> bytes:
        return _head(self.open)

    def size(self) -> int:
        source = self._source
        with refuse_as(ExportError("EXPORT_UNREADABLE"), *_ZIP_FAULTS):
            return (
                source.stat().st_size if isinstance(source, Path) else source.seek(0, io.SEEK_END)
            )

    @property
    def files(self) -> Sequence[ChatFile]:
        return (ChatFile((), self.open),)


class _Member:
    """The member of a zip that is the chat."""

    packed = True

    def __init__(
        self, source: Path | BinaryIO, member: zipfile.ZipInfo, *, markdown_twin: bool = False
    ) -> None:
        self.markdown_twin = markdown_twin
        self._source = source
        self._member = member

    def open(self) -> BinaryIO:
        return _guard(lambda: _archive(self._source).open(self._member), "EXPORT_ZIP_DAMAGED")

    def head(self) -> bytes:
        return _head(self.open)

    def size(self) -> int:
        return self._member.file_size

    @property
    def files(self) -> Sequence[ChatFile]:
        return (ChatFile((), self.open),)


class _Files:
    """The structured files of a zip, one chat's or many."""

    packed, markdown_twin = True, False

    def __init__(self, place: Path | BinaryIO, members: Sequence[zipfile.ZipInfo]) -> None:
        # Kept, for a zip of thousands of days would be read anew for each.
        self._archive = _archive(place)
        self.files = tuple(
            ChatFile(PurePosixPath(one.filename).parts, partial(self._open, one))
            for one in sorted(members, key=lambda one: one.filename)
        )
        self._first = self.files[0]

    def begin_with(self, wanted: Callable[[bytes], bool]) -> bool:
        """Look for a file that is a chat's, whose first bytes then tell the reader."""
        for one in self.files[:MOST_LOOKED_AT]:
            if wanted(_head(one.open)):
                self._first = one
                return True
        return False

    @property
    def open(self) -> Callable[[], BinaryIO]:
        return self._first.open

    def head(self) -> bytes:
        return _head(self._first.open)

    def size(self) -> None:
        return None

    def _open(self, member: zipfile.ZipInfo) -> BinaryIO:
        return _guard(lambda: self._archive.open(member), "EXPORT_ZIP_DAMAGED")


def open_source(source: str | Path | BinaryIO, wanted: Callable[[bytes], bool]) -> Source:
    """Find the chat's bytes in a file or stream.

    Args:
        source: a path or a seekable binary stream.
        wanted: says from a member's first bytes whether it is a chat; asked only where a zip holds
            several text files.

    Raises:
        ExportError: `EXPORT_UNREADABLE`, `EXPORT_EMPTY`, or an `EXPORT_ZIP_…` code.
    """
    place = Path(source) if isinstance(source, str) else source
    whole = _Whole(place)
    head = whole.head()
    if not head:
        raise ExportError("EXPORT_EMPTY")
    if not head.startswith(_ZIP_OPENINGS):
        return whole
    return _chat_member(place, wanted)


def _chat_member(place: Path | BinaryIO, wanted: Callable[[bytes], bool]) -> Source:
    with refuse_as(ExportError("EXPORT_ZIP_DAMAGED"), *_ZIP_FAULTS), _archive(place) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ExportError("EXPORT_ZIP_TOO_LARGE")
    texts = [member for member in members if _is_of_kind(member, (".txt",))]
    every_name = {member.filename for member in members}
    twins = [member for member in texts if _has_markdown_twin(member, every_name)]
    named = [member for member in texts if _base(member) == "_chat.txt"] + twins
    chosen = named or texts
    structured = None if named else _structured(place, members, wanted)
    if structured is not None:
        for member in texts:
            _check(member)
        if any(wanted(_Member(place, member).head()) for member in texts):
            raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
        return structured
    if not chosen:
        raise ExportError("EXPORT_ZIP_NO_CHAT")
    for member in chosen:
        _check(member)
    if len(chosen) > 1:
        # Shared documents may be text files too; only their first bytes can tell.
        chosen = [member for member in chosen if wanted(_Member(place, member).head())]
    if not chosen:
        raise ExportError("EXPORT_ZIP_NO_CHAT")
    if len(chosen) > 1:
        raise ExportError("EXPORT_ZIP_SEVERAL_CHATS")
    found = _Member(place, chosen[0], markdown_twin=chosen[0] in twins)
    if not found.head():
        raise ExportError("EXPORT_EMPTY")
    return found


def _structured(
    place: Path | BinaryIO, members: Sequence[zipfile.ZipInfo], wanted: Callable[[bytes], bool]
) -> _Files | None:
    """The structured files, if one of them is a chat's."""
    own = [one for one in members if _is_of_kind(one, (".json", ".jsonl"))]
    for one in own:
        _check(one)
    if sum(one.file_size for one in own) > LARGEST_CHAT_BYTES:
        raise ExportError("EXPORT_ZIP_TOO_LARGE")
    if not own:
        return None
    found = _Files(place, own)
    return found if found.begin_with(wanted) else None


def _check(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise ExportError("EXPORT_ZIP_ENCRYPTED")
    if member.compress_type not in _READABLE_METHODS:
        # bzip2 and LZMA can't be bounded while they unpack.
        raise ExportError("EXPORT_ZIP_UNSUPPORTED")
    # zipfile never gives more than the declared size, so a lying header can't pass this.
    steep = member.file_size > STEEPEST_RATIO * max(member.compress_size, 1)
    if member.file_size > LARGEST_CHAT_BYTES or (steep and member.file_size > RATIO_MATTERS_BYTES):
        raise ExportError("EXPORT_ZIP_TOO_LARGE")


def _is_of_kind(member: zipfile.ZipInfo, suffixes: Collection[str]) -> bool:
    path = PurePosixPath(member.filename)
    return (
        # One without a name can't be asked whether it is a folder.
        member.filename != ""
        and not member.is_dir()
        and "__MACOSX" not in path.parts
        and not path.name.startswith(".")
        and path.suffix.lower() in suffixes
    )


def _has_markdown_twin(member: zipfile.ZipInfo, every_name: Collection[str]) -> bool:
    path = PurePosixPath(member.filename)
    return path.name == "chat.txt" and str(path.with_name("chat.md")) in every_name


def _base(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).name


def _archive(place: Path | BinaryIO) -> zipfile.ZipFile:
    if isinstance(place, Path):
        return zipfile.ZipFile(place)
    place.seek(0)
    return zipfile.ZipFile(place)


def _guard(opened: Callable[[], object], code: str) -> BinaryIO:
    with refuse_as(ExportError(code), *_ZIP_FAULTS):
        stream = opened()
    return _as_binary(_Guarded(stream, code))  # pyright: ignore[reportArgumentType]


def _as_binary(stream: io.RawIOBase) -> BinaryIO:
    return stream  # pyright: ignore[reportReturnType]


def _head(opened: Callable[[], BinaryIO]) -> bytes:
    head = b""
    with opened() as stream:
        # A stream may give less than asked before its end.
        while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
            head += more
    return head
