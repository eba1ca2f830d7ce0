"""`tideline dev` and `tideline dashboard`."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from assets.core.public_files import PAGE
from assets.core.study_entries import Action
from orchestration.cli.console import pasteable, say, screen
from orchestration.cli.runs_status import freed
from orchestration.cli.session import open_session
from orchestration.instance_files import WORKSPACE
from resources.base.database.embedded_postgres import leave
from resources.base.runs.lifeline import lifeline
from resources.stores.study import gate

_LAST_PROCESSES_SECONDS = 15
"""How long Dagster's other processes may take to end where its first one was killed."""

DEV_COMMAND_IS_OLD = "ignore:Function `dev_command` is superseded"
"""Dagster's advice to use a command that brings packages we have no other need for."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("dev")
    def dev(
        port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web UI.")] = 3000,
        host: Annotated[str, typer.Option(help="Address of the web UI.")] = "127.0.0.1",
    ) -> None:
        """Run Dagster's web UI and daemon on the home: sensor, morning schedules, runs.

        Stop it with Ctrl+C. The UI has no login of its own: keep it on 127.0.0.1 or behind one.
        """
        _refuse_unless_free(host, port)
        session = open_session()
        with session.instance() as instance:
            for line in freed(instance):
                say(line)
            screen().print(
                f"The seal holds. The web UI takes some 20 seconds: http://{host}:{port}",
                markup=False,
            )
        command = [
            str(Path(sys.executable).with_name("dagster")),
            "dev",
            "--workspace",
            str(WORKSPACE),
            "--host",
            host,
            "--port",
            str(port),
        ]
        # A shell's `&` makes us ignore Ctrl+C; Dagster would inherit that and ignore SIGTERM too.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # In the project's own folder Dagster would warn of the dagster.yaml that it finds and does
        # not use. What it starts ends with this process, and with its own first one.
        with (
            lifeline(session.home.dagster) as ends_with_us,
            subprocess.Popen(  # noqa: S603  (our own interpreter's command)
                command,
                cwd=session.home.root,
                env={
                    **os.environ,
                    **session.environment(),
                    **ends_with_us,
                    "PYTHONWARNINGS": DEV_COMMAND_IS_OLD,
                },
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
        leave(session.home.postgres, patience=_LAST_PROCESSES_SECONDS)
        raise typer.Exit(status if status >= 0 else 0)

    @app.command("dashboard")
    def dashboard() -> None:
        """Write the public page and data file anew from what is published, and say where."""
        # pandas and Plotly, which the routine's process does not need.
        from orchestration.cli.public_page import write_page  # noqa: PLC0415

        session = open_session()
        home = session.home
        gate.require(home, Action.PUBLISH, session.clock.today())
        rows = write_page(session)
        say(f"{rows} rows. Page: {pasteable(home.public / PAGE)}")


def _end_of_group(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a group's first process, and see that the others end with it."""
    if hasattr(os, "waitid"):
        # Not yet waited for, it keeps its number, so that the group's can't be another's.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    status = process.wait()
    until = time.monotonic() + _LAST_PROCESSES_SECONDS
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(process.pid, 0)
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    return status


def _refuse_unless_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # An empty address would be every one of this machine's, and the UI has no login.
    if host:
        try:
            socket.create_server((host, port), family=family).close()
        except OSError:
            pass
        else:
            return
    # Dagster itself would go on without its web UI.
    raise typer.BadParameter(
        "another program listens there, or the address is not this machine's",
        param_hint="--port and --host",
    )
