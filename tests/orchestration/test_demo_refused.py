"""`tideline demo` where it can't work: the true cause, what to do, and nothing left behind."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from assets.core.errors import CATALOGUE
from orchestration.cli import main

NOBODY = 65534
SMALL = ["--days", "7", "--groups", "2", "--without-consent", "0", "--people-per-day", "30"]


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[..., tuple[int, str]]:
    """Runs the command. Returns its exit status and what it said on standard error."""
    monkeypatch.delenv("TIDELINE_HOME", raising=False)

    def run(*words: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tideline", "demo", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        return int(stop.value.code or 0), capsys.readouterr().err

    return run


def everything_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """For root, whom no permission stops."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        yield


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts small disks of given options, where this user may mount."""
    with ExitStack() as mounts:

        def mount(options: str) -> Path:
            folder = tmp_path / "disk"
            folder.mkdir()
            command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
            done = None
            with suppress(FileNotFoundError):
                done = subprocess.run(command, check=False, capture_output=True)
            if done is None or done.returncode:
                pytest.skip("this user may not mount a disk")
            mounts.callback(subprocess.run, ["umount", str(folder)], check=True)
            return folder

        yield mount


def refused(demo, root: Path, code: str, around: Path) -> None:
    before = everything_in(around)
    status, said = demo("--home", root, *SMALL)
    assert said.startswith(f"{code}: "), said
    assert CATALOGUE[code].next_step in said
    assert status == CATALOGUE[code].exit_status
    assert everything_in(around) == before


@pytest.mark.parametrize(
    ("root", "code"),
    [
        ("file/home", "NOT_A_FOLDER"),
        ("file/deeper/home", "NOT_A_FOLDER"),
        ("taken", "NOT_A_FOLDER"),
        ("hindered", "NOT_A_FOLDER"),
        ("n" * 300, "PATH_TOO_LONG"),
        ("new/new/" + "n" * 250, "PATH_TOO_LONG"),
        ("/", "HOME_PATH_INVALID"),
        ("~nobody-of-this-name/home", "HOME_PATH_INVALID"),
        ("there", "HOME_EXISTS"),
    ],
)
def test_a_place_where_no_home_can_be(demo, tmp_path, root, code):
    for file in ("file", "taken", "hindered-secrets"):
        (tmp_path / file).write_bytes(b"kept")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "home.yaml").write_text("kept")
    refused(demo, Path(root) if root[0] in "/~" else tmp_path / root, code, tmp_path)
    assert (tmp_path / "file").read_bytes() == b"kept"


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder that everyone may look into; pytest's own shut out who is not root."""
    folder = Path(tempfile.mkdtemp(prefix="tideline-theirs-"))
    folder.chmod(0o755 if os.geteuid() == 0 else 0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("root", ["home", "deeper/home"])
def test_a_folder_of_somebody_else(demo, theirs, root):
    # All that the command imports late is there before the user changes.
    demo("--home", "/", *SMALL)
    with as_somebody_else():
        refused(demo, theirs / root, "FOLDER_NOT_WRITABLE", theirs)


def test_a_home_of_somebody_else(demo, tmp_path):
    demo("--home", "/", *SMALL)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    if os.geteuid() != 0:
        home.chmod(0)
    with as_somebody_else():
        status, said = demo("--home", home, *SMALL)
    home.chmod(0o700)
    assert said.startswith("ACCESS_REFUSED: ")
    assert status == CATALOGUE["ACCESS_REFUSED"].exit_status


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("ro", "DISK_READ_ONLY"),
        # No room for a folder; for one, and no file in it; for files, and no content.
        ("nr_inodes=1", "DISK_FULL"),
        ("nr_inodes=2", "DISK_FULL"),
        ("size=4k", "DISK_FULL"),
    ],
)
def test_a_disk_that_takes_nothing_more(demo, mounted, options, code):
    disk = mounted(options)
    refused(demo, disk / "home", code, disk)


FAILS_LATE = """
import sys
from assets.core.errors import StorageError
from orchestration.cli import demo, main

def full(*_):
    raise StorageError("DISK_FULL")

demo.deliver_world = full
sys.argv = ["tideline", "demo", *sys.argv[1:]]
main()
"""


@pytest.mark.slow
def test_a_demo_that_is_cut_short_takes_its_database_along():
    """With its own PostgreSQL running, and in folders of which one was there before."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIDELINE_")}
    # Not under pytest's own folder, which shuts the server's user out.
    home = Path(tempfile.mkdtemp(prefix="tideline-cut-"), "home")
    home.parent.chmod(0o755)
    home.mkdir()
    (home / "kept.txt").write_text("kept")
    try:
        done = subprocess.run(
            [sys.executable, "-c", FAILS_LATE, "--home", str(home), *SMALL],
            cwd=Path(__file__).parents[2],
            env=environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == CATALOGUE["DISK_FULL"].exit_status, done.stderr
        assert done.stderr.startswith("DISK_FULL: ")
        assert everything_in(home.parent) == {home, home / "kept.txt"}
    finally:
        shutil.rmtree(home.parent)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--days 5", "7"),
        ("--days 361", "360"),
        ("--days x", "integer"),
        ("--groups 1", "2"),
        ("--groups 501", "500"),
        ("--without-consent -1", "0"),
        ("--groups 4 --without-consent 3", "each of the 2 regions needs a group that consented"),
        ("--people-per-day 29", "30"),
        ("--people-per-day 2001", "2000"),
    ],
)
def test_a_number_out_of_range(demo, tmp_path, words, told):
    status, said = demo("--home", tmp_path / "home", *words.split())
    assert status == 2
    assert told in said.splitlines()[-1]
    assert "Traceback" not in said
    assert everything_in(tmp_path) == set()
