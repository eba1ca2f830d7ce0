"""`tideline dev` and `tideline dashboard`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from assets.core.public_files import PAGE
from assets.core.study_entries import Action
from orchestration.cli.console import pasteable, say, screen
from orchestration.cli.runs_status import freed
from orchestration.cli.session import open_session
from orchestration.cli.web_ui import LAST_PROCESSES_SECONDS, refuse_unless_free, run_until_stopped
from orchestration.instance_files import WORKSPACE
from resources.base.database.embedded_postgres import leave
from resources.stores.study import gate

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
        refuse_unless_free(host, port)
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
        # In the project's own folder Dagster would warn of the dagster.yaml that it finds and does
        # not use.
        status = run_until_stopped(
            command,
            folder=session.home.root,
            environment={
                **os.environ,
                **session.environment(),
                "PYTHONWARNINGS": DEV_COMMAND_IS_OLD,
            },
            lifelines=session.home.dagster,
        )
        leave(session.home.postgres, patience=LAST_PROCESSES_SECONDS)
        raise typer.Exit(status)

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
