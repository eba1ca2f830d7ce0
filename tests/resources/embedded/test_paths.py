"""A home may lie anywhere, and the caller's settings don't matter."""

import os
import stat
from pathlib import Path

import pytest

from resources.base.database.embedded_postgres import leave, open_server, run_client, url_of

pytestmark = pytest.mark.slow

LONGEST_SOCKET_PATH = 107
SIGNS = [
    " ",
    "$HOME",
    "+%41&'(é)#?`id`\"\\,;=@字~*{x} <|!\n\t -x\udcff",
]
"""Some alone, which an earlier version or a half measure broke on; together the others."""


def _private(folder: Path) -> bool:
    found = [folder, *folder.rglob("*")]
    return all(stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0 for path in found)


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_any_sign_in_the_path(open_folder, serves, sign):
    data = open_folder / f"a{sign}b" / "postgres"
    data.parent.mkdir()
    folder = open_server(data)
    try:
        assert serves(folder)
        assert stat.S_IMODE(folder.lstat().st_mode) == 0o700
        asked = run_client("psql", ["-Atc", "SELECT 40 + 2"], url_of(folder))
        assert asked.stdout == b"42\n"
    finally:
        leave(data)
    assert not list(folder.glob(".s.PGSQL*"))
    assert folder == data or not folder.exists()


@pytest.mark.parametrize("length", [81, 82, 900])
def test_any_length_of_the_path(open_folder, template, serves, length):
    home = open_folder
    while len(str(home)) < length:
        home /= "d" * min(200, max(1, length - len(str(home)) - 1))
    data = home / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    folder = open_server(data)
    try:
        assert serves(folder)
        assert len(str(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH
        assert stat.S_IMODE(folder.lstat().st_mode) == 0o700
    finally:
        leave(data)
    assert folder == data or not folder.exists()


@pytest.mark.parametrize("umask", [0, 0o777])
def test_no_umask_opens_or_closes_anything(open_folder, serves, umask):
    data = open_folder / "a b" / "postgres"
    data.parent.mkdir()
    before = os.umask(umask)
    try:
        folder = open_server(data)
        assert serves(folder)
        for one in (data, data.with_name("postgres-run"), folder):
            assert _private(one)
    finally:
        leave(data)
        os.umask(before)


@pytest.mark.parametrize(
    "given",
    [
        {"LC_ALL": "en_GB.UTF-8", "LANG": "no such", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1"},
        {"LC_CTYPE": "UTF-8", "TMPDIR": "/nowhere", "XDG_RUNTIME_DIR": "/nowhere"}
        | {"PGHOST": "nowhere.invalid", "PGSERVICE": "x", "PGREQUIREPEER": "x", "PGUSER": "x"},
    ],
    ids="-".join,
)
def test_the_callers_environment_does_not_matter(
    open_folder, serves, monkeypatch, given: dict[str, str]
):
    for name in ("PGHOST", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    data = open_folder / "a b" / "postgres"
    data.parent.mkdir()
    try:
        assert serves(open_server(data))
    finally:
        leave(data)


def test_a_runtime_folder_open_to_others_is_not_used(open_folder, monkeypatch, serves):
    open_to_all, ours = open_folder / "open", open_folder / "ours"
    open_to_all.mkdir(mode=0o755)
    ours.mkdir(mode=0o700)
    data = open_folder / "a b" / "postgres"
    data.parent.mkdir()
    for given, used in ((open_to_all, False), (ours, True)):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(given))
        folder = open_server(data)
        assert serves(folder)
        assert (folder.parent == given) == used
        leave(data)


def test_nothing_above_the_data_is_touched(open_folder):
    home = open_folder / "p" / "private" / "home"
    home.mkdir(parents=True)
    for folder in (home.parent, home.parent.parent):
        folder.chmod(0o700)
    beside = home.parent / "beside"
    beside.write_text("x")
    beside.chmod(0o640)
    above = [home, *home.parents, beside]
    before = [(path.stat().st_mode, path.stat().st_uid) for path in above]
    accounts = Path("/etc/passwd").read_bytes()
    open_server(home / "postgres")
    leave(home / "postgres")
    assert [(path.stat().st_mode, path.stat().st_uid) for path in above] == before
    assert Path("/etc/passwd").read_bytes() == accounts
    assert sorted(path.name for path in home.iterdir()) == ["postgres", "postgres-run"]
