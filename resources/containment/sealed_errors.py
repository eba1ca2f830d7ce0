"""What is left of an error in the event log: classes, codes, and places in known files.

A class or a function can be made at run time and named after what a message says, and code can be
compiled under any file name: a name stays only where a loaded module or a file on disk has it.
"""

import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assets.core.errors import CATALOGUE
from assets.core.study_entries import DETAILS, ENTRIES, REGISTER

SEALED = "(sealed)"
OUR_ROOT = Path(__file__).resolve().parents[2]
OUR_PACKAGES = frozenset({"assets", "evaluation", "orchestration", "resources", "simulation"})
"""Installed, they lie among those of other projects."""

NO_PLACE = "elsewhere:0"
"""Stands for the place of an error that no file of ours had a part in."""

_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>[0-9]+), in (?P<name>[\w<>]+)')
_ORIGIN = re.compile(r"(?P<kind>\(sealed\)|[A-Za-z_]\w*)@(?P<place>[\w/.]+):(?P<line>[0-9]{1,5})")
_OF_THE_STUDY = frozenset({REGISTER, *ENTRIES, *DETAILS})
_DEFINED = re.compile(r"\b(?:def|class)\s+(\w+)")
_NAMELESS = frozenset(
    {"<module>", "<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}
)


def seal_error(node: Mapping[str, Any]) -> dict[str, Any]:
    """Rewrite one serialised `SerializableErrorInfo` and its chain."""
    name = class_name(node.get("cls_name"))
    known = known_origin(str(node.get("message") or "").strip().split(": ", 1)[-1])
    return {
        "__class__": "SerializableErrorInfo",
        "cls_name": name,
        "message": f"{name}: {known}\n" if known else f"{name}\n",
        "stack": [frame for line in node.get("stack") or [] for frame in _frame(str(line))],
        "cause": _next(node.get("cause")),
        "context": _next(node.get("context")),
    }


def _next(node: Any) -> dict[str, Any] | None:
    return seal_error(node) if isinstance(node, Mapping) else None


def known_origin(text: str) -> str:
    """`text` if it is a code, names of the study register and places in our files, else "".

    A place is such as `KeyError@assets/x.py:3`.
    """
    words = text.split()
    if all(word in CATALOGUE or word in _OF_THE_STUDY or _is_origin(word) for word in words):
        return " ".join(words)
    return ""


def _is_origin(word: str) -> bool:
    found = _ORIGIN.fullmatch(word)
    if not found or found["kind"] not in {SEALED, class_name(found["kind"])}:
        return False
    if f"{found['place']}:{found['line']}" == NO_PLACE:
        return True
    known = OUR_ROOT / found["place"]
    return ".." not in found["place"] and _has_line(known, found["line"]) and place(known) != SEALED


def class_name(name: object) -> str:
    """The name of an error's class if a loaded module defines one of that name, else sealed."""
    return name if isinstance(name, str) and _is_loaded(name) else SEALED


def _is_loaded(name: str) -> bool:
    if name not in _known_classes:
        _known_classes.update(
            kind.__name__ for kind in _subclasses(BaseException) if _is_at_home(kind)
        )
    return name in _known_classes


_known_classes: set[str] = {"BaseException"}


def _subclasses(kind: type) -> Iterator[type]:
    for one in type.__subclasses__(kind):
        yield one
        yield from _subclasses(one)


def _is_at_home(kind: type) -> bool:
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is kind and kind.__name__ == kind.__qualname__.rpartition(".")[-1]


def _frame(line: str) -> list[str]:
    found = _FRAME.match(line)
    if not found:
        return []
    file = Path(found["file"])
    where = place(file)
    if where == SEALED or not _has_line(file, found["line"]):
        return [f'  File "{SEALED}", line 0, in {SEALED}\n']
    name = found["name"]
    name = name if name in _NAMELESS or name in _contents(file)[0] else SEALED
    return [f'  File "{where}", line {found["line"]}, in {name}\n']


def _has_line(file: Path, line: str) -> bool:
    return 0 < int(line) <= _contents(file)[1]


@cache
def _contents(file: Path) -> tuple[frozenset[str], int]:
    """Names of the functions and classes that a source file defines, and its number of lines."""
    try:
        source = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return frozenset(), 0
    return frozenset(_DEFINED.findall(source)), source.count("\n") + 1


def place(file: Path) -> str:
    """A source file of ours as its path in the project, a library's by its name there."""
    if file.suffix != ".py" or ".." in file.parts or not file.is_file():
        return SEALED
    folders = sorted(map(Path, filter(None, sys.path)), key=lambda one: -len(str(one)))
    for folder in (OUR_ROOT, *folders) if _is_ours(file) else folders:
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return SEALED


def _is_ours(file: Path) -> bool:
    """Whether a file is the project's; others of a virtual environment beside or above are not."""
    if not file.is_relative_to(OUR_ROOT):
        return False
    return file.relative_to(OUR_ROOT).parts[0] in OUR_PACKAGES or not file.is_relative_to(
        sys.prefix
    )


def chain(error: BaseException) -> str:
    """Classes and our own places of an error and its causes, such as `KeyError@assets/x.py:3`."""
    parts, seen = [], set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        ours = [one for one in frames if _is_ours(Path(one.filename))]
        where = place(Path(ours[-1].filename)) if ours else SEALED
        at = NO_PLACE if where == SEALED else f"{where}:{ours[-1].lineno}"
        parts.append(f"{class_name(type(current).__name__)}@{at}")
        current = current.__cause__ or current.__context__
    return " ".join(parts)
