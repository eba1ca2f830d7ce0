"""`tideline serve`: one of Dagster's processes, where each runs apart from the others."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml

from assets.core.errors import SetupError, refuse_as
from orchestration.cli.console import say
from orchestration.cli.session import Session, open_session
from orchestration.instance_files import instance_template, write_instance_configuration
from orchestration.served_processes import (
    Address,
    Process,
    code_server,
    daemon,
    dagster_login,
    environment_of,
    web_server,
    workspace,
)
from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.database.embedded_postgres import EMBEDDED
from resources.base.database.postgres import dagster_url
from resources.base.database.roles import HOME_URL
from resources.base.files import make_folder, write_once
from resources.base.home import Home, load_home
from resources.base.runs.daemon_heartbeats import silent_parts
from resources.wiring.commands import instance_configuration

_ADDRESS = re.compile(r"(?P<host>[^\s:]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")

_CHANGEABLE = {"run_launcher", "run_monitoring", "concurrency"}
"""What of dagster.yaml a machine of another kind may have its own way; never what is stored."""

Host = Annotated[str, typer.Option(help="Address to listen at.")]
Restricted = Annotated[
    str, typer.Option(help="Where the restricted code server answers, as HOST:PORT.")
]
Public = Annotated[str, typer.Option(help="Where the public code server answers, as HOST:PORT.")]

serve_app = typer.Typer(
    help="Run one of Dagster's processes with what it reads and no more: see deploy/README.md.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(serve_app, name="serve")


@serve_app.callback()
def serve() -> None:
    """Run one of Dagster's processes with what it reads and no more: see deploy/README.md.

    `tideline dev` runs them all on one machine. Here each is a process of its own, with the login
    of its database role (docs/operating.md, 'The database'). DAGSTER_HOME, HOME/dagster without it,
    is its own folder, written anew. None has a login of users: keep them where only those reach
    them who may.
    """


@serve_app.command("restricted")
def serve_restricted(
    host: Host = "127.0.0.1", port: Annotated[int, typer.Option(min=1, max=65535)] = 4266
) -> None:
    """Serve the restricted code location, which executes its runs.

    It has the keys, the inbox and TIDELINE_PG_URL, TIDELINE_PUBLIC_PG_URL, TIDELINE_DAGSTER_PG_URL.
    Whoever reaches its port can have runs executed: the web UI and the daemon alone should.
    """
    environment = _sealed(open_session())
    say(f"The seal holds. The restricted code location answers at {host}:{port}.")
    _become(code_server(Process.RESTRICTED, host, port), environment)


@serve_app.command("public")
def serve_public(
    host: Host = "127.0.0.1", port: Annotated[int, typer.Option(min=1, max=65535)] = 4267
) -> None:
    """Serve the public code location, which executes its runs.

    It reads home.yaml and the study register, writes HOME/public, and has TIDELINE_PUBLIC_PG_URL
    and TIDELINE_DAGSTER_PG_URL; of the home's other variables it is given none.
    """
    home = load_home()
    environment = environment_of(Process.PUBLIC, home.root, _instance(home))
    say(f"The public code location answers at {host}:{port}.")
    _become(code_server(Process.PUBLIC, host, port), environment)


@serve_app.command("webserver")
def serve_webserver(
    restricted: Restricted,
    public: Public,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 3000,
) -> None:
    """Serve Dagster's web UI over both code servers.

    It reads home.yaml and has TIDELINE_DAGSTER_PG_URL. The UI has no login of its own: keep it on
    127.0.0.1 or behind one.
    """
    home = load_home()
    instance = _instance(home)
    environment = environment_of(Process.WEBSERVER, home.root, instance)
    file = _workspace(instance, restricted, public)
    say(f"The web UI answers at http://{host}:{port} in some 20 seconds.")
    _become(web_server(file, host, port), environment)


@serve_app.command("daemon")
def serve_daemon(restricted: Restricted, public: Public) -> None:
    """Run Dagster's daemon over both code servers: schedules, sensors, the queue of runs.

    It reads home.yaml and has TIDELINE_DAGSTER_PG_URL. Run one.
    """
    home = load_home()
    instance = _instance(home)
    environment = environment_of(Process.DAEMON, home.root, instance)
    _become(daemon(_workspace(instance, restricted, public)), environment)


@serve_app.command("dask-scheduler")
def serve_dask_scheduler(
    host: Host = "127.0.0.1", port: Annotated[int, typer.Option(min=1, max=65535)] = 8786
) -> None:
    """Serve a Dask scheduler, which hands groups to workers for runs: see docs/scale-out.md.

    It has TIDELINE_DASK_CA, TIDELINE_DASK_CERT and TIDELINE_DASK_KEY, and nothing of the home.
    Whoever has such a certificate can have code run where the keys are.
    """
    # The extra `dask`, which no other process loads.
    from resources.scale_out.served import serve_scheduler  # noqa: PLC0415

    say(f"The Dask scheduler listens at tls://{host}:{port}.")
    serve_scheduler(host, port)


@serve_app.command("dask-worker")
def serve_dask_worker(
    scheduler: Annotated[str, typer.Option(help="The scheduler's address, as tls://HOST:PORT.")],
    host: Host = "127.0.0.1",
) -> None:
    """Serve a worker, which reads groups for runs: from sealed export to encrypted vectors.

    It has what `serve restricted` has, but for TIDELINE_PUBLIC_PG_URL and TIDELINE_DAGSTER_PG_URL,
    and the scheduler's three files. HOME has to be the run's own folder, at the same path. A
    process that has read groups ends a minute after the last, and a new one takes its place.
    """
    from resources.scale_out.served import serve_worker  # noqa: PLC0415  (as above)

    session = open_session()
    session.ways_out.incidents.require_none()
    session.database.dispose()
    given = session.environment()
    os.environ.update({name: given[name] for name in (EMBEDDED, HOME_URL) if name in given})
    say(f"A worker joins {scheduler}.")
    serve_worker(scheduler, host)


@serve_app.command("alive")
def serve_alive() -> None:
    """Say whether the daemon works; exits with a code where it does not.

    It asks the database, with TIDELINE_DAGSTER_PG_URL, when each part of the daemon last told.
    """
    silent = silent_parts(dagster_url(dagster_login()), Clock().now())
    if silent:
        say(f"Silent: {', '.join(sorted(silent))}")
        raise SetupError("DAEMON_SILENT")
    say("The daemon works.")


@serve_app.command("sealed")
def serve_sealed() -> None:
    """Plant a word as `serve restricted` does, and exit with a code if it is found again.

    For a code server that is started by other means: before it, with the same variables.
    """
    _sealed(open_session())
    say("The seal holds.")


@serve_app.command("instance")
def serve_instance(
    parts: Annotated[
        Path | None,
        typer.Option(
            "--with", help="File with a run_launcher, run_monitoring or concurrency of its own."
        ),
    ] = None,
) -> None:
    """Print the home's dagster.yaml, for processes that are started by other means than this.

    On Kubernetes they are the chart's: see deploy/README.md.
    """
    configuration = instance_configuration(instance_template(), load_home())
    if parts is not None:
        with refuse_as(SetupError("FILE_NOT_FOUND"), OSError, ValueError, yaml.YAMLError):
            own = yaml.safe_load(parts.read_text("utf-8"))
        if not isinstance(own, dict) or not own.keys() <= _CHANGEABLE:
            raise typer.BadParameter(f"may hold {', '.join(sorted(_CHANGEABLE))}")
        configuration = yaml.safe_dump({**yaml.safe_load(configuration), **own}, sort_keys=False)
    typer.echo(configuration, nl=False)


def _sealed(session: Session) -> dict[str, str]:
    """Refuse to go on unless the seal holds; returns the restricted location's environment."""
    instance = _instance(session.home)
    environment = environment_of(Process.RESTRICTED, session.home.root, instance)
    os.environ.update(environment)
    # Dagster, which the other processes need not load twice.
    from resources.containment.canary import refuse_unless_sealed  # noqa: PLC0415

    refuse_unless_sealed(Database(session.url), instance / "dagster.yaml")
    return environment


def _instance(home: Home) -> Path:
    """The process's own DAGSTER_HOME, with the home's configuration in it."""
    folder = Path(os.environ.get("DAGSTER_HOME") or home.dagster).expanduser().resolve()
    make_folder(folder)
    write_instance_configuration(home, folder)
    return folder


def _workspace(instance: Path, restricted: str, public: str) -> Path:
    servers = {
        Process.RESTRICTED.value: _address(restricted, "--restricted"),
        Process.PUBLIC.value: _address(public, "--public"),
    }
    file = instance / "workspace.yaml"
    write_once(file, workspace(servers).encode())
    return file


def _address(written: str, option: str) -> Address:
    found = _ADDRESS.fullmatch(written)
    if found is None:
        raise typer.BadParameter("give it as HOST:PORT", param_hint=option)
    return Address(found["host"], int(found["port"]))


def _become(command: list[str], environment: dict[str, str]) -> None:
    """Run a command in this process's place, in its own folder.

    In a checkout Dagster would warn of the dagster.yaml that it finds and does not use.
    """
    sys.stdout.flush()
    os.chdir(environment["DAGSTER_HOME"])
    os.execve(command[0], command, environment)  # noqa: S606  (no shell)
