"""Nothing but a typed code comes out of what is no export, and only numbers of what is."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.core.errors import CATALOGUE, ExportError
from assets.restricted.collection import read_export
from assets.restricted.collection.container import RATIO_MATTERS_BYTES

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))
CHAT = b"15/03/2024, 14:05 - Ola: hi\n16/03/2024, 14:05 - Ben: there\n"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return held.getvalue()


def code_of(data: bytes) -> str:
    with pytest.raises(ExportError) as caught:
        read_export(io.BytesIO(data), now=NOW)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EXPORT_EMPTY"),
        (b" \r\n\n", "EXPORT_EMPTY"),
        (b"\xef\xbb\xbf", "EXPORT_EMPTY"),
        (b"just some words\nand more\n", "EXPORT_NO_HEADERS"),
        (b'{"messages": []}', "EXPORT_UNKNOWN_FORMAT"),
        (b"<html></html>", "EXPORT_UNKNOWN_FORMAT"),
        (b'{"name": "N", "type": "private_group", "messages": []}', "EXPORT_EMPTY"),
        (b"[LINE] Chat history with N\n", "EXPORT_OF_ANOTHER_PLATFORM"),
        (b"AuthorID,Author,Date,Content\n", "EXPORT_OF_ANOTHER_PLATFORM"),
        (b"%PDF-1.7\n", "EXPORT_BINARY"),
        (CHAT + b"\0\1", "EXPORT_BINARY"),
        (b"\x89PNG\r\n\x1a\n\0\0", "EXPORT_BINARY"),
        (b"\0" * 50, "EXPORT_BINARY"),
        (CHAT.decode().encode("utf-16"), "EXPORT_NOT_UTF8"),
        (CHAT + b"caf\xe9\n", "EXPORT_NOT_UTF8"),
        (CHAT + "é".encode()[:1], "EXPORT_NOT_UTF8"),
        (CHAT + b"x" * (2 << 20), "EXPORT_LINE_TOO_LONG"),
        (CHAT + b"word word\n" * (1 << 19), "EXPORT_ENTRY_TOO_LONG"),
        (b"15/03/1204, 14:05 - Ola: hi\n", "EXPORT_NO_HEADERS"),
        (zipped(("_chat.txt", CHAT))[:-30], "EXPORT_ZIP_DAMAGED"),
        (zipped(("_chat.txt", CHAT))[:40], "EXPORT_ZIP_DAMAGED"),
        (zipped(("photo.jpg", b"x")), "EXPORT_ZIP_NO_CHAT"),
        (zipped(), "EXPORT_ZIP_NO_CHAT"),
        (zipped(("_chat.txt", b"")), "EXPORT_EMPTY"),
        (zipped(("a.txt", CHAT), ("b.txt", CHAT)), "EXPORT_ZIP_SEVERAL_CHATS"),
        (zipped(("a/_chat.txt", CHAT), ("b/_chat.txt", CHAT)), "EXPORT_ZIP_SEVERAL_CHATS"),
        (zipped(("_chat.txt", CHAT), method=zipfile.ZIP_BZIP2), "EXPORT_ZIP_UNSUPPORTED"),
        (zipped(("_chat.txt", b"x" * (RATIO_MATTERS_BYTES + 1))), "EXPORT_ZIP_TOO_LARGE"),
    ],
)  # fmt: skip
def test_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_chat_that_quotes_another_platform_is_a_chat() -> None:
    quoted = CHAT + b'{"name": "N", "type": "private_group", "messages": []}\n'
    assert read_export(io.BytesIO(quoted), now=NOW).report.entries == 2


def test_password() -> None:
    data = bytearray(zipped(("_chat.txt", CHAT)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert code_of(bytes(data)) == "EXPORT_ZIP_ENCRYPTED"


def test_damaged_member() -> None:
    data = bytearray(zipped(("_chat.txt", CHAT * 50), method=zipfile.ZIP_STORED))
    data[60] ^= 1
    assert code_of(bytes(data)) == "EXPORT_ZIP_DAMAGED"


@pytest.mark.parametrize(
    "members",
    [
        [("_chat.txt", CHAT)],
        [("__MACOSX/._chat.txt", b"\0\5"), ("_chat.txt", CHAT)],
        [("Night team/_chat.txt", CHAT), ("Night team/photo.jpg", b"\0")],
        [("../../etc/_chat.txt", CHAT)],
        [("WhatsApp Chat with Night team.txt", CHAT), ("recipe.txt", b"flour, eggs\n")],
        [("_chat.txt", CHAT), ("15/03/2024, 14:05 - x.txt", CHAT)],
    ],
)
def test_zip_gives_its_one_chat(members: list[tuple[str, bytes]], tmp_path: Path) -> None:
    data = zipped(*members)
    path = tmp_path / "any name.bin"
    path.write_bytes(data)
    for source in (io.BytesIO(data), path, str(path)):
        export = read_export(source, now=NOW)
        assert export.report.entries == len(list(export.messages)) == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["any name.bin"]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        read_export(tmp_path / "Night team.txt", now=NOW)
    assert str(caught.value) == "EXPORT_UNREADABLE"


def test_two_iterations_side_by_side() -> None:
    export = read_export(io.BytesIO(CHAT), now=NOW)
    pairs = list(zip(export.messages, export.messages, strict=True))
    assert [one.text for one, _ in pairs] == [other.text for _, other in pairs] == ["hi", "there"]


@pytest.mark.parametrize("filler", [b"\xe2\x80\x8e", b" ", b"[", b"1/", b"@", b": ", b"\n", b"\r"])
def test_no_line_takes_long(filler: bytes) -> None:
    lead = b"[15/03/2024, 14:05:09] Ola: \xe2\x80\x8e"
    data = lead + filler * (300_000 // len(filler)) + b"x>\n" + CHAT
    assert read_export(io.BytesIO(data), now=NOW).report.entries >= 1


_pieces = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from(
            [
                b"15/03/2024, 14:05 - Ola: ",
                b"[15/03/2024, 14:05:09] Ola: ",
                b"99/99/9999, 99:99 - ",
                b"31/02/2024, 25:61 - x: ",
                b"\n", b"\r\n", b"\r", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xe2\x80\x8e", b":", b": ",
            ]
        ),
    ),
    max_size=25,
)  # fmt: skip


def outcome(data: bytes) -> str:
    """The code of the error, or `""` after reading all messages and finding the report true."""
    try:
        export = read_export(io.BytesIO(data), now=NOW)
    except ExportError as error:
        return error.code
    assert len(list(export.messages)) == export.report.with_sender <= export.report.entries
    return ""


@given(_pieces)
@settings(max_examples=400)
def test_any_bytes(pieces: list[bytes]) -> None:
    assert outcome(b"".join(pieces)) in CATALOGUE.keys() | {""}


@given(st.binary(min_size=1, max_size=40), st.integers(0, 10_000))
@example(b"\0" * 10, 221)
@settings(max_examples=200)
def test_any_damage_to_a_zip(patch: bytes, place: int) -> None:
    data = bytearray(zipped(("_chat.txt", CHAT), ("photo.jpg", b"\0" * 99)))
    place %= len(data)
    data[place : place + len(patch)] = patch
    assert outcome(bytes(data)) in CATALOGUE.keys() | {""}
