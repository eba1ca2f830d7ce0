"""`tideline dev` and `tideline dashboard`."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from assets.publication.asset import PAGE
from orchestration.cli.console import pasteable, say, screen
from orchestration.cli.public_page import write_page
from orchestration.cli.session import WORKSPACE, open_session, open_session_to_read

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
        session = open_session_to_read()
        with session.instance():
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
        # This process stays, for it may hold the embedded PostgreSQL up. In the project's own
        # folder Dagster would warn of the dagster.yaml that it finds and does not use.
        with subprocess.Popen(  # noqa: S603  (our own interpreter's command)
            command,
            cwd=session.home.root,
            env={**os.environ, **session.environment(), "PYTHONWARNINGS": DEV_COMMAND_IS_OLD},
        ) as process:
            # Ctrl+C reaches Dagster by itself; a service manager's signal reaches only us.
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            try:
                status = process.wait()
            except KeyboardInterrupt:
                status = process.wait()
        raise typer.Exit(status if status >= 0 else 0)

    @app.command("dashboard")
    def dashboard() -> None:
        """Write the public page and data file anew from what is published, and say where."""
        session = open_session()
        home = session.home
        rows = write_page(session)
        say(f"{rows} rows. Page: {pasteable(home.public / PAGE)}")


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
