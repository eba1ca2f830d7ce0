"""Which words of the exports to look for: what the program has no other way to know."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from resources.base.database.embedded_postgres.binaries import installation
from resources.containment.word_search import FEWEST_LETTERS, WordSearch

MOST_PHRASES = 40
WORDS_OF_A_PHRASE = 5

_WORD = re.compile(rf"[^\W\d_]{{{FEWEST_LETTERS},}}")
_NUMBER = re.compile(r"\+?\d[\d ()-]{8,}\d")
_DIGITS = 10
"""The last of a telephone number, without country or trunk code."""
_SAID = re.compile(r"(?m)(?:^\[.*?\]|^.*? - )[^:\n]*: (.*)$")

_OWN_PACKAGES = ("assets", "evaluation", "orchestration", "resources", "simulation")
_LIBRARIES = ("dagster", "dagster_postgres", "dagster_shared", "holidays")
"""Whose words a home's database and page hold as well."""
_OF_POSTGRES = ("bin", "share")
_NOT_COUNTED = "rehearsal"
"""Our own folder: its sentences are those that are looked for."""
_NUMBERS = (".onnx", ".safetensors")
"""Of files that hold numbers: letters in them are chance."""
_AT_ONCE = 200


@dataclass(frozen=True)
class ToLookFor:
    """The words of a rehearsal.

    Attributes:
        search: looks for them.
        words: how many words of the exports it looks for.
        phrases: how many runs of words, each of which may survive scrubbing word by word.
        numbers: how many telephone numbers.
        known: how many words are left out, for the program, Dagster or PostgreSQL has them itself.
    """

    search: WordSearch = field(repr=False)
    words: int
    phrases: int
    numbers: int
    known: int


def to_look_for(exports: Iterable[Path]) -> ToLookFor:
    """Choose the words of some exports, file names included."""
    texts = [text for path in exports for text in _texts(path)]
    words = {word.lower() for text in texts for word in _WORD.findall(text)}
    numbers = {
        re.sub(r"\D", "", one)[-_DIGITS:]
        for text in texts
        for one in _NUMBER.findall(text)
        if len(re.sub(r"\D", "", one)) >= _DIGITS
    }
    phrases = _phrases(texts)
    known = WordSearch(words | phrases).found_in_any(_program_files())
    words, phrases = words - known, phrases - known
    return ToLookFor(
        WordSearch(words | phrases | numbers), len(words), len(phrases), len(numbers), len(known)
    )


def _texts(path: Path) -> Iterator[str]:
    """The name and the text of a file, or of each file in an archive."""
    raw = path.read_bytes()
    yield path.stem
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        yield _decoded(raw)
        return
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            yield Path(name).stem
            yield _decoded(archive.read(name))


def _decoded(raw: bytes) -> str:
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return raw.decode("utf-16" if wide else "utf-8", errors="replace")


def _phrases(texts: Iterable[str]) -> set[str]:
    """Beginnings of what was said, lower case, spread over all of it."""
    said = [
        one.lower().split()[:WORDS_OF_A_PHRASE] for text in texts for one in _SAID.findall(text)
    ]
    whole = sorted({" ".join(one) for one in said if len(one) == WORDS_OF_A_PHRASE})
    return set(whole[:: max(1, -(-len(whole) // MOST_PHRASES))])


def _program_files() -> Iterator[list[bytes]]:
    """The contents of all that is installed of the program, Dagster and PostgreSQL, in parts."""
    folders = [Path(one) for name in (*_OWN_PACKAGES, *_LIBRARIES) for one in _places(name)]
    folders += [installation() / part for part in _OF_POSTGRES]
    part: list[bytes] = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inner = path.relative_to(folder).parts
            if path.suffix in _NUMBERS or {"__pycache__", _NOT_COUNTED} & set(inner):
                continue
            if path.is_file():
                part.append(path.read_bytes())
            if len(part) >= _AT_ONCE:
                yield part
                part = []
    yield part


def _places(package: str) -> list[str]:
    found = find_spec(package)
    return list(found.submodule_search_locations or ()) if found else []
