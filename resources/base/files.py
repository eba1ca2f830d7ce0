"""Writing files whole or not at all and making folders, with the true cause as a typed error.

Who may read what is said here and nowhere else: the mode given is the mode made, whatever umask.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from assets.core.errors import StorageError, refuse_as
from resources.base import doors

PRIVATE_FOLDER = 0o700
PASSABLE_FOLDER = 0o711
"""Others may go through it to what they may read, and can't see what else is there."""
PUBLIC_FOLDER = 0o755
PUBLIC_FILE = 0o644

_CODES = {
    errno.ENOSPC: "DISK_FULL",
    errno.EDQUOT: "DISK_FULL",
    errno.EFBIG: "DISK_FULL",
    errno.EROFS: "DISK_READ_ONLY",
    errno.ENAMETOOLONG: "PATH_TOO_LONG",
    errno.EACCES: "ACCESS_REFUSED",
    errno.EPERM: "ACCESS_REFUSED",
}


def code_of(error: OSError) -> str | None:
    """The code for what the file system refused; None if it is nothing that a user can mend."""
    return _CODES.get(error.errno) if error.errno is not None else None


@contextmanager
def private_files() -> Iterator[None]:
    """Let what this process and those that it starts write be read by this user alone.

    What others may read is opened to them by `write_once` and `make_folder`.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def new_private_file(path: Path) -> IO[bytes]:
    """A new file, opened to write, for this user alone; an `OSError` where there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")


def make_folder(path: Path, mode: int = PRIVATE_FOLDER) -> None:
    """Make a folder, and those above it, which others may pass through; one that is there stays.

    Raises:
        StorageError: `FOLDER_NOT_WRITABLE`, `NOT_A_FOLDER`, `DISK_FULL`, `DISK_READ_ONLY`,
            `PATH_TOO_LONG`.
    """
    with refuse_as(_folder_error, OSError):
        _make(path, mode)


def _folder_error(error: BaseException) -> StorageError:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return StorageError("NOT_A_FOLDER")
    if isinstance(error, OSError) and not isinstance(error, PermissionError):
        return StorageError(code_of(error) or "FOLDER_NOT_WRITABLE")
    return StorageError("FOLDER_NOT_WRITABLE")


def _make(path: Path, mode: int) -> None:
    if path.is_dir():
        return
    try:
        path.mkdir(mode)
    except FileNotFoundError:
        _make(path.parent, mode | PASSABLE_FOLDER)
        path.mkdir(mode)
    path.chmod(mode)


def write_once(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write under another name, flush to disk, then put in place.

    Raises:
        StorageError: `DISK_FULL`, `DISK_READ_ONLY` or `DISK_NOT_WRITABLE`; nothing is left behind.
    """
    # Another process may write the same file at this moment.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    with refuse_as(disk_error, OSError):
        try:
            with doors.opened():
                descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, mode)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise


def add_lines(descriptor: int, lines: str) -> None:
    """Add lines to a file that is opened to append, and wait until they are on the disk.

    What a crash or a full disk has cut off before is ended first: it must not swallow a line.

    Args:
        descriptor: opened to read and to append; nobody else adds to the file meanwhile.
        lines: each with its end.

    Raises:
        OSError: part of what was to be added may be there.
    """
    size = os.fstat(descriptor).st_size
    whole = not size or os.pread(descriptor, 1, size - 1) == b"\n"
    content = (lines if whole else f"\n{lines}").encode()
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)


def flush(path: Path | str) -> None:
    """Have a file's bytes, or the names in a folder, outlast a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_error(error: BaseException) -> StorageError:
    """What kept a file from being written: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_NOT_WRITABLE`."""
    told = code_of(error) if isinstance(error, OSError) else None
    return StorageError(told if told in ("DISK_FULL", "DISK_READ_ONLY") else "DISK_NOT_WRITABLE")


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
