"""Looks for very many words at once in a database and in files.

`marker_scan` asks every cell for every marker, which takes minutes for the words of a whole export.
Here a table or a file is first boiled down to the runs of letters and digits that stand in it, each
once, and the words are looked for within those: so a word is found in any case, also as a part of a
longer one, in UTF-16 and in packed files, and where one cell's end and the next one's beginning
make it. What is no plain run of letters (accents, phrases) is looked for as `marker_scan` does.
"""

import re
from collections.abc import Iterable, Iterator
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
        words: in any case; plain ones are found as fast however many they are.
    """

    def __init__(self, words: Iterable[str]) -> None:
        folded = {one.lower() for one in words}
        plain = {one for one in folded if len(one) >= FEWEST_LETTERS and _PLAIN.fullmatch(one)}
        self._others = [one.encode() for one in sorted(folded - plain)]
        self._by_beginning: dict[bytes, list[bytes]] = {}
        for one in sorted(plain):
            word = one.encode()
            self._by_beginning.setdefault(word[:FEWEST_LETTERS], []).append(word)

    def found_in(self, *contents: bytes) -> set[str]:
        """The words that stand in any of some contents."""
        return self.found_in_any([contents])

    def found_in_any(self, parts: Iterable[Iterable[bytes]]) -> set[str]:
        """The words that stand in any of very many contents, which come a part at a time."""
        runs: set[bytes] = set()
        found: set[bytes] = set()
        for part in parts:
            content = b"\n".join(part)
            runs |= _runs(content)
            found |= scan_bytes(content, self._others) if self._others else set()
        return {one.decode() for one in found | self._within(runs)}

    def _within(self, runs: Iterable[bytes]) -> set[bytes]:
        """The plain words that stand anywhere in runs of letters and digits."""
        found: set[bytes] = set()
        for run in runs:
            for start in range(len(run) - FEWEST_LETTERS + 1):
                for word in self._by_beginning.get(run[start : start + FEWEST_LETTERS], ()):
                    if run.startswith(word, start):
                        found.add(word)
        return found

    def in_folder(self, folder: Path) -> Iterator[tuple[str, set[str]]]:
        """Each file below a folder that holds some, by its path, or whose name does."""
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            raw = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            encoded = name.encode("utf-8", "surrogateescape")
            if found := self.found_in(encoded, raw, *inflated(raw)):
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
                by_row = [one for row in cells for one in row]
                by_column = [one for column in zip(*cells, strict=True) for one in column]
                packed = [part for one in by_row for part in inflated(one)]
                # Joined as they are, for a word may run on from one cell to the next either way.
                ways = (b"".join(by_row), b"".join(by_column), *by_row, *packed)
                if found := self.found_in(*ways):
                    yield f"{schema}.{table}", found


def _runs(content: bytes) -> set[bytes]:
    """The runs of letters and digits, lower case; also of what has two bytes for each."""
    lowered = content.lower()
    found = set(_RUN.findall(lowered))
    if b"\0" in lowered:
        found.update(_RUN.findall(lowered.replace(b"\0", b"")))
    return found
