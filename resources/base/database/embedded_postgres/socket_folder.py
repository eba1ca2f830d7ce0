"""Where the server's socket lies: a folder that nobody else may enter, with a path for everyone.

The path goes through PostgreSQL's list of folders, libpq's connection strings and URLs, and a
socket's address holds about a hundred bytes. Where all of them take the data folder's path as it
is, the socket lies there; else in a folder made for it under the temporary one.
"""

import os
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from assets.core.errors import StorageError
from resources.base.database.embedded_postgres.files import Places, is_private_folder, write_private

PORT = 5432
"""Only a part of the socket's name: no port is opened."""

_NAME = f".s.PGSQL.{PORT}"
_LONGEST = 103
"""Bytes of a socket's path that every system takes."""

_PLAIN = re.compile(r"/[A-Za-z0-9._/+-]*")
_PREFIX = "tideline-pg-"


def recorded(places: Places) -> Path:
    """The folder of the server that runs, or of the last one."""
    try:
        written = os.fsdecode(places.socket_record.read_bytes())
    except OSError:
        written = ""
    return Path(written) if written else places.data


def choose(places: Places) -> Path:
    """The folder for a server about to start; the start lock is held, and no server runs.

    Raises:
        StorageError: `POSTGRES_SOCKET_REFUSED` if no folder takes a socket.
    """
    last = recorded(places)
    _clear(last)
    if _takes_socket(places.data):
        if last != places.data:
            _remove(last)
        write_private(places.socket_record, "")
        return places.data
    # The same as before, so that whoever holds the server's address can come back to it.
    if last != places.data and _is_made_here(last) and _takes_socket(last):
        return last
    if last != places.data:
        _remove(last)
    for parent in _parents():
        made = _make(parent)
        if made is None:
            continue
        if _takes_socket(made):
            write_private(places.socket_record, str(made))
            return made
        made.rmdir()
    raise StorageError("POSTGRES_SOCKET_REFUSED")


def remove_runtime_folder(places: Places) -> None:
    """After the server has stopped: take away the folder that was made for its socket."""
    last = recorded(places)
    if last != places.data:
        _remove(last)


def _takes_socket(folder: Path) -> bool:
    """Whether a socket of the server's name can be bound there, tried with another name."""
    path = str(folder / _NAME)
    if not _PLAIN.fullmatch(path) or len(os.fsencode(path)) > _LONGEST:
        return False
    if not is_private_folder(folder):
        return False
    tried = folder / f".t.{secrets.token_hex(4)}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
            one.bind(str(tried))
    except OSError:
        return False
    finally:
        tried.unlink(missing_ok=True)
    return True


def _parents() -> Iterator[Path]:
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/") and is_private_folder(Path(given)):
        yield Path(given)
    with suppress(OSError):
        yield Path(tempfile.gettempdir()).absolute()
    # Python's temporary folder may be one with a long or odd path.
    yield Path("/tmp")  # noqa: S108  (a folder of random name and mode 0700 is made in it)


def _make(parent: Path) -> Path | None:
    try:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        # A umask may have taken our own rights away.
        made.chmod(0o700)
    except OSError:
        return None
    return made


def _is_made_here(folder: Path) -> bool:
    return folder.name.startswith(_PREFIX) and is_private_folder(folder)


def _clear(folder: Path) -> None:
    """Remove what a server that is gone left: PostgreSQL would take its number for a living one."""
    if is_private_folder(folder):
        for name in (_NAME, f"{_NAME}.lock"):
            (folder / name).unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    if _is_made_here(folder):
        _clear(folder)
        with suppress(OSError):
            folder.rmdir()
