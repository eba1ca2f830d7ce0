"""The scanner finds a planted word in every place and form in which one could lie."""

import gzip
import io
import json
import zipfile
import zlib

import pytest
import sqlalchemy as sa

from resources.containment.marker_scan import scan_bytes, scan_database, scan_folder

MARKER = "Zoë Quillfeather"
RAW = MARKER.encode()


def _zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


FORMS = {
    "plain": RAW,
    "in other letters": MARKER.upper().encode().replace("Ë".encode(), "ë".encode()),
    "escaped": json.dumps({"text": f"said {MARKER} today"}).encode(),
    "in a URL": b"file:///Zo%C3%AB%20Quillfeather.txt",
    "wide": MARKER.encode("utf-16-le"),
    "deflated": zlib.compress(b"x" * 5000 + RAW),
    "deflated and escaped": zlib.compress(json.dumps([MARKER]).encode()),
    "gzipped": gzip.compress(RAW),
    "zipped": _zipped("chat.txt", RAW),
    "a zipped file's name": _zipped(f"{MARKER}.txt", b""),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_finds_every_form_in_a_file(tmp_path, content):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(content)
    assert scan_folder(tmp_path, [RAW, b"absent"]) == {("deep/file", RAW)}


def test_finds_a_file_name(tmp_path):
    (tmp_path / f"{MARKER}.txt").touch()
    assert scan_folder(tmp_path, [RAW]) == {(f"{MARKER}.txt", RAW)}


def test_finds_it_in_output():
    assert scan_bytes(b"Traceback: ZO\xc3\xab quillfeather", [RAW, b"absent"]) == {RAW}


def test_finds_nothing_where_nothing_is(tmp_path):
    (tmp_path / "file").write_bytes(b"Zoe Quillfeather" + zlib.compress(b"Quillfeather"))
    assert scan_folder(tmp_path, [RAW]) == set()


@pytest.fixture
def table(database_url):
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE planted (a text, b text, packed bytea, listed json, word text[])")
        )
    yield engine
    engine.dispose()


CELLS = {
    "text": ("a", {"a": f"said {MARKER} today"}),
    "escaped": ("b", {"b": json.dumps(MARKER)}),
    "JSON": ("listed", {"listed": json.dumps({"text": [MARKER]})}),
    "a list": ("word", {"word": [MARKER]}),
    "bytes": ("packed", {"packed": RAW}),
    "deflated": ("packed", {"packed": zlib.compress(RAW * 3)}),
    "over two columns": ("b", {"a": MARKER[:6], "b": MARKER[6:]}),
}


@pytest.mark.slow
@pytest.mark.parametrize(("column", "row"), CELLS.values(), ids=CELLS)
def test_finds_every_form_in_a_cell(table, column, row):
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    with table.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO planted ({columns}) VALUES ({values})"), row)
        assert scan_database(connection, [RAW]) == {(f"public.planted.{column}", RAW)}


@pytest.mark.slow
def test_finds_it_over_two_rows(table):
    with table.begin() as connection:
        for piece in (MARKER[:9], MARKER[9:]):
            connection.execute(sa.text("INSERT INTO planted (a) VALUES (:piece)"), {"piece": piece})
        assert scan_database(connection, [RAW]) == {("public.planted.a", RAW)}
