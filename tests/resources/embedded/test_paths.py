"""A home may lie anywhere, and the caller's settings don't matter."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from resources.base.database.embedded_postgres import leave, open_server, run_client, url_of

pytestmark = pytest.mark.slow

LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True)
class Case:
    """Where a home lies, and what its caller has set."""

    home: str = "a b"
    length: int = 0
    umask: int = 0o022
    given: Mapping[str, str] = field(default_factory=dict)


CASES = {
    # Signs alone that an earlier version or a half measure broke on; then with all others.
    "a space, open to everybody, another's locale and server": Case(
        "a b",
        umask=0,
        given={"LC_ALL": "en_GB.UTF-8", "LANG": "no such", "PGHOSTADDR": "192.0.2.1"}
        | {"PGPORT": "1"},
    ),
    "a variable's name, closed to the owner, folders that are nowhere": Case(
        "a$HOMEb",
        umask=0o777,
        given={"LC_CTYPE": "UTF-8", "TMPDIR": "/nowhere", "XDG_RUNTIME_DIR": "/nowhere"}
        | {"PGHOST": "nowhere.invalid", "PGSERVICE": "x", "PGREQUIREPEER": "x", "PGUSER": "x"},
    ),
    "every sign": Case("a+%41&'(é)#?`id`\"\\,;=@字~*{x} <|!\n\t -x\udcffb"),
    "81 long": Case("", 81),
    "82 long": Case("", 82),
    "900 long": Case("", 900),
}


def _private(folder: Path) -> bool:
    found = [folder, *folder.rglob("*")]
    return all(stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0 for path in found)


@pytest.mark.parametrize("name", CASES)
def test_a_home_may_lie_anywhere_and_nothing_above_it_is_touched(
    open_folder, serves, monkeypatch, name
):
    case = CASES[name]
    home = open_folder / "private" / case.home
    while len(str(home)) < case.length:
        home /= "d" * min(200, max(1, case.length - len(str(home)) - 1))
    home.mkdir(parents=True)
    beside = open_folder / "private" / "beside"
    beside.write_text("x")
    beside.chmod(0o640)
    beside.parent.chmod(0o700)
    above = [home, *home.parents, beside]
    modes = [(path.stat().st_mode, path.stat().st_uid) for path in above]
    accounts = Path("/etc/passwd").read_bytes()
    for variable in ("PGHOST", "LC_ALL", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in case.given.items():
        monkeypatch.setenv(variable, value)
    data = home / "postgres"
    before = os.umask(case.umask)
    try:
        folder = open_server(data)
        assert serves(folder)
        assert len(str(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH
        assert stat.S_IMODE(folder.lstat().st_mode) == 0o700
        for one in (data, data.with_name("postgres-run"), folder):
            assert _private(one)
        if not case.given:
            asked = run_client("psql", ["-Atc", "SELECT 40 + 2"], url_of(folder))
            assert asked.stdout == b"42\n"
    finally:
        leave(data)
        os.umask(before)
    assert not list(folder.glob(".s.PGSQL*"))
    assert folder == data or not folder.exists()
    assert [(path.stat().st_mode, path.stat().st_uid) for path in above] == modes
    assert Path("/etc/passwd").read_bytes() == accounts
    assert sorted(path.name for path in home.iterdir()) == ["postgres", "postgres-run"]


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
