"""Start the server of a data folder, if none runs; the start lock is held."""

import os
import subprocess
import time
from dataclasses import dataclass

from assets.core.errors import StorageError
from resources.base.database.embedded_postgres import cluster, socket_folder
from resources.base.database.embedded_postgres.account import account, refuse_if_not_to_be_run
from resources.base.database.embedded_postgres.binaries import MAJOR, clean_environment, tool
from resources.base.database.embedded_postgres.causes import cause_in_log
from resources.base.database.embedded_postgres.files import (
    POLL_SECONDS,
    Places,
    open_private,
    take_exclusive,
    typed_errors,
)
from resources.base.database.embedded_postgres.processes import answers_in_data_folder, postmaster

_LONGEST_LOG = 5 * 1024 * 1024
_LOOK_AGAIN_SECONDS = 1.0


@dataclass
class Started:
    """A server that this process started.

    Attributes:
        process: its first process.
        log_from: length of the log in bytes when it was started.
    """

    process: "subprocess.Popen[bytes]"
    log_from: int


def runs(places: Places) -> bool:
    """Whether a process of the server lives: it holds a lock that the kernel lets go with it."""
    descriptor = take_exclusive(places.server_lock)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def start(places: Places) -> Started:
    """Start the server, making its data first where there is none.

    Args:
        places: whose server.

    Raises:
        StorageError: what stands in the way, by code.
    """
    run_as = account()
    major = cluster.major_of(places)
    refuse_if_not_to_be_run(run_as, major or MAJOR)
    if major is None:
        cluster.make(places, run_as)
        major = MAJOR
    if postmaster(places) is not None or answers_in_data_folder(places):
        # It holds no lock of ours: an earlier version, or somebody by hand, started it.
        raise StorageError("POSTGRES_STARTED_BY_OTHERS")
    cluster.take_over(places)
    with typed_errors():
        # Nobody holds the lock, so the number in it is of no server, whoever has it now.
        places.pid_file.unlink(missing_ok=True)
    cluster.write_access(places, run_as)
    folder = socket_folder.choose(places)
    fixed = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "unix_socket_permissions": "0700",
        "port": str(socket_folder.PORT),
        "hba_file": str(places.access),
        "ident_file": str(places.users),
        "log_destination": "stderr",
        "logging_collector": "off",
        # A data folder may have come from a machine with other locales; causes are read in English.
        "lc_messages": "C",
        "lc_monetary": "C",
        "lc_numeric": "C",
        "lc_time": "C",
    }
    command = [*run_as.prefix, str(tool("postgres", major)), "-D", str(places.data)]
    for name, value in fixed.items():
        command += ["-c", f"{name}={value}"]
    return _spawn(places, command)


def why_not(places: Places, started: Started) -> str:
    """The code for why a server that was started is gone."""
    started.process.wait()
    return cause_in_log(places.server_log, started.log_from)


def _spawn(places: Places, command: list[str]) -> Started:
    held = _server_lock(places)
    log = None
    try:
        with typed_errors():
            if places.server_log.is_file() and places.server_log.stat().st_size > _LONGEST_LOG:
                places.server_log.replace(
                    places.server_log.with_name(f"{places.server_log.name}.1")
                )
        log = open_private(places.server_log, os.O_WRONLY | os.O_APPEND)
        log_from = os.fstat(log).st_size
        with typed_errors():
            process = subprocess.Popen(  # noqa: S603  (a list of arguments; no shell)
                command,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=places.data,
                # Ctrl+C at the terminal is not for the server.
                start_new_session=True,
                pass_fds=(held,),
            )
    finally:
        os.close(held)
        if log is not None:
            os.close(log)
    return Started(process, log_from)


def _server_lock(places: Places) -> int:
    # Free a moment ago; a thread of ours that starts a program may hold a copy for an instant.
    end = time.monotonic() + _LOOK_AGAIN_SECONDS
    while (held := take_exclusive(places.server_lock)) is None:
        if time.monotonic() > end:
            raise StorageError("POSTGRES_RUNS_ELSEWHERE")
        time.sleep(POLL_SECONDS)
    return held
