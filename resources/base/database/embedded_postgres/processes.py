"""Which process serves a data folder. A number in a file is never believed: it may be another's."""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import psutil

from resources.base.database.embedded_postgres.files import Places
from resources.base.database.embedded_postgres.socket_folder import PORT


def postmaster(places: Places) -> psutil.Process | None:
    """The server's first process, if the number in its note is a postgres in this folder."""
    number = _noted_number(places)
    if number is None:
        return None
    try:
        process = psutil.Process(number)
        is_ours = (
            process.name() == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()).samefile(places.data)
        )
    except (psutil.Error, OSError):
        return None
    return process if is_ours else None


def says_ready(places: Places) -> bool:
    """Whether the server's note says that it takes connections."""
    try:
        lines = places.pid_file.read_bytes().split(b"\n")
    except OSError:
        return False
    return b"ready" in (line.strip() for line in lines)


def answers_in_data_folder(places: Places) -> bool:
    """Whether a server of an earlier version, which had its socket there, listens."""
    descriptor = None
    try:
        # A path of any length, by way of the folder's descriptor.
        descriptor = os.open(places.data, os.O_RDONLY | os.O_DIRECTORY)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
            one.settimeout(2)
            one.connect(f"/proc/self/fd/{descriptor}/.s.PGSQL.{PORT}")
    except OSError:
        return False
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return True


def recovery_so_far(process: psutil.Process | None) -> tuple[float, ...]:
    """Figures that change while the server's start-up process gets on with recovery."""
    if process is None:
        return ()
    with suppress(psutil.Error, OSError):
        for child in process.children():
            if "startup" in " ".join(child.cmdline()):
                return (*child.cpu_times()[:2], *_bytes_moved(child))
    return ()


def end(process: psutil.Process, *, at_once: bool) -> None:
    """Tell the server to end: rolled back and written out, or at once and recovered at the start.

    psutil sees that the number has not passed to another process since.
    """
    with suppress(psutil.Error):
        process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)


def _noted_number(places: Places) -> int | None:
    try:
        return max(int(places.pid_file.read_bytes().split(b"\n")[0]), 1)
    except (OSError, ValueError):
        return None


def _bytes_moved(process: psutil.Process) -> tuple[int, ...]:
    try:
        moved = process.io_counters()
    except (psutil.Error, OSError, AttributeError):
        return ()
    return (moved.read_chars, moved.write_chars) if hasattr(moved, "read_chars") else ()
