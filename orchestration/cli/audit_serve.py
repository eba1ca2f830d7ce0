"""`tideline audit serve`."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from orchestration.audited_instance import audited_environment, write_audited_configuration
from orchestration.cli.console import say_database_waits, screen
from orchestration.cli.web_ui import LAST_PROCESSES_SECONDS, refuse_unless_free, run_until_stopped
from orchestration.definitions_only import WORKSPACE
from resources.base.database.connection import Database
from resources.base.database.embedded_postgres import leave, uses
from resources.base.database.postgres import url_to_audit
from resources.base.database.roles import Role
from resources.base.home import load_home


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("serve")
    def serve(
        port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web UI.")] = 3000,
        host: Annotated[str, typer.Option(help="Address of the web UI.")] = "127.0.0.1",
    ) -> None:
        """Show runs, checks and lineage of the home in Dagster's web UI, to read only.

        It reads home.yaml and the database, in the auditor's role (TIDELINE_AUDITOR_PG_URL where
        that has a login of its own); launching, wiping, reloading and switching are refused by the
        UI, and every write by the database. It needs no key. Stop it with Ctrl+C; the UI has no
        login of its own: keep it on 127.0.0.1 or behind one.
        """
        refuse_unless_free(host, port)
        home = load_home()
        url = url_to_audit(home.postgres, say_database_waits)
        database = Database(url, Role.AUDITOR)
        database.require(home.config.home_id, home.config.mode.value)
        database.dispose()
        screen().print(f"To read only. It takes some 20 seconds: http://{host}:{port}")
        # A folder of the auditor's own, for the home's may not be written by whoever audits.
        with tempfile.TemporaryDirectory(prefix="tideline-audit-") as own:
            folder = Path(own)
            write_audited_configuration(home, folder)
            status = run_until_stopped(
                [
                    *(sys.executable, "-m", "dagster_webserver", "--read-only"),
                    *("--workspace", str(WORKSPACE), "--host", host, "--port", str(port)),
                ],
                folder=folder,
                environment=audited_environment(home, url, folder),
                lifelines=folder,
            )
        if uses(home.postgres):
            leave(home.postgres, patience=LAST_PROCESSES_SECONDS)
        raise typer.Exit(status)
