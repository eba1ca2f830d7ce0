"""Looks for very many words at once in a database and in files.

`marker_scan` asks every cell for every marker, which takes minutes for the words of a whole export.
Here a table or a file is first boiled down to the runs of letters and digits that stand in it, each
once, and the words are looked for within those: so a word is found in any case, also as a part of a
longer one, in UTF-16 and in packed files, and where one cell's end and the next one's beginning
make it. What is no plain run of letters (accents, phrases) is looked for as `marker_scan` does.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from resources.containment.marker_scan import inflated, raw_of, scan_bytes

FEWEST_LETTERS = 6
"""Of a word that is looked for, for shorter ones turn up by chance in what is encrypted: of 500
words of six letters one in 8,000 MiB ((2 / 256) ** 6 a byte and word), of four two in each."""

_RUN = re.compile(rb"[0-9a-z]{%d,}" % FEWEST_LETTERS)
_PLAIN = re.compile(r"[0-9a-z]+")


class WordSearch:
    """A search for some words.

    Args:
        words: in any case; at least `FEWEST_LETTERS` long where they are plain, or a phrase.
    """

    def __init__(self, words: Iterable[str]) -> None:
        folded = {one.lower() for one in words}
        self._plain = sorted(one for one in folded if _PLAIN.fullmatch(one))
        self._others = sorted(folded - set(self._plain))

    def __len__(self) -> int:
        """How many words are looked for."""
        return len(self._plain) + len(self._others)

    def found_in(self, contents: Collection[bytes]) -> set[str]:
        """The words that stand in any of some contents, or run from one to the next."""
        runs: set[bytes] = set()
        for content in (b"".join(contents), b"\n".join(contents)):
            lowered = content.lower()
            runs.update(_RUN.findall(lowered))
            if b"\0" in lowered:
                # Wide characters, two bytes each.
                runs.update(_RUN.findall(lowered.replace(b"\0", b"")))
        standing = b"\n".join(runs).decode("ascii")
        found = {one for one in self._plain if one in standing}
        if self._others:
            markers = [one.encode() for one in self._others]
            found |= {one.decode() for one in scan_bytes(b"\n".join(contents), markers)}
        return found

    def found_in_any(self, parts: Iterable[Collection[bytes]]) -> set[str]:
        """The words that stand in any of many contents, which come a part at a time."""
        found: set[str] = set()
        for part in parts:
            found |= self.found_in(part)
        return found

    def in_folder(self, folder: Path) -> Iterator[tuple[str, set[str]]]:
        """Each file below a folder that holds some, by its path, or whose name does."""
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            contents = [name.encode("utf-8", "surrogateescape")]
            if path.is_file() and not path.is_symlink():
                raw = path.read_bytes()
                contents += [raw, *inflated(raw)]
            if found := self.found_in(contents):
                yield name, found

    def in_database(self, connection: sa.Connection) -> Iterator[tuple[str, set[str]]]:
        """Each table that holds some, as schema.table.

        Args:
            connection: one that may read all of it.
        """
        inspector = sa.inspect(connection)
        for schema in inspector.get_schema_names():
            if schema.startswith(("pg_", "information_schema")):
                continue
            for table in inspector.get_table_names(schema=schema):
                quoted = sa.table(table, schema=schema)
                rows = connection.execute(sa.select(sa.text("*")).select_from(quoted)).all()
                cells = [[raw_of(cell) for cell in row] for row in rows]
                # Row by row and column by column: a word may run on either way.
                by_row = [one for row in cells for one in row]
                by_column = [one for column in zip(*cells, strict=True) for one in column]
                packed = [part for one in by_row for part in inflated(one)]
                if found := self.found_in([*by_row, *packed]) | self.found_in(by_column):
                    yield f"{schema}.{table}", found
