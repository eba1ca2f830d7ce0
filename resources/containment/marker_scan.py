"""Looks for planted words in a database, cell by cell with compressed cells opened, and in files.

A word is found in any case, as UTF-8, as JSON or a URL would write it, and where it begins in one
cell and ends in the next.
"""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

Markers = Collection[bytes]
_Forms = Mapping[bytes, frozenset[bytes]]


def scan_database(
    connection: sa.Connection, markers: Markers, schemas: Iterable[str] | None = None
) -> set[tuple[str, bytes]]:
    """Look through every cell of every table.

    Args:
        connection: a connection that may read all of it.
        markers: what to look for, as UTF-8.
        schemas: which schemas; all but PostgreSQL's own if None.

    Returns:
        (schema.table.column, marker) for each column that holds one.
    """
    forms = _forms(markers)
    reach = max((len(form) for every in forms.values() for form in every), default=1) - 1
    inspector = sa.inspect(connection)
    names = schemas or [
        name
        for name in inspector.get_schema_names()
        if not name.startswith(("pg_", "information_schema"))
    ]
    found = set()
    for schema in names:
        for table in inspector.get_table_names(schema=schema):
            quoted = sa.table(table, schema=schema)
            rows = connection.execute(sa.select(sa.text("*")).select_from(quoted))
            above: dict[str, bytes] = {}
            for row in rows.mappings():
                left = b""
                for column, cell in row.items():
                    raw = raw_of(cell)
                    # A word may run on from the cell to the left, or from the row before.
                    here = _in(b"\0".join((raw, *inflated(raw))), forms)
                    for before in (left, above.get(column, b"")):
                        here |= _across(before, raw, forms, reach)
                    found |= {(f"{schema}.{table}.{column}", marker) for marker in here}
                    left = above[column] = raw
    return found


def scan_folder(folder: Path, markers: Markers) -> set[tuple[str, bytes]]:
    """Look through every file below a folder, packed ones opened, and through the file names."""
    forms = _forms(markers)
    found = set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        raw = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        content = b"\0".join((name.encode("utf-8", "surrogateescape"), raw, *inflated(raw)))
        for marker in _in(content, forms):
            found.add((name, marker))
    return found


def scan_bytes(content: bytes, markers: Markers) -> set[bytes]:
    """The markers that some bytes hold, such as the output of a process."""
    return _in(content, _forms(markers))


def _forms(markers: Markers) -> _Forms:
    return {
        marker: frozenset(
            form.lower()
            for form in (
                marker,
                json.dumps(marker.decode()).strip('"').encode(),
                quote(marker.decode()).encode(),
                marker.decode().encode("utf-16-le"),
            )
        )
        for marker in markers
    }


def _in(content: bytes, forms: _Forms) -> set[bytes]:
    lowered = content.lower()
    return {marker for marker, every in forms.items() if any(form in lowered for form in every)}


def _across(before: bytes, after: bytes, forms: _Forms, reach: int) -> set[bytes]:
    """The markers that begin at the end of one cell and end at the start of another.

    Args:
        before: the one cell.
        after: the other.
        forms: of each marker.
        reach: how many bytes of either cell the longest form may take.
    """
    if not (before and after and reach):
        return set()
    # Wide enough for the longest, so that a shorter one may lie in one cell alone.
    near = (before[-reach:] + after[:reach]).lower()
    if not any(form in near for every in forms.values() for form in every):
        return set()
    return {
        marker
        for marker, every in forms.items()
        for form in every
        if form in (before[-len(form) + 1 :] + after[: len(form) - 1]).lower()
    }


def raw_of(cell: object) -> bytes:
    """A cell of a table as bytes; what is neither text nor bytes as JSON."""
    if cell is None:
        return b""
    if isinstance(cell, memoryview | bytes | bytearray):
        return bytes(cell)
    text = cell if isinstance(cell, str) else json.dumps(cell, default=str, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def inflated(raw: bytes) -> Iterator[bytes]:
    """What some bytes hold if they are packed: by zlib, gzip, or as a zip with its files' names."""
    with suppress(zlib.error):
        yield zlib.decompressobj().decompress(raw)
    if raw.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(raw)
    if raw.startswith(b"PK"):
        with suppress(OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError):
            archive = zipfile.ZipFile(io.BytesIO(raw))
            yield from (name.encode() for name in archive.namelist())
            yield from (archive.read(name) for name in archive.namelist())
