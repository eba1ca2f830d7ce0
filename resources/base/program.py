"""Which program this is, to the letter: version, a digest of its code, the commit it came from."""

import json
import re
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("assets", "orchestration", "resources")
_OWN_DIGEST = {".onnx", ".safetensors"}
"""Model files, which have digests of their own."""
_NOT_CODE = {"__pycache__", ".DS_Store"}
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def program_version() -> str:
    """As the package was named when it was built."""
    return metadata.version("tideline")


@cache
def code_digest() -> str:
    """SHA-256 over names and content of all code that runs, and of the data that lie among it.

    It is what a version of the program is known by: a commit says nothing of what was changed
    after it.
    """
    digest = sha256()
    for package in _PACKAGES:
        for path in sorted(one for one in (_ROOT / package).rglob("*") if one.is_file()):
            if path.suffix not in _OWN_DIGEST and _NOT_CODE.isdisjoint(path.parts):
                content = sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(_ROOT).as_posix()} {content}\n".encode())
    return digest.hexdigest()


@cache
def commit_id(root: Path = _ROOT) -> str | None:
    """The commit that the program was installed from (PEP 610), or whose checkout it runs in.

    Args:
        root: the folder that holds the packages.

    Returns:
        Hexadecimal; None where neither says one.
    """
    return _of_installation() or _of_checkout(root)


def code_version() -> str:
    """What lineage names as the version of an asset's code: the commit, else `program_version`."""
    return commit_id() or program_version()


def _of_installation() -> str | None:
    told = metadata.distribution("tideline").read_text("direct_url.json")
    found = json.loads(told).get("vcs_info", {}).get("commit_id") if told else None
    return _as_commit(found or "")


def _of_checkout(root: Path) -> str | None:
    """Read as files, for a step that is sealed starts no program."""
    folder = root / ".git"
    with suppress(OSError, UnicodeDecodeError):
        if folder.is_file():
            # Of a further working tree, whose branches lie with the first one's.
            folder = root / folder.read_text("utf-8").removeprefix("gitdir:").strip()
        shared = folder / "commondir"
        common = folder / shared.read_text("utf-8").strip() if shared.is_file() else folder
        head = (folder / "HEAD").read_text("utf-8").strip()
        branch = head.removeprefix("ref: ")
        if branch == head:
            return _as_commit(head)
        if (common / branch).is_file():
            return _as_commit((common / branch).read_text("utf-8").strip())
        for line in (common / "packed-refs").read_text("utf-8").splitlines():
            commit, _, name = line.partition(" ")
            if name == branch:
                return _as_commit(commit)
    return None


def _as_commit(written: str) -> str | None:
    return written if _COMMIT.fullmatch(written) else None
