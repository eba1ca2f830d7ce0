"""Other users of the machine: each has a server of their own, and nobody gets into another's."""

import os
import stat
import sys

import pytest

from assets.core.errors import StorageError
from resources.base.database.embedded_postgres import EMBEDDED, leave, open_server

pytestmark = pytest.mark.slow

TRY_TO_CONNECT = """
import sys
import psycopg2
for role in ("postgres", "tideline_public", "nobody"):
    try:
        psycopg2.connect(host=sys.argv[1], port=5432, user=role, dbname="postgres")
        print("in as", role)
    except psycopg2.OperationalError as error:
        print("out:", *str(error).split())
"""
OPEN_AND_ASK = """
import sys
from pathlib import Path
from assets.core.errors import StorageError
from resources.base.database.embedded_postgres import open_server, url_of
import sqlalchemy as sa
with sa.create_engine(url_of(open_server(Path(sys.argv[1])))).connect() as connection:
    print(connection.execute(sa.text("SELECT 40 + 2")).scalar())
"""


@pytest.mark.parametrize("way", ["as it is", "home's folder open", "long path and umask 0"])
def test_nobody_else_connects_or_reads(open_folder, as_user, other_accounts, serves, way):
    long = "d" * 100 if way != "as it is" else "d"
    data = open_folder / long / "home" / "postgres"
    data.parent.mkdir(parents=True)
    before = os.umask(0 if "umask 0" in way else 0o022)
    folder = open_server(data)
    try:
        assert serves(folder)
        if way == "home's folder open":
            # Whoever opens the folders by mistake has not let anybody in yet.
            folder.chmod(0o777)
            (folder / ".s.PGSQL.5432").chmod(0o777)
        for account in other_accounts:
            tried = as_user(account.pw_uid, sys.executable, "-c", TRY_TO_CONNECT, folder)
            said = tried.stdout.splitlines()
            assert len(said) == 3, tried.stderr
            assert all(line.startswith("out: ") for line in said)
            word = "authentication failed" if way == "home's folder open" else "Permission denied"
            assert all(word in line for line in said)
            found = as_user(
                account.pw_uid,
                *("find", data.parent, folder, data.with_name("postgres-run")),
                *("!", "-type", "d", "(", "-readable", "-o", "-writable", ")", "-print"),
            )
            sockets = {str(folder / ".s.PGSQL.5432")} if way == "home's folder open" else set()
            assert set(found.stdout.splitlines()) <= sockets
    finally:
        # A folder that is open to others is not taken for ours, and would be left behind.
        folder.chmod(0o700)
        leave(data)
        os.umask(before)


def test_two_users_of_a_machine_have_one_each(open_folder, as_user, other_accounts, serves):
    # 12345 has no name here, as in a container that is given a number; root's own is the third.
    opened = open_server(open_folder / "postgres")
    try:
        for number in (other_accounts[1].pw_uid, 12345):
            home = open_folder / f"{number} home"
            home.mkdir(mode=0o700)
            os.chown(home, number, number)
            # The second finds what the first has made.
            for _ in range(2 if number == 12345 else 1):
                done = as_user(number, sys.executable, "-c", OPEN_AND_ASK, home / "postgres")
                assert done.stdout == "42\n", done.stderr
            assert stat.S_IMODE((home / "postgres-run").stat().st_mode) == 0o700
        assert serves(opened)
    finally:
        leave(open_folder / "postgres")


def test_a_home_of_somebody_else_is_left_as_it_is(data, as_user, other_accounts):
    number = other_accounts[1].pw_uid
    for path in (data.parent, data, *data.rglob("*")):
        os.chown(path, number, number, follow_symlinks=False)
    with pytest.raises(StorageError, match=r"^POSTGRES_FILES_NOT_OURS$"):
        open_server(data)
    assert not data.with_name("postgres-run").exists()
    assert {path.stat().st_uid for path in (data, *data.rglob("*"))} == {number}
    done = as_user(number, sys.executable, "-c", OPEN_AND_ASK, data)
    assert done.stdout == "42\n", done.stderr


def test_the_readmes_command_for_anybody_anywhere(open_folder, as_user, other_accounts):
    """In a path with spaces and 120 signs, under a missing locale."""
    number = other_accounts[1].pw_uid
    parent = open_folder / f"of {number} {'long ' * 25}"
    parent.mkdir(mode=0o700)
    os.chown(parent, number, number)
    given = {"TIDELINE_HOME": str(parent / "my home"), "LC_ALL": "en_GB.UTF-8", EMBEDDED: ""}
    done = as_user(number, "tideline", "init", "--mode", "synthetic", env=given)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
