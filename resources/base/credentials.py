"""Secrets that a service manager hands over as files, each named like its variable.

Variables can be read where containers and units are looked at; files in memory that the service
alone can open can't (systemd's `LoadCredential=`, secrets of Compose and Kubernetes).
"""

import os
import re
from pathlib import Path

from assets.core.errors import SetupError, refuse_as

FOLDERS = ("TIDELINE_CREDENTIALS", "CREDENTIALS_DIRECTORY")
"""Variables that name the folder: ours, and systemd's own."""

_NAME = re.compile(r"TIDELINE_[A-Z_]+")


def take_credentials() -> None:
    """Set the variables that the folder holds files of, but those that are set already.

    Raises:
        SetupError: `CREDENTIALS_NOT_READABLE`.
    """
    folder = next(filter(None, map(os.environ.get, FOLDERS)), None)
    if folder is None:
        return
    with refuse_as(SetupError("CREDENTIALS_NOT_READABLE"), OSError, UnicodeDecodeError):
        for path in Path(folder).iterdir():
            if _NAME.fullmatch(path.name) and path.is_file():
                os.environ.setdefault(path.name, path.read_text("utf-8").strip())
