"""When the server starts, whom it counts as a user, when it stops, and what it never signals."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.embedded_postgres import (
    EMBEDDED,
    cluster,
    join_from_environment,
    leave,
    open_server,
    server,
    url_of,
    uses,
)
from resources.base.database.embedded_postgres.binaries import clean_environment, installation, tool
from resources.base.runs.lifeline import lifeline
from resources.maintenance.database_backup import read_backup, write_backup
from resources.maintenance.database_setup import EMPTYING, LOCKING, as_owner

pytestmark = pytest.mark.slow

USE_UNTIL_TOLD = """
import sys
from pathlib import Path
from resources.base.database.embedded_postgres import open_server
open_server(Path(sys.argv[1]))
print("opened", flush=True)
sys.stdin.read()
"""
DEAF_WHILE_ITS_MASTER_LIVES = """
import signal, sys, time
from pathlib import Path
from resources.base.database.embedded_postgres import leave_all, open_server
from resources.base.runs import lifeline
lifeline._GRACE_SECONDS = 0.1
signal.signal(signal.SIGTERM, signal.SIG_IGN)
lifeline.follow_lifeline(leave_all)
open_server(Path(sys.argv[1]))
print("opened", flush=True)
while True: time.sleep(1)
"""
HOLD_UP_RECOVERY = "restore_command = 'sleep {seconds}; false'\n"


@pytest.fixture
def another_user(data):
    """Starts processes that use the server until their standard input is closed."""
    begun = []

    def begin() -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", USE_UNTIL_TOLD, data],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        begun.append(process)
        assert process.stdout.readline() == b"opened\n"
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def _ends(process: subprocess.Popen) -> int:
    process.communicate(timeout=30)
    return process.returncode


def _is_gone(process: psutil.Process) -> bool:
    """Gone, or dead and not yet taken away by a slow parent."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_last_user_stops_it_however_the_others_ended(data, another_user, postmaster):
    first, second, third = another_user(), another_user(), another_user()
    process = postmaster(data)
    first.kill()
    first.wait()
    # Its number may be taken at once by a process that lives for ever: nobody asks for it.
    assert _ends(second) == 0
    assert process.is_running()
    assert _ends(third) == 0
    assert _is_gone(process)


def test_a_server_whose_users_were_all_killed_is_taken_on(data, another_user, postmaster):
    only = another_user()
    process = postmaster(data)
    only.kill()
    only.wait()
    assert process.is_running()
    open_server(data)
    assert postmaster(data) == process
    leave(data)
    assert _is_gone(process)


def test_one_killed_for_not_ending_with_its_master_stops_the_server_first(data, postmaster):
    """A busy machine: all others had ended when the last of `tideline dev` was killed."""
    with lifeline(data.parent) as ends_with_us:
        deaf = subprocess.Popen(
            [sys.executable, "-c", DEAF_WHILE_ITS_MASTER_LIVES, data],
            env={**os.environ, **ends_with_us},
            stdout=subprocess.PIPE,
        )
        with deaf.stdout:
            assert deaf.stdout.readline() == b"opened\n"
        process = postmaster(data)
    assert deaf.wait(30) == -signal.SIGKILL
    assert _is_gone(process)


def test_a_forked_child_stops_nothing_and_counts_while_it_lives(data, serves, postmaster):
    folder = open_server(data)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        leave(data)
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    process = postmaster(data)
    leave(data)
    assert process.is_running()
    assert serves(folder)
    os.close(writing)
    os.waitpid(child, 0)
    open_server(data)
    leave(data)
    assert _is_gone(process)


def test_dagsters_processes_count_without_starting_anything(
    data, another_user, postmaster, monkeypatch
):
    monkeypatch.setenv(EMBEDDED, str(data))
    join_from_environment()
    assert not uses(data)
    opened = another_user()
    process = postmaster(data)
    join_from_environment()
    assert uses(data)
    assert _ends(opened) == 0
    assert process.is_running()
    leave(data)
    assert _is_gone(process)


def test_many_at_once_start_one(data, postmaster):
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", USE_UNTIL_TOLD, data],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    assert [process.stdout.readline() for process in begun] == [b"opened\n"] * 3
    process = postmaster(data)
    assert [_ends(process) for process in begun] == [0] * 3
    assert _is_gone(process)


def test_a_stale_number_is_of_no_server(data, template, serves, kill_server, postmaster):
    other = data.parent / "other" / "postgres"
    other.parent.mkdir()
    shutil.copytree(template, other)
    open_server(other)
    innocent = subprocess.Popen(["sleep", "600"])
    numbers = {
        "of nobody": 4194304,
        "ours": innocent.pid,
        "our own process": os.getpid(),
        "another postgres": postmaster(other).pid,
    }
    open_server(data)
    try:
        for whose, number in numbers.items():
            kill_server(data)
            leave(data)
            noted = (data / "postmaster.pid").read_text().splitlines()[1:]
            (data / "postmaster.pid").write_text("\n".join([str(number), *noted]))
            for lock in data.glob(".s.PGSQL*.lock"):
                lock.write_text("\n".join([str(number), *noted]))
            assert serves(open_server(data)), whose
            assert postmaster(data).pid != number, whose
        leave(data)
        assert innocent.poll() is None
        assert psutil.Process(numbers["another postgres"]).is_running()
    finally:
        innocent.kill()
        innocent.wait()
        leave(other)


def test_nothing_but_the_folders_own_server_is_signalled_at_the_end(data, postmaster):
    open_server(data)
    process = postmaster(data)
    innocent = subprocess.Popen(["sleep", "600"])
    noted = (data / "postmaster.pid").read_text()
    (data / "postmaster.pid").write_text(noted.replace(str(process.pid), str(innocent.pid), 1))
    try:
        leave(data)
        assert innocent.poll() is None
        assert process.is_running()
    finally:
        innocent.kill()
        innocent.wait()
        (data / "postmaster.pid").write_text(noted)
    open_server(data)
    leave(data)
    assert _is_gone(process)


@pytest.mark.skipif(os.geteuid() == 0, reason="root does not run PostgreSQL by hand")
def test_a_server_started_by_hand_is_left_alone_by_an_ordinary_user(data):
    _started_by_hand(data, ())


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user needs no namespace")
def test_a_server_started_by_hand_is_left_alone_by_root(data):
    _started_by_hand(data, ("unshare", "--user", "--map-user=1", "--map-group=1", "--"))


def _started_by_hand(data: Path, prefix: tuple[str, ...]) -> None:
    command = [*prefix, str(tool("postgres")), "-D", str(data), "-h", "", "-k", str(data)]
    with subprocess.Popen(command, env=clean_environment(), stderr=subprocess.DEVNULL) as by_hand:
        while not (data / ".s.PGSQL.5432").exists():
            time.sleep(0.05)
        with pytest.raises(StorageError, match=r"^POSTGRES_STARTED_BY_OTHERS$"):
            open_server(data)
        # Also where its process can't be seen, as from another container.
        noted = (data / "postmaster.pid").read_text()
        (data / "postmaster.pid").write_text("4194304\n")
        with pytest.raises(StorageError, match=r"^POSTGRES_STARTED_BY_OTHERS$"):
            open_server(data)
        (data / "postmaster.pid").write_text(noted)
        assert by_hand.poll() is None
        by_hand.send_signal(signal.SIGINT)
        assert by_hand.wait(20) == 0


def test_recovery_is_waited_for_and_said(data, serves):
    (data / "recovery.signal").touch()
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(HOLD_UP_RECOVERY.format(seconds=2))
    said = []
    began = time.monotonic()
    assert serves(open_server(data, tell=lambda: said.append(time.monotonic() - began)))
    assert time.monotonic() - began > 4
    assert len(said) == 1


def test_a_recovery_that_stands_still_is_told_and_not_cut_off(
    data, serves, monkeypatch, postmaster
):
    (data / "recovery.signal").touch()
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(HOLD_UP_RECOVERY.format(seconds=3))
    with monkeypatch.context() as patch:
        patch.setattr(server, "_WAIT_SECONDS", 1)
        patch.setattr(server, "_STANDSTILL_SECONDS", 1)
        for _ in range(2):
            with pytest.raises(StorageError, match=r"^POSTGRES_RECOVERING$"):
                open_server(data)
        process = postmaster(data)
    assert serves(open_server(data))
    assert postmaster(data) == process


def test_a_server_that_was_killed_comes_back_at_the_same_address(
    open_folder, template, serves, kill_server
):
    data = open_folder / "a b" / "postgres"
    data.parent.mkdir()
    shutil.copytree(template, data)
    folder = open_server(data)
    assert folder != data
    kill_server(data)
    assert open_server(data) == folder
    assert serves(folder)
    leave(data)
    assert not folder.exists()


def test_opening_what_runs_costs_milliseconds(data):
    open_server(data)
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        open_server(data)
        spent.append(time.perf_counter() - began)
    # The least, for a busy machine makes each of them wait.
    assert min(spent) < 0.05


def test_a_folder_made_by_the_other_bundled_version_is_served(open_folder, serves, tmp_path):
    data = open_folder / "postgres"
    prefix = () if os.geteuid() else ("unshare", "--user", "--map-user=1", "--map-group=1", "--")
    subprocess.run(
        [
            *(*prefix, installation(16) / "bin" / "initdb", "-D", data, "-U", "postgres"),
            *("--auth=trust", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        env=clean_environment(),
    )
    assert (data / "PG_VERSION").read_text() == "16\n"
    folder = open_server(data)
    assert serves(folder)
    # The bundled `pg_restore` is newer, and sets what this server does not know.
    url, backup = url_of(folder), tmp_path / "of.dump"
    with as_owner(url) as connection:
        connection.execute(sa.text("CREATE SCHEMA restricted"))
        connection.execute(sa.text("CREATE TABLE restricted.kept AS SELECT 1 AS one"))
    write_backup(url, backup)
    read_backup(url, backup, first=[LOCKING, *EMPTYING])
    with as_owner(url) as connection:
        assert connection.execute(sa.text("SELECT one FROM restricted.kept")).scalars().all() == [1]
    leave(data)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's homes were given to another user")
def test_roots_home_of_an_earlier_version_is_taken_back(data, serves, monkeypatch):
    former, outside = 54321, data.parent / "outside"
    outside.touch()
    (data / "pg_tblspc" / "1").symlink_to(outside)
    for path in (data, data.parent, outside, *data.rglob("*")):
        os.chown(path, former, former, follow_symlinks=False)
    with pytest.raises(StorageError, match=r"^POSTGRES_FILES_NOT_OURS$"):
        open_server(data)
    (data / "pg_tblspc" / "1").unlink()
    (data / "base" / "link").symlink_to(outside)
    monkeypatch.setattr(cluster, "is_former_system_user", lambda uid: uid == former)
    assert serves(open_server(data))
    assert {path.lstat().st_uid for path in (data, *data.rglob("*"))} == {0}
    assert {path.stat().st_uid for path in (data.parent, outside)} == {former}


def test_the_address_is_the_one_asked_for():
    url = url_of(Path("/home/x"), "tideline_public")
    assert (url.username, url.database, url.password) == ("tideline_public", "postgres", None)
