"""What is installed: packages and model files, held against what the program was made with."""

import hashlib
import json
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PINS = Path(__file__).with_name("constraints.txt")
"""The checkout's `constraints.txt`, which a link brings into the package."""

_ROOT = Path(__file__).resolve().parents[2]
# By path: `ready_model` would load NumPy for a look at a file.
_MODELS = _ROOT / "resources" / "models"
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;#]+)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Installed:
    """What differs.

    Attributes:
        missing: packages that are needed and not there.
        other_versions: packages of another version than the pinned one: theirs and the pinned.
        other_models: model files that are missing or not as they were built.
    """

    missing: tuple[str, ...]
    other_versions: dict[str, tuple[str, str]]
    other_models: tuple[str, ...]


def installed(pins: Path = PINS, models: Path = _MODELS) -> Installed:
    """Compare. What an extra would bring and nobody installed counts as nothing missing."""
    pinned = pinned_versions(pins)
    there = {name: one for name in pinned if (one := _version(name)) is not None}
    return Installed(
        missing=tuple(one for one in _needed() if _version(one) is None),
        other_versions={
            name: (version, pinned[name])
            for name, version in there.items()
            if version.partition("+")[0] != pinned[name]
        },
        other_models=tuple(_other_models(models)),
    )


def pinned_versions(pins: Path) -> dict[str, str]:
    """Each package's pinned version."""
    found = (_PIN.match(line) for line in pins.read_text("utf-8").splitlines())
    return {one[1]: one[2] for one in found if one}


def _needed() -> list[str]:
    required = metadata.requires("tideline") or []
    named = (_NAME.match(one) for one in required if "extra ==" not in one)
    return [one[0] for one in named if one]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _other_models(folder: Path) -> list[str]:
    noted = json.loads((folder / "digests.json").read_text("utf-8"))
    return [name for name, one in noted.items() if _digest(folder / name) != one["sha256"]]


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None
