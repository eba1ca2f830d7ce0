"""Every process of the Compose file is really started: its command, its variables, its secrets.

No container runs here. Each process gets a folder in place of `/srv/tideline` that holds what it
mounts and nothing else, and a folder of its own secrets in place of `/run/secrets`.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from described import DEPLOY, ROOT, Started, compose_services, systemd_services
from listening import free_ports, serves_code
from sqlalchemy.engine import URL

from orchestration.served_processes import SECRETS
from resources.base.home import load_home
from resources.base.keys.long_lived_keys import IDENTITY_FILE, IDENTITY_VARIABLE, LongLived
from resources.base.keys.signed_links import written_public
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.invitations import signing_key
from resources.stores.portal.settings import PortalSettings, written_settings

pytestmark = pytest.mark.slow

PATIENCE = 300
"""Seconds until a wait is given up: a ceiling for a busy machine; idle all takes thirty."""

TIDELINE = Path(sys.executable).with_name("tideline")
_OURS = ("TIDELINE_", "DAGSTER_")
CODE_SERVERS = ("restricted", "public")
SERVES = {
    "restricted": "4266",
    "public": "4266",
    "webserver": "3000",
    "audit": "3000",
    "portal": "8600",
}
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


@dataclass
class Site:
    """A machine with the folders and files that deploy/README.md has made.

    Attributes:
        folder: in place of `/srv/tideline`.
        secrets: in place of `/etc/tideline/credentials`.
        views: where what each service sees is laid out.
        ports: where each service listens here.
    """

    folder: Path
    secrets: Path
    views: Path
    ports: dict[str, int]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def run(self, service: Started, *words: str) -> "subprocess.Popen[bytes]":
        """Start a service, or a command in its place, with what it is given and no more."""
        view = self.views / service.name
        given = view / "secrets"
        given.mkdir(parents=True, exist_ok=True)
        for name in service.secrets:
            if (self.secrets / name).exists():
                shutil.copy(self.secrets / name, given)
        for path in service.mounts:
            seen = view / "root" / Path(path).relative_to(ROOT)
            seen.parent.mkdir(parents=True, exist_ok=True)
            if not seen.exists():
                seen.symlink_to(self.folder / Path(path).relative_to(ROOT))
        kept = {name: one for name, one in os.environ.items() if not name.startswith(_OURS)}
        environment = {name: self._here(service, one) for name, one in service.environment.items()}
        command = [self._here(service, one) for one in words or service.words[1:]]
        with (view / "output").open("ab") as output:
            process = subprocess.Popen(
                [TIDELINE, *command],
                env={**kept, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[service.name] = process
        return process

    def said(self, name: str) -> str:
        """What a service printed."""
        return (self.views / name / "output").read_text("utf-8", errors="replace")

    def _here(self, service: Started, written: str) -> str:
        """A word of the file with this machine's places and addresses."""
        view = self.views / service.name
        named = re.fullmatch(r"(restricted|public):4266", written)
        if named:
            return f"127.0.0.1:{self.ports[named[1]]}"
        if service.name in SERVES and written == SERVES[service.name]:
            return str(self.ports[service.name])
        if written == "/run/portal/settings.yaml":
            return str(self.secrets / "portal-settings.yaml")
        here = written.replace("/run/secrets", str(view / "secrets"))
        here = here.replace("/run/tideline", str(view / "instance"))
        return here.replace("0.0.0.0", "127.0.0.1").replace(ROOT, str(view / "root"))

    def ask(self, name: str, query: str, **variables: object) -> str:
        """The answer of a web UI, also one that refuses."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[name]}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError:
            return ""

    def wait_for(self, name: str, what: Callable[[], bool]) -> None:
        """Wait until something is so, while the service runs."""
        until = time.monotonic() + PATIENCE
        while not what():
            assert self.running[name].poll() is None, self.said(name)
            assert time.monotonic() < until, self.said(name)
            time.sleep(0.25)


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
    (logins / "portal-settings.yaml").write_bytes(_settings_of_portal(home))
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


def _settings_of_portal(root: Path) -> bytes:
    home = load_home(root)
    return written_settings(
        PortalSettings(
            mode=home.config.mode,
            address="https://portal.example.org",
            regions=dict(home.config.regions),
            inbox_recipient=home.config.inbox_recipient,
            verifying_keys=(written_public(signing_key(home.secrets)),),
            member_bases=tuple(MemberBasis),
            cooling_off_days=home.config.cooling_off_days,
            close_after_days=home.config.close_after_days,
            notice_version="3",
            notice="Your group is read by a program.",
            contact=home.config.contact,
        )
    )


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


@pytest.mark.parametrize("name", ["backup", "lifetimes", "remind"])
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


def test_nobody_said_that_something_is_wrong(site: Site) -> None:
    for name in site.running:
        wrong = re.findall(r".*(?:Traceback|denied|STEP_BROKEN|UserWarning).*", site.said(name))
        assert not wrong, name
