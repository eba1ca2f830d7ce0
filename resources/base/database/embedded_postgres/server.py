"""The embedded server as its users see it: open it, be one of those it runs for, leave it.

Each process that uses it shares a lock for as long as it lives; the last to leave stops it. No
list of process numbers is kept, so a process that is killed counts no longer and one that got its
number counts for nothing.
"""

import atexit
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg2
from sqlalchemy.engine import URL

from assets.core.errors import StorageError
from resources.base.database.embedded_postgres import socket_folder
from resources.base.database.embedded_postgres.causes import cause_in
from resources.base.database.embedded_postgres.cluster import SUPERUSER, major_of
from resources.base.database.embedded_postgres.files import (
    POLL_SECONDS,
    Places,
    exclusive,
    make_private_folder,
    take_exclusive,
    take_shared,
)
from resources.base.database.embedded_postgres.processes import (
    end,
    postmaster,
    recovery_so_far,
    says_ready,
)
from resources.base.database.embedded_postgres.starting import Started, runs, start, why_not

EMBEDDED = "TIDELINE_EMBEDDED_POSTGRES"
"""Names the data folder to processes that are given the server's URL and use it with others."""

_WAIT_SECONDS = 90
_STANDSTILL_SECONDS = 30
_UNREACHABLE_SECONDS = 10
_TELL_AFTER_SECONDS = 3
_FAST_SECONDS = 60
_AT_ONCE_SECONDS = 10
_CONNECT_SECONDS = 10
_SLOW_POLL_SECONDS = 1.0

_NOT_YET = re.compile(
    r"starting up|shutting down|not (?:yet )?accepting connections|in recovery|"
    r"terminating connection|crash of another server process"
)
"""What a server says that will answer soon, or is about to end."""

_LIBPQ = (
    *("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE"),
    *("PGSERVICE", "PGSERVICEFILE", "PGREQUIREPEER", "PGREQUIREAUTH", "PGCHANNELBINDING"),
    *("PGSSLMODE", "PGGSSENCMODE", "PGTARGETSESSIONATTRS", "PGOPTIONS", "PGCLIENTENCODING"),
    *("PGLOADBALANCEHOSTS", "PGDATESTYLE", "PGTZ", "PGGEQO", "PGDATA"),
)
"""Variables by which libpq would go elsewhere, or speak otherwise, than the address says."""


@dataclass
class _Use:
    """How this process uses a server.

    Attributes:
        process: number of the process that began to; a forked child is another.
        users_lock: descriptor of the shared lock.
        leaving: what is called at this process's end.
        started: the server, if this process started it.
    """

    process: int
    users_lock: int
    leaving: Callable[[], None] = field(repr=False)
    started: Started | None = None


_uses: dict[Path, _Use] = {}
_outliving: "list[subprocess.Popen[bytes]]" = []
"""Servers that this process started and left to others; they are its children still."""

_threads = threading.RLock()


def open_server(data: Path, *, tell: Callable[[], None] | None = None) -> Path:
    """Have the server of a data folder running, and be one of its users until this process ends.

    Args:
        data: the data folder; made if missing.
        tell: called once if it takes longer than some seconds.

    Returns:
        The folder of its socket.

    Raises:
        StorageError: why it does not run, by code.
    """
    places = Places.of(data)
    for name in _LIBPQ:
        os.environ.pop(name, None)
    with _threads:
        use = _join(places)
        try:
            _until_ready(places, use, tell)
        except StorageError as error:
            # Stopped, it would begin its recovery anew with each command.
            _leave(places, stop=use.started is not None and error.code != "POSTGRES_RECOVERING")
            raise
        return socket_folder.recorded(places)


def url_of(folder: Path, role: str = SUPERUSER) -> URL:
    """The address of the server whose socket lies in that folder.

    Args:
        folder: what `open_server` returned.
        role: the database role to be; the home's operating-system user may be any.
    """
    return URL.create(
        "postgresql+psycopg2",
        username=role,
        database="postgres",
        query={"host": str(folder), "port": str(socket_folder.PORT)},
    )


def uses(data: Path) -> bool:
    """Whether this process is one of the users of that folder's server."""
    use = _uses.get(Places.of(data).data)
    return use is not None and use.process == os.getpid()


def join_from_environment() -> None:
    """Be one of the users of the server that a parent process opened and gave the address of."""
    named = os.environ.get(EMBEDDED)
    if not named:
        return
    places = Places.of(Path(named))
    with _threads:
        if places.run.is_dir():
            _join(places)


def leave(data: Path, *, patience: float = 0) -> None:
    """Stop using the server, and stop it if nobody else uses it; as at this process's end.

    Args:
        data: its data folder.
        patience: seconds to wait for others that are about to end.
    """
    with _threads:
        _leave(Places.of(data), patience)


def leave_all() -> None:
    """Stop using every server, as at this process's end; for who is about to be killed.

    Whatever else works in this process is not waited for longer than an end may take.
    """
    if not _threads.acquire(timeout=_FAST_SECONDS):
        return
    try:
        for data in list(_uses):
            _leave(Places(data))
    finally:
        _threads.release()


def _join(places: Places) -> _Use:
    use = _uses.get(places.data)
    if use is not None and use.process == os.getpid():
        return use
    # Before a folder is made beside it, which would shut out the user whom the data belongs to.
    major_of(places)
    make_private_folder(places.run)
    with exclusive(places.start_lock, seconds=_WAIT_SECONDS) as held:
        if not held:
            raise StorageError("POSTGRES_RECOVERING")
        use = _Use(os.getpid(), take_shared(places.users_lock), partial(_leave, places))
    _uses[places.data] = use
    # For each server anew: what was to be deleted after it had stopped was registered before.
    atexit.register(use.leaving)
    return use


def _until_ready(places: Places, use: _Use, tell: Callable[[], None] | None) -> None:
    began = time.monotonic()
    last_moved = began
    so_far: tuple[float, ...] = ()
    tried = False
    code = None
    while code is None:
        with exclusive(places.start_lock, seconds=_WAIT_SECONDS) as held:
            if not held:
                raise StorageError("POSTGRES_RECOVERING")
            if not runs(places):
                if tried and use.started is not None:
                    raise StorageError(why_not(places, use.started))
                tried = True
                if use.started is not None:
                    use.started.process.wait()
                use.started = start(places)
        answer = _answer(socket_folder.recorded(places))
        if answer == "":
            return
        now = time.monotonic()
        process = postmaster(places)
        moved = recovery_so_far(process)
        if moved != so_far:
            so_far, last_moved = moved, now
        if tell is not None and now - began > _TELL_AFTER_SECONDS:
            tell()
            tell = None
        code = answer or _given_up(places, now - began, now - last_moved, seen=process is not None)
        # Each try costs the server a process, which recovery has better use for.
        time.sleep(min(POLL_SECONDS + (now - began) / 10, _SLOW_POLL_SECONDS))
    raise StorageError(code)


def _given_up(places: Places, waited: float, stood_still: float, *, seen: bool) -> str | None:
    """The code to give up with, or None to wait on."""
    if says_ready(places) and waited > _UNREACHABLE_SECONDS:
        return "POSTGRES_RUNS_ELSEWHERE"
    if waited < _WAIT_SECONDS or stood_still < _STANDSTILL_SECONDS:
        return None
    return "POSTGRES_RECOVERING" if seen else "POSTGRES_RUNS_ELSEWHERE"


def _answer(folder: Path) -> str | None:
    """What the server answers: "" if it serves, None if not yet, else the code of its refusal."""
    said = None
    try:
        psycopg2.connect(
            host=str(folder),
            port=socket_folder.PORT,
            user=SUPERUSER,
            dbname="postgres",
            connect_timeout=_CONNECT_SECONDS,
        ).close()
    except psycopg2.OperationalError as error:
        said = str(error)
    if said is None or "too many clients" in said or "connection slots" in said:
        return ""
    if "authentication failed" in said or "pg_hba.conf" in said or "Permission denied" in said:
        return "POSTGRES_FILES_NOT_OURS"
    if "FATAL" not in said or _NOT_YET.search(said):
        return None
    return cause_in(said.encode("utf-8", "replace"))


def _leave(places: Places, patience: float = 0, *, stop: bool = True) -> None:
    """Drop the shared lock; whoever finds that nobody else shares it stops the server."""
    use = _uses.get(places.data)
    if use is None or use.process != os.getpid():
        return
    del _uses[places.data]
    atexit.unregister(use.leaving)
    os.close(use.users_lock)
    try:
        until = time.monotonic() + patience
        while stop and not _stopped_if_unused(places) and time.monotonic() < until:
            time.sleep(_SLOW_POLL_SECONDS / 2)
    except StorageError:
        # The folder is gone, or the disk is: nothing to be stopped there.
        pass
    finally:
        if use.started is not None:
            _outliving.append(use.started.process)
        _outliving[:] = [process for process in _outliving if process.poll() is None]


@atexit.register
def _let_live() -> None:
    for process in _outliving:
        # Python would warn of a child left behind.
        process.returncode = process.poll() or 0


def _stopped_if_unused(places: Places) -> bool:
    if not places.run.is_dir():
        return True
    with exclusive(places.start_lock, seconds=_WAIT_SECONDS) as held:
        alone = take_exclusive(places.users_lock) if held else None
        if alone is None:
            return False
        try:
            _stop(places)
        finally:
            os.close(alone)
    return True


def _stop(places: Places) -> None:
    for at_once, seconds in ((False, _FAST_SECONDS), (True, _AT_ONCE_SECONDS)):
        process = postmaster(places)
        if process is None:
            break
        end(process, at_once=at_once)
        until = time.monotonic() + seconds
        while runs(places) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
    if not runs(places):
        socket_folder.remove_runtime_folder(places)
