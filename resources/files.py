"""Writing a file whole or not at all, with a full disk as a typed error."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

from assets.governance.errors import StorageError
from resources import side_doors

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_once(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write under another name, flush to disk, then put in place.

    Raises:
        StorageError: `DISK_FULL` or `DISK_NOT_WRITABLE`; nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.partial")
    code = None
    try:
        with side_doors.opened():
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        code = "DISK_FULL" if error.errno in _NO_ROOM else "DISK_NOT_WRITABLE"
        partial.unlink(missing_ok=True)
    if code:
        raise StorageError(code)


def made_before(path: Path, moment: datetime) -> bool:
    """Whether a file was last changed before a moment; False for one that is gone."""
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC) < moment
    except FileNotFoundError:
        return False


def delete_partials(folder: Path, before: datetime) -> int:
    """Delete what a crash left of `write_once` under a folder. Returns how many files."""
    partials = [path for path in folder.rglob(".*.partial") if made_before(path, before)]
    for path in partials:
        path.unlink(missing_ok=True)
    return len(partials)
