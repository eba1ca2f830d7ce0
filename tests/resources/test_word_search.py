"""Many words at once: found wherever `marker_scan` finds them, and nowhere else."""

import gzip
import json
import zlib

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from resources.containment.marker_scan import scan_bytes
from resources.containment.word_search import FEWEST_LETTERS, WordSearch
from resources.maintenance.database_setup import as_owner

WORD, PHRASE, NAME = "quillfeather", "the kettle was cold again", "zoë-marieke"
SEARCH = WordSearch([WORD, PHRASE, NAME, "absentword"])

FORMS = {
    "plain": f"x {WORD} y".encode(),
    "in other letters": WORD.upper().encode(),
    "within a longer one": f"un{WORD}ed".encode(),
    "escaped": json.dumps({"text": f"said {WORD} today"}).encode(),
    "wide": WORD.encode("utf-16-le"),
    "wide, the other way": f"a {WORD}".encode("utf-16-be"),
    "deflated": zlib.compress(b"x" * 5000 + WORD.encode()),
    "gzipped": gzip.compress(WORD.encode()),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_a_word_is_found_in_every_form(tmp_path, content):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(content)
    assert dict(SEARCH.in_folder(tmp_path)) == {"deep/file": {WORD}}


def test_phrases_accents_and_file_names_are_found(tmp_path):
    (tmp_path / "a").write_text(f"... {PHRASE.upper()} ...", "utf-8")
    (tmp_path / "b").write_text(json.dumps([NAME]), "utf-8")
    (tmp_path / f"{WORD}.txt").touch()
    found = dict(SEARCH.in_folder(tmp_path))
    assert found == {"a": {PHRASE}, "b": {NAME}, f"{WORD}.txt": {WORD}}


def test_a_table_is_searched_by_cells_and_across_them(session):
    half = len(WORD) // 2
    with as_owner(session.url) as connection:
        assert dict(SEARCH.in_database(connection)) == {}
        for statement in (
            "CREATE TABLE release.packed (a bytea)",
            "CREATE TABLE release.beside (a text, b text)",
            "CREATE TABLE release.below (a text)",
            "CREATE TABLE release.none (a text)",
        ):
            connection.execute(sa.text(statement))
        packed = zlib.compress(f"{NAME} {WORD}".encode())
        for table, cells in {
            "packed": [[packed]],
            "beside": [[WORD[:half], WORD[half:]]],
            "below": [[WORD[:half]], [WORD[half:]]],
            "none": [["quill"], ["weather"]],
        }.items():
            for row in cells:
                names = [f"v{place}" for place in range(len(row))]
                values = ", ".join(f":{name}" for name in names)
                connection.execute(
                    sa.text(f"INSERT INTO release.{table} VALUES ({values})"),
                    dict(zip(names, row, strict=True)),
                )
        assert dict(SEARCH.in_database(connection)) == {
            "release.packed": {WORD, NAME},
            "release.beside": {WORD},
            "release.below": {WORD},
        }
        connection.rollback()


LETTERS = st.text("abcXYZ", min_size=FEWEST_LETTERS, max_size=8)


@given(st.sets(LETTERS, min_size=1, max_size=5), st.text("abcXYZ \n-é", max_size=60))
def test_it_finds_what_the_slower_scan_finds(words, text):
    content = text.encode()
    markers = {one.lower().encode() for one in words}
    slower = {one.decode() for one in scan_bytes(content, markers)}
    assert WordSearch(words).found_in(content) == slower
