"""`study.yaml`: the register as it is written, each entry by itself, and its digests."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from assets.core.errors import StudyError, refuse_as
from assets.core.study_entries import ENTRIES, REGISTER
from resources.base.home import Home
from resources.stores.study.entry_forms import ALL_FORMS, Entry
from resources.stores.study.form_faults import closest

FORM_VERSION = 1
_HEAD = "Tideline study scope 1"
_OWN = {"form", "made_up", "for_all", "entries"}
FOR_ALL = ("decided_on", "review_by", "author", "reviewer")
"""Fields that may be written once, for all entries that have none of their own."""
# Asked before every step: libyaml's loader reads it in a tenth of the time; both are safe.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_REMEMBERED = 4
"""Registers of which what was read is kept: a process has one home, tests have several."""

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Register:
    """A register as it is written; an entry may be anything, or not there.

    Attributes:
        made_up: whether it says of itself that all of it is made up.
        entries: by name, as YAML gave them.
    """

    made_up: bool
    entries: Mapping[str, Any] = field(repr=False)

    def entry(self, form: type[E]) -> E:
        """An entry that stands.

        Raises:
            StudyError: `STUDY_ENTRY_INCOMPLETE`.
        """
        name = next(name for name, one in ALL_FORMS.items() if one is form)
        with refuse_as(StudyError("STUDY_ENTRY_INCOMPLETE", name), ValueError):
            return form.model_validate(self.entries.get(name))

    @cached_property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each entry that is there, whatever its order and spacing."""
        return {name: _digest(self.entries[name]) for name in ENTRIES if name in self.entries}

    def scope(self, home: Home) -> str:
        """What is signed: the home, and a digest for each entry, a line each."""
        lines = [
            _HEAD,
            f"home {home.config.home_id}",
            f"mode {home.config.mode.value}",
            f"made_up {'yes' if self.made_up else 'no'}",
            *(f"{name} {digest}" for name, digest in self.digests.items()),
        ]
        return "\n".join(lines) + "\n"

    def digest(self, home: Home) -> str:
        """SHA-256 of the whole scope."""
        return hashlib.sha256(self.scope(home).encode()).hexdigest()


def file_of(home: Home) -> Path:
    """Where a home's register lies."""
    return home.root / "study.yaml"


def read_register(path: Path) -> Register:
    """Read a register as it is.

    Raises:
        StudyError: `STUDY_REGISTER_MISSING`, `STUDY_REGISTER_UNREADABLE`.
    """
    if not path.is_file():
        raise StudyError("STUDY_REGISTER_MISSING", REGISTER)
    with refuse_as(StudyError("STUDY_REGISTER_UNREADABLE", REGISTER), ValueError):
        text = path.read_text("utf-8")
    return _register(text)


@lru_cache(maxsize=_REMEMBERED)
def _register(text: str) -> Register:
    """A register by its text: the file is read before every step, and hardly ever another."""
    unreadable = StudyError("STUDY_REGISTER_UNREADABLE", REGISTER)
    with refuse_as(unreadable, yaml.YAMLError, ValueError, RecursionError):
        written = yaml.load(text, _LOADER)  # noqa: S506
    if not isinstance(written, dict) or set(written) - _OWN or written.get("form") != FORM_VERSION:
        raise unreadable
    made_up, entries = written.get("made_up", False), written.get("entries")
    for_all = written.get("for_all") or {}
    if (
        not isinstance(made_up, bool)
        or not isinstance(entries, dict)
        or set(entries) - set(ENTRIES)
        or not isinstance(for_all, dict)
        or set(for_all) - set(FOR_ALL)
    ):
        raise unreadable
    return Register(
        made_up,
        {
            name: {**for_all, **one} if isinstance(one, dict) else one
            for name, one in entries.items()
            if one is not None
        },
    )


def why_unreadable(path: Path) -> str | None:
    """Where a register is no register, in words; None where it is one, or can't be said.

    A name that is no entry's is told by its line, and by the known one that is like it.
    """
    try:
        root = yaml.compose(path.read_text("utf-8"), _LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "some place"
        return f"It stops being YAML at {at}; put a text with a colon in quotation marks."
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return None
    for node, names, kind in (
        (root, _OWN, "a part of a register"),
        (_under(root, "entries"), set(ENTRIES), "an entry"),
        (_under(root, "for_all"), set(FOR_ALL), "a field that may stand under for_all"),
    ):
        for name, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if name.value not in names:
                like = closest(name.value, names)
                meant = f"; did you mean `{like}`?" if like else "."
                return f"What line {name.start_mark.line + 1} names is not {kind}{meant}"
    return None


def _under(node: Any, name: str) -> Any:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _digest(entry: Any) -> str:
    canonical = json.dumps(_canonical(entry), separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """The same for mappings that differ in order alone; each value with its kind."""
    if isinstance(value, dict):
        return ["map", sorted([repr(name), _canonical(one)] for name, one in value.items())]
    if isinstance(value, list):
        return ["list", [_canonical(one) for one in value]]
    if isinstance(value, date | datetime):
        return ["date", value.isoformat()]
    return [type(value).__name__, repr(value)]
