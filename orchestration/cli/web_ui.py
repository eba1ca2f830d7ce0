"""Dagster's processes beside a command: on a free port, stopped with it whatever way it ends."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import typer

from resources.base.runs.lifeline import lifeline

LAST_PROCESSES_SECONDS = 15
"""How long Dagster's other processes may take to end where its first one was killed."""


def refuse_unless_free(host: str, port: int) -> None:
    """Refuse an address that Dagster could not listen at, for it would go on without its web UI.

    Raises:
        typer.BadParameter: something else listens there, or it is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # An empty address would be every one of this machine's, and the UI has no login.
    if host:
        try:
            socket.create_server((host, port), family=family).close()
        except OSError:
            pass
        else:
            return
    raise typer.BadParameter(
        "another program listens there, or the address is not this machine's",
        param_hint="--port and --host",
    )


def run_until_stopped(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], lifelines: Path
) -> int:
    """Run a command of Dagster's until it ends, or Ctrl+C or SIGTERM ends it.

    Args:
        command: the command line.
        folder: where it works.
        environment: all that it is given.
        lifelines: a folder of this user's alone; what the command starts ends with this process,
            and with its own first one.

    Returns:
        Its exit status, 0 if a signal ended it.
    """
    # A shell's `&` makes us ignore Ctrl+C; Dagster would inherit that and ignore SIGTERM too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with (
        lifeline(lifelines) as ends_with_us,
        subprocess.Popen(  # noqa: S603  (our own interpreter's command)
            command,
            cwd=folder,
            env={**environment, **ends_with_us},
            stdin=subprocess.DEVNULL,
            process_group=0,
        ) as process,
    ):
        # In a group of its own neither Ctrl+C nor a service manager's signal reaches Dagster.
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            status = _end_of_group(process)
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGINT)
            status = _end_of_group(process)
    return max(status, 0)


def _end_of_group(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a group's first process, and see that the others end with it."""
    if hasattr(os, "waitid"):
        # Not yet waited for, it keeps its number, so that the group's can't be another's.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    status = process.wait()
    until = time.monotonic() + LAST_PROCESSES_SECONDS
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(process.pid, 0)
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    return status
