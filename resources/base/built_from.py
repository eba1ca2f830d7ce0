"""Which commit the program was built from, where that can be told, for lineage to name."""

import json
import re
from functools import cache
from importlib import metadata
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_COMMIT = re.compile(r"[0-9a-f]{40}")


@cache
def code_version() -> str:
    """The commit, 40 hex digits; the package's version where no commit is known, as of a wheel."""
    return installed_commit() or commit_of(_ROOT) or metadata.version("tideline")


def installed_commit() -> str | None:
    """The commit that pip fetched from a repository (PEP 610); None for what came otherwise."""
    written = metadata.distribution("tideline").read_text("direct_url.json") or "{}"
    found = json.loads(written).get("vcs_info", {}).get("commit_id")
    return found if isinstance(found, str) and _COMMIT.fullmatch(found) else None


def commit_of(root: Path) -> str | None:
    """The commit that a checkout stands at; None where there is none, or Git keeps it otherwise.

    Read from Git's own files (gitrepository-layout), for Git need not be installed.

    Args:
        root: top folder of the checkout, or of a further working tree of it.
    """
    try:
        folder = root / ".git"
        if folder.is_file():
            folder = root / folder.read_text("utf-8").removeprefix("gitdir:").strip()
        head = (folder / "HEAD").read_text("utf-8").strip()
        if head.startswith("ref:"):
            head = _commit_of_reference(folder, head.removeprefix("ref:").strip())
    except (OSError, UnicodeDecodeError):
        return None
    return head if _COMMIT.fullmatch(head) else None


def _commit_of_reference(folder: Path, name: str) -> str:
    """What a branch points to: in a file of its own, else in the list of packed ones."""
    common = folder / "commondir"
    shared = folder / common.read_text("utf-8").strip() if common.is_file() else folder
    if (shared / name).is_file():
        return (shared / name).read_text("utf-8").strip()
    lines = (shared / "packed-refs").read_text("utf-8").splitlines()
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
