"""JSON of any shape is walked as `json` reads it, in pieces of any size, or refused with a code."""

import io
import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.core.errors import ExportError
from assets.restricted.collection.structured import json_stream
from assets.restricted.collection.structured.json_stream import LONGEST_VALUE, JsonStream

ANY = msgspec.json.Decoder(list)
_texts = st.sampled_from(["", "x", 'a"},{"k":b', "}\n,{", "\\", "é\n", "😀", "],["]) | st.text(
    max_size=5
)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9) | _texts,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["id", "k", "a b", "é"]), inner, max_size=4)
        | st.lists(st.dictionaries(st.just("id"), inner, min_size=1), max_size=6)
    ),
    max_leaves=30,
)


class Trickling(io.BytesIO):
    """Gives a few bytes at a time."""

    def __init__(self, data: bytes, seed: int) -> None:
        super().__init__(data)
        self._chance = random.Random(seed)

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._chance.randint(1, 9))


def mended(value: Any) -> Any:
    """The value with U+FFFD for each half of a surrogate pair, which no text holds."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [mended(one) for one in value]
    if isinstance(value, dict):
        return {mended(name): mended(one) for name, one in value.items()}
    return value


def walked(stream: JsonStream, chance: random.Random) -> Any:
    """The value that comes next, by methods chosen at random."""
    first = stream.begins()
    if first == b"{":
        return {name: walked(stream, chance) for name in stream.members()}
    if first == b"[" and chance.random() < 0.5:
        return [walked(stream, chance) for _ in stream.items()]
    if first == b"[":
        return [one for some in stream.elements(ANY) for one in some]
    return stream.value(msgspec.json.Decoder())


@given(_values, st.sampled_from([None, 1, 2]), st.booleans(), st.integers(0, 99))
@settings(max_examples=300)
def test_reads_what_json_reads(value: Any, indent: int | None, escaped: bool, seed: int) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    whole = json.loads(data)
    for opened in (io.BytesIO(data), Trickling(data, seed), io.BytesIO(b"\xef\xbb\xbf" + data)):
        stream = JsonStream(opened)
        assert walked(stream, random.Random(seed)) == whole
        stream.end()
    stream = JsonStream(Trickling(data, seed))
    stream.skip()
    stream.end()


@given(_values, st.binary(max_size=3), st.integers(0, 10_000), st.integers(0, 99))
@example({"id": "\U00010000"}, b" ", 16, 0).via("half a pair, seen in CI")
@settings(max_examples=300)
def test_damage_is_refused_or_is_json(value: Any, patch: bytes, place: int, seed: int) -> None:
    data = bytearray(json.dumps(value, indent=1).encode())
    place %= len(data)
    data[place : place + len(patch)] = patch
    try:
        stream = JsonStream(io.BytesIO(data))
        found = walked(stream, random.Random(seed))
        stream.end()
    except ExportError:
        return
    try:
        whole = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        # Half surrogates and control characters written as \xNN are mended, nothing else.
        assert b"\\" in data
    else:
        assert found == mended(whole)


def test_elements_are_cut_where_none_is_split() -> None:
    """Many blocks of elements in which every cut by looks would be wrong."""
    held = {"id": 1, "with": [{"id": 2}, {"id": 3, "t": '},{"id":'}], "text": "x" * 300}
    many = json_stream.READ_BYTES // 300 * 4
    for separators in ((",", ":"), (", ", ": ")):
        data = json.dumps({"m": [held] * many, "z": 1}, separators=separators).encode()
        stream = JsonStream(io.BytesIO(data))
        counted = 0
        for name in stream.members():
            if name == "m":
                for some in stream.elements(ANY):
                    assert all(one == held for one in some)
                    counted += len(some)
            else:
                assert stream.text() == "1"
        assert counted == many


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"a\x0Bb"', "a\x0bb"),
        (r'"a\\x41b"', r"a\x41b"),
        (r'"\\\x1f"', "\\\x1f"),
        (r'"\ud83d!"', "\ufffd!"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\\ud83d"', r"\ud83d"),
    ],
)
def test_what_is_no_json_and_is_written_all_the_same(written: str, text: str) -> None:
    assert JsonStream(io.BytesIO(written.encode())).text() == text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * 100_000, "EXPORT_JSON_DAMAGED"),
        (b'{"a":' * 100_000, "EXPORT_STRUCTURE_UNKNOWN"),
        (b'["' + b"x" * (2 * LONGEST_VALUE), "EXPORT_ENTRY_TOO_LONG"),
        (b'[{"a": 1}, {"a": ' + b"[" * 100_000, "EXPORT_JSON_DAMAGED"),
        (b'[{"a": "\0"}]', "EXPORT_BINARY"),
        (b'[{"a": "\xff"}]', "EXPORT_JSON_DAMAGED"),
        (b'[{"a": 1} {"a": 2}]', "EXPORT_JSON_DAMAGED"),
        (b'[{"a": 1}', "EXPORT_JSON_DAMAGED"),
        (b"", "EXPORT_JSON_DAMAGED"),
    ],
    ids=range(9),
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ExportError) as caught:
        walked(JsonStream(io.BytesIO(data)), random.Random(1))
    assert caught.value.code == code
