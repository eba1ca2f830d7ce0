"""Writing a file whole or not at all, with a full disk as a typed error."""

import errno
import os
import secrets
from pathlib import Path

from assets.governance.errors import StorageError
from resources import side_doors

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_once(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write under another name, flush to disk, then put in place.

    Raises:
        StorageError: `DISK_FULL` or `DISK_NOT_WRITABLE`; nothing is left behind.
    """
    # Another process may write the same file at this moment.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
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
