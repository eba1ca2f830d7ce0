"""The embedded server's own files: private whatever the umask, and never through a link."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from assets.core.errors import StorageError, refuse_as

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Places:
    """Where things of one embedded server lie: its data, and a private folder beside it.

    Attributes:
        data: PostgreSQL's data folder, links resolved, so that two ways to it share their locks.
    """

    data: Path

    @classmethod
    def of(cls, data: Path) -> "Places":
        """The places of a data folder, which need not exist."""
        return cls(Path(os.path.realpath(data)))

    @property
    def partial(self) -> Path:
        """Where a data folder is made, until it is whole."""
        return self.data.with_name(f"{self.data.name}-partial")

    @property
    def run(self) -> Path:
        """Locks, log and access files. Mode 0700."""
        return self.data.with_name(f"{self.data.name}-run")

    @property
    def server_log(self) -> Path:
        """What the server and `initdb` say."""
        return self.run / "server.log"

    @property
    def start_lock(self) -> Path:
        """Held while a server is started, stopped or joined."""
        return self.run / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Held, shared, by each process that uses the server, as long as it lives."""
        return self.run / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's processes, as long as one of them lives."""
        return self.run / "server.lock"

    @property
    def access(self) -> Path:
        """pg_hba.conf."""
        return self.run / "pg_hba.conf"

    @property
    def users(self) -> Path:
        """pg_ident.conf."""
        return self.run / "pg_ident.conf"

    @property
    def socket_record(self) -> Path:
        """Path of the socket's folder where it is not `data`; else empty."""
        return self.run / "socket-folder"

    @property
    def pid_file(self) -> Path:
        """PostgreSQL's own note of its process."""
        return self.data / "postmaster.pid"


def make_private_folder(folder: Path) -> None:
    """Make the folder with mode 0700, or see that it is one of ours.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`; `POSTGRES_FILES_NOT_OURS` if it is
            another user's, a link or no folder.
    """
    with typed_errors():
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            # A umask may have taken our own rights away, and someone may have given some.
            folder.chmod(0o700)
    if not is_private_folder(folder):
        raise StorageError("POSTGRES_FILES_NOT_OURS")


def is_private_folder(folder: Path) -> bool:
    """Whether it is a folder that is ours alone."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.geteuid()
        and stat.S_IMODE(found.st_mode) == 0o700  # noqa: PLR2004  (a mode)
    )


def open_private(path: Path, flags: int) -> int:
    """Descriptor of a file of ours, made with mode 0600 where missing.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`, `POSTGRES_FILES_NOT_OURS`.
    """
    with typed_errors():
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
            os.fchmod(descriptor, 0o600)
            return descriptor
        os.close(descriptor)
    raise StorageError("POSTGRES_FILES_NOT_OURS")


def write_private(path: Path, text: str) -> None:
    """Replace a small file of ours in one step.

    Raises:
        StorageError: see `open_private`.
    """
    beside = path.with_name(f"{path.name}.new")
    with typed_errors():
        beside.unlink(missing_ok=True)
    with typed_errors(), os.fdopen(open_private(beside, os.O_WRONLY | os.O_EXCL), "wb") as file:
        file.write(os.fsencode(text))
    with typed_errors():
        beside.replace(path)


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turn what the file system says into our codes.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    with refuse_as(lambda error: StorageError(code_of(error)), OSError):
        yield


def code_of(error: BaseException) -> str:
    """Our code for an error of the file system."""
    if not isinstance(error, OSError):
        return "DISK_NOT_WRITABLE"
    return "DISK_FULL" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "DISK_NOT_WRITABLE"


@contextmanager
def exclusive(lock: Path, *, seconds: float) -> Iterator[bool]:
    """Hold a lock file; yields whether it was to be had in that time.

    Raises:
        StorageError: see `open_private`.
    """
    end = time.monotonic() + seconds
    descriptor = take_exclusive(lock)
    while descriptor is None and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        descriptor = take_exclusive(lock)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def take_exclusive(lock: Path) -> int | None:
    """Descriptor that holds the lock until its last copy is closed; None if it is taken.

    Raises:
        StorageError: see `open_private`.
    """
    descriptor = open_private(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever took a half-made home away may have deleted the file that we waited for.
        if os.path.samestat(os.fstat(descriptor), lock.stat()):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def take_shared(lock: Path) -> int:
    """Descriptor that shares the lock, waiting for it.

    Raises:
        StorageError: see `open_private`.
    """
    descriptor = open_private(lock, os.O_RDWR)
    with typed_errors():
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor
