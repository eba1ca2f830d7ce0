"""The whole platform under strace: it calls nobody, looks no name up, and writes in its own places.

Everything is real: a home, its embedded PostgreSQL, the inbox, the models, Dagster's own processes.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from stat import S_IFDIR, S_IFREG

import pytest

from bench.system_calls import STRACE, Act, acts_of
from resources.base.clock import Clock

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("strace") is None and not os.environ.get("TIDELINE_REQUIRE_STRACE"),
        reason="no strace on this machine; on Debian: apt-get install strace",
    ),
]

PROJECT = Path(__file__).parents[2]
COMMANDS = Path(sys.executable).parent
DAYS = 4
"""Since the first one, which may close by now."""

DELIVER_AND_RUN = """
import sys
from datetime import date, timedelta
from pathlib import Path
from orchestration.cli import main
from orchestration.cli.delivering import deliver
from orchestration.cli.session import open_session
from simulation.consents import made_up_terms

root, first, days = Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), int(sys.argv[3])
session = open_session(root)
said = (
    "long shift again and nobody came to help {n}",
    "mail me at carer{n}@fernleigh-care.co.uk or look at https://www.fernleigh-care.co.uk/rota{n}",
    "ring 07700 90046{n} or the office in SW1A 2AA before half past nine {n}",
)
terms = made_up_terms(first, first + timedelta(days=60), informed_on=first)
for group in range(3):
    group_ref = session.register.grant(terms, session.clock.now())
    lines = [
        f"{first + timedelta(days=d):%d/%m/%Y}, {9 + n:02d}:1{k} - Carer {n}: "
        + one.format(n=n) + f" {group}{d}{n}\\n"
        for d in range(days + 1) for n in range(6) for k, one in enumerate(said)
    ]
    path = root.with_name("chat.txt")
    path.write_text("".join(lines))
    deliver(session, group_ref, path)
    path.unlink()
sys.argv = ["tideline", "run", "--from", str(first), "--to", str(first)]
main()
"""


@dataclass(frozen=True)
class Place:
    """Fresh folders for one home and for all that a user has around it."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def own(self) -> tuple[Path, ...]:
        """Where Tideline may write: home, inbox, secrets, the temporary folder, sockets."""
        names = ("home", "home-inbox", "home-secrets", "temporary", "runtime", "chat.txt")
        return tuple(self.root / name for name in names)

    @property
    def environment(self) -> dict[str, str]:
        """A user's, with every folder that libraries take for themselves beside the home's."""
        kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")
        user = self.root / "user"
        return {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(user),
            "TMPDIR": str(self.root / "temporary"),
            "XDG_RUNTIME_DIR": str(self.root / "runtime"),
            "XDG_CACHE_HOME": str(user / "cache"),
            "XDG_CONFIG_HOME": str(user / "config"),
            "XDG_DATA_HOME": str(user / "data"),
            "XDG_STATE_HOME": str(user / "state"),
            "TIDELINE_HOME": str(self.home),
        }

    def traced(self, name: str, *command: str) -> list[str]:
        return [*STRACE, "-o", str(self.root / "traces" / name), *command]

    def acts(self, name: str) -> set[Act]:
        return acts_of(self.root / "traces" / name, PROJECT)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A new home, made under strace too."""
    # Not under pytest's own folder, which shuts the server's user out.
    made = Place(Path(tempfile.mkdtemp(prefix="tideline-quiet-")))
    made.root.chmod(0o755)
    for name in ("user", "temporary", "runtime", "traces"):
        (made.root / name).mkdir()
    command = [COMMANDS / "tideline", "init", "--mode", "synthetic", "--cooling-off-days", "0"]
    run_traced(made, "init", *command, "--first-day", str(first_day()))
    yield made
    shutil.rmtree(made.root, ignore_errors=True)


def first_day() -> date:
    return Clock().today() - timedelta(days=DAYS)


def run_traced(place: Place, name: str, *command: str | Path) -> set[Act]:
    """Run a command that must succeed. Returns what it did outside itself."""
    done = subprocess.run(
        place.traced(name, *map(str, command)),
        cwd=PROJECT,
        env=place.environment,
        umask=0o077,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place.acts(name)


NAMED = {
    # What our processes do in other places, and why that tells nobody anything.
    r"writes /dev/null": "what is thrown away",
    r"writes .+/__pycache__(/[^/]+\.pyc(\.\d+)?)?": "Python's own copies of the code",
    r"writes /dev/shm/sem\.[^/]+": "tqdm's lock: a counter, made and unlinked at once",
    r"writes /dev/shm/PostgreSQL\.\d+": "the embedded server's workers, gone with it",
    r"writes /proc/self/(uid_map|gid_map|setgroups)": "the namespace of the embedded server",
    r"connects /proc/self/fd/\d+/\.s\.PGSQL\.\d+": "its socket, by the folder that it lies in",
    r"writes .+ EEXIST": "what is there already, and stays as it is",
    r"looks up /var/run/nscd/socket ENOENT": "glibc wants the name of a user, and nobody listens",
}


def foreign(acts: set[Act], place: Place) -> list[Act]:
    """Acts beyond what is configured, in order."""
    return sorted(
        act
        for act in acts
        if not any(Path(act.target).is_relative_to(own) for own in place.own)
        and not any(
            re.fullmatch(named, said)
            for named in NAMED
            for said in (
                f"{act.kind} {act.target}",
                f"{act.kind} {act.target} {act.failed}",
                f"{act.kind} {act.target} {act.call}",
            )
        )
    )


def is_between_dagsters(act: Act) -> bool:
    """Whether it is a connection between Dagster's own processes: gRPC and web UI, this machine."""
    return act.kind == "connects" and act.target.split()[0] in ("127.0.0.1", "::1")


def left_behind(place: Place) -> set[Path]:
    """What is still in the temporary folder, or came to be in the user's own."""
    return {path for name in ("temporary", "user") for path in (place.root / name).rglob("*")}


def ask(port: int, query: str, **variables: object) -> dict | None:
    """What the UI's GraphQL endpoint answers; None while it does not."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": query, "variables": variables}).encode(),
        {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)["data"]
    except OSError:
        return None


def launched(port: int) -> str | None:
    """Identifier of a run of `lifetimes`, launched as the UI launches one."""
    answer = ask(
        port,
        """mutation($params: ExecutionParams!) {
            launchRun(executionParams: $params) {... on LaunchRunSuccess {run {runId}}}}""",
        params={
            "selector": {
                "repositoryLocationName": "restricted",
                "repositoryName": "__repository__",
                "jobName": "lifetimes",
            },
            "runConfigData": {},
        },
    )
    return answer["launchRun"]["run"]["runId"] if answer and answer["launchRun"] else None


def ended(port: int, run: str) -> str | None:
    """How a run ended; None before."""
    answer = ask(port, "query($id: ID!) {runOrError(runId: $id) {... on Run {status}}}", id=run)
    status = answer and answer["runOrError"]["status"]
    return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None


def wait_for(what: Callable[[], str | None], process: subprocess.Popen) -> str:
    """What the function gives once it gives something."""
    end = time.monotonic() + 400
    while time.monotonic() < end:
        assert process.poll() is None
        found = what()
        if found:
            return found
        time.sleep(0.5)
    pytest.fail("no answer within 400 s")


@pytest.mark.parametrize(
    "act",
    [
        # Seen with ORT_DISABLE_TELEMETRY taken out of the table.
        Act("looks up", "/etc/hosts", "openat"),
        Act("looks up", "/etc/resolv.conf", "openat"),
        Act("looks up", "10.0.0.53 53", "connect"),
        Act("writes", "/a/user/cache/Microsoft/DeveloperTools", "mkdir"),
        Act("connects", "10.0.0.9 443", "connect", "EINPROGRESS"),
        Act("connects", "127.0.0.1 5432", "connect"),
        Act("looks up", "/var/run/nscd/socket", "connect"),
        Act("writes", "/a/home-other/file", "openat"),
        Act("writes", "/dev/shm/torch_1", "openat"),
        Act("writes", "/etc/passwd", "rename", "EACCES"),
    ],
)
def test_an_act_of_another_kind_is_found(act: Act) -> None:
    place = Place(Path("/a"))
    known = Act("writes", "/a/home/file", "openat"), Act("writes", "/dev/null", "openat")
    assert foreign({*known, act}, place) == [act]


def test_nothing_reports_home_from_dagsters_own_processes(place: Place) -> None:
    """`dev`: web UI, daemon, code servers, and a run launched from the UI."""
    # Before anything is delivered or released, or sensors would ask for runs that outlast the test.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (place.root / "output").open("w+b") as output:
        process = subprocess.Popen(
            place.traced("dev", str(COMMANDS / "tideline"), "dev", "--port", str(port)),
            cwd=PROJECT,
            env=place.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            run = wait_for(lambda: launched(port), process)
            assert wait_for(lambda: ended(port, run), process) == "SUCCESS"
        finally:
            # strace keeps signals from itself while what it traces lives.
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=300)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    acts = place.acts("init") | place.acts("dev")
    assert any(act.kind == "connects" and act.target.startswith(str(place.home)) for act in acts)
    assert not {act for act in foreign(acts, place) if not is_between_dagsters(act)}
    assert left_behind(place) == set()


def test_nothing_reports_home_while_chats_become_a_page(place: Place) -> None:
    """Delivered, and `run`: collect, release and publish."""
    command = [sys.executable, "-c", DELIVER_AND_RUN, place.home, str(first_day()), str(DAYS)]
    acts = run_traced(place, "run", *command)
    # What has to be there if anything was seen.
    assert (place.home / "public" / "index.html").is_file()
    for written in ("home/public/index.html", "home/vectors", "home/keys", "home-inbox"):
        assert any(act.target.startswith(str(place.root / written)) for act in acts), written
    assert not foreign(acts, place)
    assert left_behind(place) == set()
    # What is public may be read by everyone, also where this user's files are private.
    modes = {path.stat().st_mode for path in (place.home / "public").rglob("*")}
    assert modes == {S_IFREG | 0o644, S_IFDIR | 0o755}
