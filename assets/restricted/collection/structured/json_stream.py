"""A JSON document of any size within fixed memory: walked in Python, its long arrays decoded in C.

An array is cut between two elements wherever that seems to be, and each piece is decoded as an
array of its own. That is sound whatever the cut was: JSON is read from left to right, so that a
piece which decodes whole must have ended between two elements. One that does not is cut again, by
counting brackets.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn, TypeVar

import msgspec

from assets.core.errors import ExportError

# What is made of a block then stays near the processor.
READ_BYTES = 1 << 16
LONGEST_VALUE = 4 << 20
DEEPEST = 64

T = TypeVar("T")

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)', re.DOTALL)
_SCALAR = re.compile(rb"[-+0-9.eE]+|true|false|null")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[\[\]{}]', re.DOTALL)
# Between two elements, and the name that the second one begins with.
_BETWEEN = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*"[^"\\]{0,40}"[ \t\r\n]*:')
_LONGEST_BETWEEN = 4096
_GUESSES = 4
_HALF = rb"[dD][89abAB][0-9a-fA-F]{2}"
_OTHER_HALF = rb"[dD][c-fC-F][0-9a-fA-F]{2}"
_SURROGATES = re.compile(
    rb"\\u" + _HALF + rb"\\u" + _OTHER_HALF + rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.", re.DOTALL
)
_ALONE = 6
_BAD_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_LONGEST_ESCAPE = 4
_BOM = b"\xef\xbb\xbf"
_NESTING = (b"{", b"[")
_NAME = msgspec.json.Decoder(str)
_PLAIN: "msgspec.json.Decoder[str | int | None]" = msgspec.json.Decoder(str | int | None)
_RAW = msgspec.json.Decoder(list[msgspec.Raw])


def _mended(piece: bytes) -> bytes | None:
    r"""What is no JSON and is written all the same; None where there is nothing of it.

    Telegram Desktop writes control characters as `\xNN`; some write half a surrogate pair.
    """
    if b"\\x" in piece:
        piece = _BAD_ESCAPE.sub(lambda one: b"\\u00" + one[1] if one[1] else one[0], piece)
    elif b"\\u" not in piece:
        return None
    return _SURROGATES.sub(lambda one: b"\\ufffd" if len(one[0]) == _ALONE else one[0], piece)


class JsonStream:
    """Walks one document from its beginning to its end, once.

    Args:
        stream: binary, at its first byte.

    Attributes:
        first_at: where the first element of the array that `elements` walks may stand, in bytes.

    Every method raises `ExportError`: `EXPORT_JSON_DAMAGED` for what is no JSON,
    `EXPORT_STRUCTURE_UNKNOWN` for JSON of another structure, `EXPORT_ENTRY_TOO_LONG`,
    `EXPORT_BINARY`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.first_at = 0
        self._stream = stream
        self._buffer = b""
        self._at = 0
        self._passed = 0
        self._ended = False
        self._begun = False
        self._due = False
        self._depth = 0

    @property
    def place(self) -> int:
        """Bytes of the document up to here."""
        return self._passed + self._at

    def members(self) -> Iterator[str]:
        """The names in the object that comes next.

        Each value is then taken by one of the other methods; one that is not is skipped.
        """
        self._open(b"{")
        if self._closes(b"}"):
            return
        while True:
            name = self._string()
            self._take(b":")
            self._due = True
            yield name
            if self._due:
                self.skip()
            if self._closes(b"}"):
                return
            self._take(b",")
            self._expect(b'"')

    def items(self) -> Iterator[int]:
        """The places in the array that comes next; values are taken as those of `members`."""
        self._open(b"[")
        if self._closes(b"]"):
            return
        place = 0
        while True:
            self._due = True
            yield place
            if self._due:
                self.skip()
            if self._closes(b"]"):
                return
            self._take(b",")
            place += 1

    def text(self) -> str:
        """The text that comes next, empty for null; a whole number as its digits."""
        found = self.value(_PLAIN)
        return "" if found is None else str(found)

    def value(self, decoder: "msgspec.json.Decoder[T]") -> T:
        """The value that comes next, which must be small."""
        self._due = False
        end = self._end_of_value(self._next())
        piece = self._buffer[self._at : end]
        self._at = end
        return _decoded(decoder, piece)

    def begins(self) -> bytes:
        """The first byte of the value that comes next, taking nothing."""
        at = self._next()
        return self._buffer[at : at + 1]

    def skip(self) -> None:
        """Pass over the value that comes next, making nothing of it."""
        self._due = False
        first = self.begins()
        if first == b"{":
            for _ in self.members():
                self.skip()
        elif first == b"[":
            for _ in self.elements(_RAW):
                pass
        else:
            self._at = self._end_of_value(self._next())

    def elements(self, decoder: "msgspec.json.Decoder[list[T]]") -> Iterator[list[T]]:
        """The elements of the array that comes next, some at a time."""
        self._due = False
        self._open(b"[")
        self.first_at = self.place
        if self._closes(b"]"):
            return
        between: bytes | None = None
        begun = False
        while True:
            self._fill(READ_BYTES)
            found = None if between is None else self._cut_at(between, decoder)
            if found is None:
                self._next()
                end = self._end_of_elements(one_only=not begun)
                piece = self._buffer[self._at : end]
                found = _decoded(decoder, b"[" + piece + b"]")
                self._at += len(piece)
                if not begun:
                    begun = True
                    self._fill(_LONGEST_BETWEEN)
                    seen = _BETWEEN.match(self._buffer, self._at)
                    between = b"}" + seen[0] if seen and piece.endswith(b"}") else None
            yield found
            if self._closes(b"]"):
                return
            self._take(b",")

    def _cut_at(self, between: bytes, decoder: "msgspec.json.Decoder[list[T]]") -> list[T] | None:
        """Elements up to one of the last places that look like one between two; else None."""
        cut = len(self._buffer)
        for _ in range(_GUESSES):
            cut = self._buffer.rfind(between, self._at, cut)
            if cut < 0:
                return None
            found = _tried(decoder, b"[" + self._buffer[self._at : cut + 1] + b"]")
            if found is not None:
                self._at = cut + 1
                return found[0]
        return None

    def end(self) -> None:
        """Make sure that nothing comes after the document."""
        at = self._next(may_end=True)
        if at < len(self._buffer):
            _refuse("EXPORT_JSON_DAMAGED")

    # What follows works on the buffer, which begins anew whenever more is read.

    def _end_of_elements(self, *, one_only: bool) -> int:
        """Where the last whole element in the buffer ends, or the first, by counting brackets."""
        at, end, depth = self._next(), -1, 0
        if self._buffer[at : at + 1] not in _NESTING:
            return self._end_of_value(at)
        while True:
            token = _TOKEN.search(self._buffer, at)
            if token is None or (token[0][:1] == b'"' and not token[1]):
                if end >= 0:
                    return end
                at = self._grow(len(self._buffer) if token is None else token.start())
                continue
            mark, at = token[0][:1], token.end()
            if mark in b"[{":
                depth += 1
                continue
            if mark in b"]}":
                depth -= 1
            if depth < 0:
                # The end of the array itself; before it is a plain value where nothing was seen.
                return end if end >= 0 else token.start()
            if depth == 0:
                end = at
                if one_only:
                    return end

    def _end_of_value(self, start: int) -> int:
        first = self._buffer[start : start + 1]
        if first in _NESTING:
            self._at = start
            return self._end_of_elements(one_only=True)
        while True:
            self._at = start
            found = (_STRING if first == b'"' else _SCALAR).match(self._buffer, start)
            whole = found is not None and (
                bool(found[1]) if first == b'"' else found.end() < len(self._buffer) or self._ended
            )
            if whole and found is not None:
                return found.end()
            if self._ended or (found is None and len(self._buffer) - start > _LONGEST_ESCAPE):
                _refuse("EXPORT_JSON_DAMAGED")
            start = self._grow(start)

    def _string(self) -> str:
        self._expect(b'"')
        return self.value(_NAME)

    def _open(self, bracket: bytes) -> None:
        self._due = False
        if self._depth >= DEEPEST:
            _refuse("EXPORT_STRUCTURE_UNKNOWN")
        at = self._next()
        found = self._buffer[at : at + 1]
        if found != bracket:
            _refuse(
                "EXPORT_STRUCTURE_UNKNOWN"
                if found in b'{["-0123456789tfn'
                else "EXPORT_JSON_DAMAGED"
            )
        self._at = at + 1
        self._depth += 1

    def _closes(self, bracket: bytes) -> bool:
        at = self._next()
        if self._buffer[at : at + 1] != bracket:
            return False
        self._at = at + 1
        self._depth -= 1
        return True

    def _expect(self, mark: bytes) -> None:
        if self.begins() != mark:
            _refuse("EXPORT_JSON_DAMAGED")

    def _take(self, mark: bytes) -> None:
        self._expect(mark)
        self._at += 1

    def _next(self, *, may_end: bool = False) -> int:
        """Place of the next byte that is no space."""
        if not self._begun:
            self._begun = True
            self._fill(len(_BOM))
            if self._buffer.startswith(_BOM):
                self._at = len(_BOM)
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return self._at
            if self._ended:
                if may_end:
                    return self._at
                _refuse("EXPORT_JSON_DAMAGED")
            self._read()

    def _fill(self, size: int) -> None:
        while not self._ended and len(self._buffer) - self._at < size:
            self._read()

    def _grow(self, at: int) -> int:
        """Read on with all from the present place kept; where `at` is then."""
        if self._ended:
            _refuse("EXPORT_JSON_DAMAGED")
        if len(self._buffer) - self._at > LONGEST_VALUE:
            _refuse("EXPORT_ENTRY_TOO_LONG")
        ahead = at - self._at
        self._read()
        return self._at + ahead

    def _read(self) -> None:
        block = self._stream.read(READ_BYTES)
        self._ended = not block
        if b"\0" in block:
            _refuse("EXPORT_BINARY")
        self._buffer = self._buffer[self._at :] + block
        self._passed += self._at
        self._at = 0


def _decoded(decoder: "msgspec.json.Decoder[T]", piece: bytes) -> T:
    found = _tried(decoder, piece)
    if found is None:
        _refuse("EXPORT_JSON_DAMAGED")
    return found[0]


def _tried(decoder: "msgspec.json.Decoder[T]", piece: bytes) -> tuple[T] | None:
    """What a piece says, mended where it must be; None where it is no JSON."""
    attempt: bytes | None = piece
    while attempt is not None:
        try:
            return (decoder.decode(attempt),)
        except msgspec.ValidationError:
            # It reads from left to right, so that up to here it was JSON.
            is_json = True
        except (msgspec.DecodeError, RecursionError):
            is_json = False
        if is_json:
            _refuse("EXPORT_STRUCTURE_UNKNOWN")
        attempt = _mended(piece) if attempt is piece else None
    return None


def _refuse(code: str) -> NoReturn:
    raise ExportError(code)
