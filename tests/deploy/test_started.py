"""Every process of the Compose file is really started: its command, its variables, its secrets.

No container runs here. Each process gets a folder in place of `/srv/tideline` that holds what it
mounts and nothing else, and a folder of its own secrets in place of `/run/secrets`.
"""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from described import DEPLOY, ROOT, compose_services, systemd_services
from listening import free_ports, serves_code
from made_site import CODE_SERVERS, PATIENCE, SERVES, Site, settings_of_portal
from sqlalchemy.engine import URL

from orchestration.served_processes import SECRETS
from resources.base.keys.long_lived_keys import IDENTITY_FILE, IDENTITY_VARIABLE, LongLived

pytestmark = pytest.mark.slow

LAUNCH = (
    "mutation($a: ExecutionParams!) {launchRun(executionParams: $a)"
    " {__typename ... on LaunchRunSuccess {run {runId}}}}"
)
LIFETIMES = {
    "selector": {
        "repositoryName": "__repository__",
        "repositoryLocationName": "restricted",
        "jobName": "lifetimes",
    },
    "mode": "default",
}


SERVICES = {one.name: one for one in compose_services()}


def _write_logins(folder: Path, server: URL, suffix: str) -> None:
    """As `new-logins.sh` writes them, but of names that no other test's server has."""
    host = server.query.get("host") or server.host or "localhost"
    for name in sorted(frozenset().union(*SECRETS.values())):
        if name.endswith("_PG_URL"):
            part = name.removeprefix("TIDELINE_").removesuffix("PG_URL").lower() or "restricted_"
            login = f"{part}login_{suffix}"
            port = f"&port={server.port}" if server.port else ""
            (folder / name).write_text(
                f"postgresql://{login}:secret{suffix}@/tideline_{suffix}?host={host}{port}\n",
                "utf-8",
            )


@pytest.fixture(scope="module")
def logins(
    postgres_server: URL, postgres_tool: Callable[[str], str], tmp_path_factory: Any
) -> Iterator[Path]:
    """The folder of secrets with a URL for each role, after `logins.sh` has made what they name."""
    suffix = os.urandom(4).hex()
    folder = tmp_path_factory.mktemp("credentials")
    _write_logins(folder, postgres_server, suffix)
    environment = {
        "PATH": f"{Path(postgres_tool('psql')).parent}:{os.defpath}",
        "PGHOST": str(postgres_server.query.get("host") or postgres_server.host or ""),
        "PGPORT": str(postgres_server.port or ""),
        "PGUSER": str(postgres_server.username),
        "PGPASSWORD": str(postgres_server.password or ""),
        "SECRETS": str(folder),
    }
    for _ in range(2):
        # Begun again, it changes nothing.
        subprocess.run(
            ["sh", DEPLOY / "compose" / "logins.sh"],
            env={name: one for name, one in environment.items() if one},
            check=True,
            capture_output=True,
        )
    yield folder
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE tideline_{suffix} WITH (FORCE)"))
        for path in sorted(folder.glob("*_PG_URL")):
            name = sa.make_url(path.read_text("utf-8")).username
            connection.execute(sa.text(f"DROP OWNED BY {name}"))
            connection.execute(sa.text(f"DROP ROLE {name}"))


def test_a_session_of_the_portal_that_was_forgotten_holds_no_lock(logins: Path) -> None:
    url = sa.make_url((logins / "TIDELINE_PORTAL_PG_URL").read_text("utf-8"))
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg2"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = {
            name: connection.execute(sa.text(f"SHOW {name}")).scalar()
            for name in (
                "idle_session_timeout",
                "idle_in_transaction_session_timeout",
                "statement_timeout",
            )
        }
    assert found == {
        "idle_session_timeout": "10min",
        "idle_in_transaction_session_timeout": "10s",
        "statement_timeout": "10s",
    }


@pytest.fixture(scope="module")
def site(logins: Path, tmp_path_factory: Any) -> Iterator[Site]:
    """A home as README.md has it made, with its keys among the secrets; all processes started."""
    folder = tmp_path_factory.mktemp("srv")
    made = Site(folder, logins, tmp_path_factory.mktemp("views"), free_ports(list(SERVES)))
    operate = SERVICES["operate"]
    done = made.run(operate, "init", "--mode", "synthetic").wait(PATIENCE)
    assert done == 0, made.said("operate")
    home = folder / "home"
    keys = {one.value.file: one.value.variable for one in LongLived}
    keys[IDENTITY_FILE] = IDENTITY_VARIABLE
    for name, variable in keys.items():
        (folder / "home-secrets" / name).rename(logins / variable)
    for needed in ("home-secrets/admin-addresses", "home/study-approvals", "pieces"):
        (folder / needed).mkdir(parents=True, exist_ok=True)
    (logins / "portal-settings.yaml").write_bytes(settings_of_portal(home))
    try:
        # What needs the code servers comes after them (`depends_on`).
        later = ("webserver", "daemon")
        for name, service in SERVICES.items():
            if name not in ("operate", *later):
                made.run(service)
        for name in CODE_SERVERS:
            made.wait_for(name, lambda name=name: serves_code(made.ports[name]))
        for name in later:
            made.run(SERVICES[name])
        yield made
    finally:
        for process in made.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in made.running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def test_the_web_ui_shows_both_locations_and_a_run_goes_through_the_queue(site: Site) -> None:
    site.wait_for("webserver", lambda: "data" in site.ask("webserver", "{version}"))
    shown = "{workspaceOrError {... on Workspace {locationEntries {name loadStatus"
    shown += " locationOrLoadError {__typename}}}}}"

    def loaded() -> bool:
        return site.ask("webserver", shown).count('"RepositoryLocation"') == 2

    site.wait_for("webserver", loaded)
    asked = json.loads(site.ask("webserver", LAUNCH, a=LIFETIMES))["data"]["launchRun"]
    assert asked["__typename"] == "LaunchRunSuccess", asked
    run_id = asked["run"]["runId"]
    status = f'{{runOrError(runId: "{run_id}") {{... on Run {{status}}}}}}'
    over: list[str] = []

    def ended() -> bool:
        found = json.loads(site.ask("webserver", status))["data"]["runOrError"]["status"]
        if found in {"SUCCESS", "FAILURE", "CANCELED"}:
            over.append(found)
        return bool(over)

    site.wait_for("restricted", ended)
    assert over == ["SUCCESS"]


def test_the_daemon_tells_that_it_works_and_its_sensors_ask_both_locations(site: Site) -> None:
    def alive() -> bool:
        return site.run(SERVICES["operate"], "serve", "alive").wait(PATIENCE) == 0

    site.wait_for("daemon", alive)
    ticks = '{sensorsOrError(repositorySelector: {repositoryName: "__repository__",'
    ticks += ' repositoryLocationName: "%s"}) {... on Sensors {results {sensorState'
    ticks += " {ticks(limit: 1) {status}}}}}}"
    for location in CODE_SERVERS:
        site.wait_for(
            "daemon", lambda one=location: "SKIPPED" in site.ask("webserver", ticks % one)
        )


def test_an_auditor_sees_and_changes_nothing(site: Site) -> None:
    site.wait_for("audit", lambda: "data" in site.ask("audit", "{version}"))
    assert "UnauthorizedError" in site.ask("audit", LAUNCH, a=LIFETIMES)


def test_the_portal_answers(site: Site) -> None:
    def answers() -> bool:
        try:
            address = f"http://127.0.0.1:{site.ports['portal']}/m"
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    site.wait_for("portal", answers)


def test_what_deletes_has_deleted(site: Site) -> None:
    site.wait_for("lifetimes", lambda: "All that was due is deleted" in site.said("lifetimes"))


@pytest.mark.parametrize("name", ["public", "webserver", "daemon"])
def test_a_process_holds_the_secrets_that_it_reads_and_no_others(site: Site, name: str) -> None:
    environ = Path(f"/proc/{site.running[name].pid}/environ")
    if not environ.exists():
        pytest.skip("this system shows no process's environment")
    held = {one.split(b"=", 1)[0].decode() for one in environ.read_bytes().split(b"\0")}
    secret = frozenset().union(*SECRETS.values())
    assert held & secret <= SECRETS[name]


@pytest.mark.parametrize("name", ["backup", "remind"])
def test_what_a_timer_starts_ends_well(site: Site, name: str) -> None:
    """With the secrets of its unit alone; what it sees is shown for Compose above."""
    (unit,) = [one for one in systemd_services() if one.name == name]
    backups = site.folder / "backups"
    backups.mkdir(exist_ok=True)
    words = [one.replace("/var/backups/tideline", str(backups)) for one in unit.words[1:]]
    # systemd says where it put the credentials.
    told = {**unit.environment, "CREDENTIALS_DIRECTORY": "/run/secrets"}
    given = replace(unit, name=f"timer-{name}", environment=told, mounts={ROOT: True})
    done = site.run(given, *words).wait(PATIENCE)
    assert done == 0, site.said(given.name)
    assert len(list(backups.iterdir())) == 1


def test_who_looks_whether_all_is_well_may_look_at_all(site: Site) -> None:
    """With the secrets of its unit alone; whether all is well is not asked here."""
    (unit,) = [one for one in systemd_services() if one.name == "doctor"]
    told = {**unit.environment, "CREDENTIALS_DIRECTORY": "/run/secrets"}
    given = replace(unit, name="timer-doctor", environment=told, mounts={ROOT: True})
    site.run(given, *unit.words[1:], "--json").wait(PATIENCE)
    said = json.loads(site.said(given.name))
    assert {"keys", "daemon", "roles"} <= set(said["items"])
    # How the machine that tests run on fares is not asked, nor whether another test ran before.
    machine = {"clock", "disk", "swap", "versions"}
    found = [one for one in said["findings"] if one["item"] not in machine]
    assert {one["code"] for one in found} <= {"BACKUP_OVERDUE", "DAEMON_NOT_RUNNING"}, found


def test_nobody_said_that_something_is_wrong(site: Site) -> None:
    for name in site.running:
        wrong = re.findall(r".*(?:Traceback|denied|STEP_BROKEN|UserWarning).*", site.said(name))
        assert not wrong, name
