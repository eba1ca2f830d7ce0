"""Embedded servers for tests, and other users of this machine to try them."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from resources.base.database.embedded_postgres import leave, open_server, url_of

PROJECT = Path(__file__).parents[3]
COMMANDS = Path(sys.executable).parent

# What another user needs to run this interpreter may lie in a folder closed to them, such as
# root's own. In a mount namespace of the one command, such a folder is covered by an empty one that
# holds only what is needed; nothing of the machine changes.
_AS_ANOTHER = """
set -ef
# Lists have an item a line, for a path may hold a space.
line='
'
IFS=$line
number=$1; covered=$2; shift 2
while [ "$1" != -- ]; do
  if [ -n "$covered" ]; then
    made=$(mktemp -d); mount --bind "$1" "$made"
    staged="$staged$line$made"; needed="$needed$line$1"
  fi
  shift
done
shift
for folder in $covered; do mount -t tmpfs -o mode=755 none "$folder"; done
set_to() { for one in $needed; do mkdir -p "$one"; mount --bind "$1" "$one"; shift; done; }
set_to $staged
cd /
exec setpriv --reuid="$number" --regid="$number" --clear-groups "$@"
"""


@pytest.fixture(autouse=True)
def _no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIDELINE_PG_URL", raising=False)
    monkeypatch.delenv("TIDELINE_EMBEDDED_POSTGRES", raising=False)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder with a short path that every user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="tl-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been made and stopped, to copy from."""
    data = tmp_path_factory.mktemp("template") / "postgres"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TIDELINE_PG_URL", raising=False)
        open_server(data)
        leave(data)
    return data


@pytest.fixture
def data(template: Path, open_folder: Path) -> Iterator[Path]:
    """A data folder of its own for a test."""
    folder = open_folder / "home" / "postgres"
    folder.parent.mkdir()
    # A thousand files, which Python takes three times as long over.
    subprocess.run(["cp", "-R", "-p", "-P", template, folder], check=True)
    folder.chmod(0o700)
    yield folder
    leave(folder)


@pytest.fixture
def serves() -> Callable[[Path], bool]:
    """Whether the server whose socket lies there answers, asked by way of its written URL."""

    def asked(folder: Path, role: str = "postgres") -> bool:
        written = url_of(folder, role).render_as_string(hide_password=False)
        engine = sa.create_engine(sa.make_url(written))
        with engine.connect() as connection:
            answer = connection.execute(sa.text("SELECT current_user")).scalar()
        engine.dispose()
        return answer == role

    return asked


@pytest.fixture
def postmaster() -> Callable[[Path], psutil.Process]:
    """The first process of the server of a data folder."""

    def found(data: Path) -> psutil.Process:
        number = int((data / "postmaster.pid").read_text("utf-8").splitlines()[0])
        process = psutil.Process(number)
        assert process.name() == "postgres"
        return process

    return found


@pytest.fixture
def kill_server(postmaster: Callable) -> Callable[[Path], None]:
    """Kill a server and all its processes, as a power cut does."""

    def kill(data: Path) -> None:
        first = postmaster(data)
        # Stopped before its children die, or it would see them go.
        first.suspend()
        for process in (*first.children(recursive=True), first):
            process.kill()
        first.wait(10)

    return kill


@pytest.fixture(scope="session")
def other_accounts() -> list[pwd.struct_passwd]:
    """Two ordinary accounts of this machine: the first is the one that root's server takes on."""
    known = sorted(pwd.getpwall(), key=lambda one: one.pw_uid)
    return [one for one in known if one.pw_uid not in {0, os.geteuid(), 65534}][:2]


@pytest.fixture(scope="session")
def as_user() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command as another user, who can read this interpreter and nothing closed to them."""
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("only root, with util-linux's setpriv, can run a command as another user")
    needed = sorted({sys.base_prefix, sys.prefix, str(PROJECT)})
    covered = sorted({str(one) for path in needed if (one := _first_closed(Path(path)))})

    def run(number: int, *command: object, **given: object) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{COMMANDS}:{os.defpath}", "PYTHONPATH": str(PROJECT)}
        return subprocess.run(
            [
                *("unshare", "--mount", "--propagation", "private", "--"),
                *("sh", "-c", _AS_ANOTHER, "sh", str(number), "\n".join(covered), *needed, "--"),
                *map(str, command),
            ],
            env={**environment, **given.pop("env", {})},  # pyright: ignore[reportCallIssue]
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
            **given,  # pyright: ignore[reportArgumentType]
        )

    if run(12345, sys.executable, "-c", "").returncode:
        pytest.skip("no mount namespace to show this interpreter to another user in")
    return run


def _first_closed(path: Path) -> Path | None:
    """The highest folder above the path that not everybody may enter."""
    return next(
        (one for one in [*reversed(path.parents), path] if not one.stat().st_mode & 1), None
    )
