"""What the portal must not hold where it is started, as far as that can be found out."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from assets.core.errors import SetupError
from orchestration.cli.of_the_home import not_of_portal
from resources.base.home import home_path, secrets_beside
from resources.base.keys.link_keys import Signs
from resources.base.keys.long_lived_keys import KEY_FILES
from resources.stores.inbox.location import InboxLocation

_FILES = (*KEY_FILES, *(which.value.file for which in Signs))
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def refuse_what_is_too_much(settings: Path, pieces: Path | None) -> None:
    """Refuse to start where a key of the home, or a login of it, is at hand.

    Looked at are the environment, the folder where the process is started, those of its settings
    and pieces, and the home that `TIDELINE_HOME` names or that lies at its usual place. Keys of
    other names or in other places are not found.

    Args:
        settings: the settings file.
        pieces: the folder of unfinished deliveries.

    Raises:
        SetupError: `PORTAL_HOLDS_TOO_MUCH`.
    """
    if any(os.environ.get(name) for name in not_of_portal()):
        raise SetupError("PORTAL_HOLDS_TOO_MUCH")
    for folder in _places(settings, pieces):
        if any(os.access(folder / name, os.R_OK) for name in _FILES):
            raise SetupError("PORTAL_HOLDS_TOO_MUCH")


def refuse_changeable(settings: Path) -> None:
    """Refuse settings that others may change, for they say which keys the portal trusts.

    Neither the file nor its folder may be another user's (but root's), or writable by a group or by
    all; a folder may be where only owners replace what is theirs, such as /tmp. Rights that access
    lists add, and folders further up, are not looked at.

    Raises:
        SetupError: `PORTAL_SETTINGS_WRITABLE`, or `PORTAL_SETTINGS_MISSING` where there is none.
    """
    real = settings.resolve()
    try:
        own, folder = real.stat(), real.parent.stat()
    except OSError:
        own = folder = None
    if own is None or folder is None:
        raise SetupError("PORTAL_SETTINGS_MISSING")
    trusted = {0, os.geteuid()}
    if own.st_uid not in trusted or own.st_mode & _OTHERS_WRITE:
        raise SetupError("PORTAL_SETTINGS_WRITABLE")
    replaceable = folder.st_mode & _OTHERS_WRITE and not folder.st_mode & stat.S_ISVTX
    if folder.st_uid not in trusted or replaceable:
        raise SetupError("PORTAL_SETTINGS_WRITABLE")


def refuse_inbox_that_reads(inbox: InboxLocation) -> None:
    """Refuse a way into the inbox by which its files could be listed.

    A list can be asked for without knowing a file's name. Whether a file could be read, replaced or
    deleted by its name can't be found out without one; nor is anything written to try that. Of an
    object store where nothing lies yet the answer is the same with and without the right to list.

    Raises:
        SetupError: `PORTAL_INBOX_READS`.
    """
    if inbox.can_be_listed():
        raise SetupError("PORTAL_INBOX_READS")


def _places(settings: Path, pieces: Path | None) -> Iterator[Path]:
    yield Path.cwd()
    yield settings.resolve().parent
    if pieces is not None:
        yield pieces
    home = home_path()
    yield from (home, secrets_beside(home))
