"""`tideline connect`: what it refuses, and that it needs no home."""

import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command_line import exit_status
from filelock import FileLock
from made_connector import Connector

from assets.core.errors import CATALOGUE
from assets.core.modes import Mode
from orchestration.cli.of_the_home import not_of_connector
from orchestration.cli.session import open_session
from orchestration.connect.running import LOCK
from resources.stores.connect.settings import read_settings, written_settings
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.study.platform_terms import Check, note_check


class Shell:
    """Commands in this process, with what they said."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: Any) -> None:
        self._patch, self._capsys = patch, capsys

    def __call__(self, *words: str, typed: str = "") -> tuple[int, str]:
        self._patch.setattr("sys.stdin", io.StringIO(typed))
        status = exit_status(self._patch, *words)
        said = self._capsys.readouterr()
        return status, said.out + said.err

    def refused(self, code: str, *words: str, typed: str = "") -> None:
        status, said = self(*words, typed=typed)
        assert code in said
        assert status == CATALOGUE[code].exit_status


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Shell:
    others = not_of_connector("matrix")
    assert {*others} >= {
        "TIDELINE_PORTAL_PG_URL",
        "TIDELINE_TELEGRAM_TOKEN",
        "TIDELINE_TEAMS_SECRET",
    }
    for name in others:
        monkeypatch.delenv(name, raising=False)
    return Shell(monkeypatch, capsys)


@pytest.fixture
def file(connector: Connector) -> str:
    path = connector.folder / "settings.yaml"
    path.write_bytes(written_settings(connector.settings))
    return str(path)


def test_what_a_connector_refuses(
    shell: Shell, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = ("connect", "matrix", "--once", "--settings")
    shell.refused("CONNECTOR_TOKEN_MISSING", *start, file)
    monkeypatch.setenv("TIDELINE_MATRIX_TOKEN", "syt_zandermoor")
    shell.refused("CONNECTOR_SETTINGS_MISSING", *start, str(tmp_path / "none"))
    # Taken out of the environment, so that nothing that it starts has it.
    assert "TIDELINE_MATRIX_TOKEN" not in os.environ
    for written in (b"", b"form: other", b"\xff", Path(file).read_bytes() + b"more: 1\n"):
        monkeypatch.setenv("TIDELINE_MATRIX_TOKEN", "syt_zandermoor")
        other = tmp_path / "other.yaml"
        other.write_bytes(written)
        shell.refused("CONNECTOR_SETTINGS_INVALID", *start, str(other))
    monkeypatch.setenv("TIDELINE_MATRIX_TOKEN", "syt_zandermoor")
    with FileLock(Path(file).parent / LOCK):
        shell.refused("CONNECTOR_RUNS_ALREADY", *start, file)
    others = not_of_connector("matrix")
    assert {*others} >= {
        "TIDELINE_PORTAL_PG_URL",
        "TIDELINE_TELEGRAM_TOKEN",
        "TIDELINE_TEAMS_SECRET",
    }
    for name in others:
        monkeypatch.setenv(name, "x")
        shell.refused("CONNECTOR_HOLDS_TOO_MUCH", *start, file)
        monkeypatch.delenv(name)


def test_without_its_package_it_says_what_to_install(
    shell: Shell, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.split(".")[0] == "nio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "orchestration.connect.matrix.rooms", raising=False)
    monkeypatch.setitem(sys.modules, "nio", None)
    monkeypatch.setenv("TIDELINE_MATRIX_TOKEN", "syt_zandermoor")
    status, said = shell("connect", "matrix", "--once", "--settings", file)
    assert status == CATALOGUE["CONNECTOR_EXTRA_MISSING"].exit_status
    assert "pip install '.[connect-matrix]'" in said


def test_a_connector_loads_no_database_and_no_reader() -> None:
    """Nor anything that could open what is sealed."""
    assert importlib.util.find_spec("nio") is not None
    code = (
        "import sys, orchestration.connect.matrix.rooms, orchestration.connect.running\n"
        "import orchestration.connect.telegram.turns, orchestration.connect.teams.puller\n"
        "print([one for one in sys.modules if one.split('.')[0] in ('sqlalchemy', 'dagster')"
        " or one.startswith(('assets.restricted', 'resources.wiring', 'resources.base.keys'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=600, check=True
    )
    assert done.stdout == "[]\n"


SETTINGS = (
    *("connect", "settings", "matrix", "--server", "https://matrix.example.org/"),
    *("--organisation", "Example University", "--contact", "study@example.org"),
)


@pytest.fixture
def home(session: Any, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    monkeypatch.setenv("TIDELINE_PG_URL", session.url.render_as_string(hide_password=False))
    session.clock.set_to(date(2026, 10, 11))
    return session


def test_settings_hold_what_the_home_says_and_no_secret(home: Any, shell: Shell) -> None:
    status, said = shell(*SETTINGS)
    assert status == 0, said
    file = home.home.connectors / "matrix" / "settings.yaml"
    given, config = read_settings(file, "matrix"), home.home.config
    assert given.server == "https://matrix.example.org"
    assert given.user_agent == "Tideline (Example University; study@example.org)"
    assert (given.inbox, given.inbox_recipient) == (config.inbox, config.inbox_recipient)
    assert "AGE-SECRET" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_the_home_refuses(
    home: Any, shell: Shell, terms: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.refused("PLATFORM_UNKNOWN", *SETTINGS[:2], "pigeon", *SETTINGS[3:])
    shell.refused("CONNECTOR_SETTINGS_INVALID", *SETTINGS, "--server", "matrix.example.org")
    matrix, chat = terms(platform="matrix"), terms()
    ours, whatsapp = (home.register.grant(one, home.clock.now()) for one in (matrix, chat))
    shell.refused("CONNECTOR_PLATFORM_UNKNOWN", "connect", "add", whatsapp, typed="!a:b\n")
    shell.refused("CHAT_MISSING", "connect", "add", ours)
    shell.refused("CONNECTOR_SETTINGS_MISSING", "connect", "add", ours, typed="!a:b\n")
    assert shell(*SETTINGS)[0] == 0
    status, said = shell("connect", "add", ours, typed="!wobblequex:b\n")
    assert status == 0
    assert "wobblequex" not in said
    assert "Taken from 1 lists" in shell("connect", "remove", ours)[1]
    assert "Taken from 0 lists" in shell("connect", "remove", ours)[1]
    home.ways_out.leaving.withdraw(ours, home.clock.now())
    shell.refused("CONSENT_WITHDRAWN", "connect", "add", ours, typed="!a:b\n")


@pytest.fixture
def study(
    tmp_path: Path,
    database_url: Any,
    clock: Any,
    make_home_on_tables: Callable[..., Any],
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """A study's home on 15 October 2026."""
    root = tmp_path / "study"
    monkeypatch.setenv("TIDELINE_HOME", str(root))
    monkeypatch.setenv("TIDELINE_PG_URL", database_url.render_as_string(hide_password=False))
    make_home_on_tables(
        root,
        Mode.STUDY,
        first_day=date(2026, 9, 1),
        contact="care-study@lse.ac.uk",
        member_bases=(MemberBasis.NOTICE_WITH_OBJECTION,),
    )
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: clock)
    opened = open_session(root, clock)
    yield opened
    opened.database.dispose()


def test_a_study_permits_the_platform_and_looks_at_its_terms(
    study: Any,
    shell: Shell,
    write_register: Any,
    study_entries: Any,
    terms: Callable[..., Any],
    clock: Any,
) -> None:
    """Where settings are written, and ever anew where the list of rooms is."""
    home = study.home
    write_register(home)
    shell.refused("PLATFORM_NOT_PERMITTED", *SETTINGS)
    entries = study_entries(home)
    platforms = entries["platform_permission"]["platforms"]
    platforms["matrix"] = {**platforms["whatsapp"], "terms_sha256": "a" * 64}
    write_register(home, entries)
    shell.refused("PLATFORM_TERMS_UNCHECKED", *SETTINGS)
    assert not home.connectors.exists()
    note_check(home, {"matrix": Check("a" * 64, date(2026, 10, 14))})
    write_register(home, entries)
    shell.refused("CONNECTOR_SETTINGS_INVALID", *SETTINGS, "--server", "http://x.test")
    status, said = shell(*SETTINGS)
    assert status == 0, said
    assert read_settings(home.connectors / "matrix" / "settings.yaml", "matrix").terms_sha256 == (
        "a" * 64
    )
    ref = study.register.grant(terms(platform="matrix"), clock.now())
    assert shell("connect", "add", ref, typed="!a:b\n")[0] == 0
    connectors = study.ways_out.connectors
    assert [one.refused for one in connectors.rooms("matrix")] == [None]
    # Nobody has looked at them for longer than the study allows itself.
    clock.set_to(date(2027, 2, 1))
    study.ways_out.refresh_connectors(clock.now())
    (room,) = connectors.rooms("matrix")
    assert (room.refused, room.starts) != (None, None)
    assert not room.may_be_read
    clock.set_to(date(2026, 10, 16))
    note_check(home, {"matrix": Check("b" * 64, date(2026, 10, 16), date(2026, 10, 16))})
    study.ways_out.refresh_connectors(clock.now())
    assert [one.refused for one in connectors.rooms("matrix")] == ["PLATFORM_TERMS_CHANGED"]
