"""One publisher at a time: whoever comes second waits, and then finds what the first has done."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from assets.core.errors import StorageError, refuse_as
from resources.base.files import PUBLIC_FILE, PUBLIC_FOLDER, make_folder

LOCK = ".publishing.lock"


@contextmanager
def only_publisher(folder: Path) -> Iterator[None]:
    """Be the only one that writes files into a public folder; waits for another process to end.

    The kernel holds the lock for the process, so one that is killed holds up nobody. What it left
    half written is deleted.

    Args:
        folder: made if it is missing; what lies in folders below it has locks of its own.

    Raises:
        StorageError: `DISK_NOT_WRITABLE`, and see `make_folder`.
    """
    make_folder(folder, PUBLIC_FOLDER)
    lock = FileLock(folder / LOCK)
    with refuse_as(StorageError("DISK_NOT_WRITABLE"), OSError):
        lock.acquire()
        # Nothing in a public folder is for fewer than all.
        (folder / LOCK).chmod(PUBLIC_FILE)
    try:
        for partial in folder.glob(".*.partial"):
            partial.unlink(missing_ok=True)
        yield
    finally:
        lock.release()
