"""Secrets that a service manager hands over as files, each named like its variable.

Variables can be read where containers and units are looked at; files in memory that the service
alone can open can't (systemd's `LoadCredential=`, secrets of Compose and Kubernetes).
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assets.core.errors import SetupError, refuse_as

FOLDERS = ("TIDELINE_CREDENTIALS", "CREDENTIALS_DIRECTORY")
"""Variables that name the folder: ours, and systemd's own."""

_NAME = re.compile(r"TIDELINE_[A-Z0-9_]+")


def take_credentials() -> None:
    """Set the variables that the folder holds files of, but those that are set already.

    A file is taken whose name begins with `TIDELINE_`, or is named by the home's `home.yaml` for
    its inbox or for whom it tells. Others are not: the folder could hold a `PATH`.

    Raises:
        SetupError: `CREDENTIALS_NOT_READABLE`.
    """
    folder = next(filter(None, map(os.environ.get, FOLDERS)), None)
    if folder is None:
        return
    with refuse_as(SetupError("CREDENTIALS_NOT_READABLE"), OSError, UnicodeDecodeError):
        files = [one for one in Path(folder).iterdir() if one.is_file()]
        others = {one.name for one in files if not _NAME.fullmatch(one.name)}
        named = others & set(_named_by_home()) if others else set()
        for path in files:
            if path.name in named or path.name not in others:
                os.environ.setdefault(path.name, path.read_text("utf-8").strip())


def _named_by_home() -> Iterator[str]:
    """The variables that `home.yaml` names; none where it can't be read, which others tell of."""
    root = os.environ.get("TIDELINE_HOME")
    if not root:
        return
    import yaml  # noqa: PLC0415  (loaded where a folder holds such a file)

    try:
        written = yaml.safe_load((Path(root).expanduser() / "home.yaml").read_text("utf-8"))
    except (OSError, RuntimeError, UnicodeDecodeError, yaml.YAMLError):
        return
    if isinstance(written, Mapping):
        yield from _values(written.get("notify"), "_variable")
        yield from _values(written.get("inbox_options"), "env")


def _values(node: Any, ending: str) -> Iterator[str]:
    if not isinstance(node, Mapping):
        return
    for name, value in node.items():
        if isinstance(value, str) and str(name).endswith(ending):
            yield value
        yield from _values(value, ending)
