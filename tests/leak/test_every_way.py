"""Text planted in every known way: none of it is found anywhere; with seal and guard off it is."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from sqlalchemy.engine import URL

from orchestration.instance_files import instance_template
from resources.base.database.connection import Database
from resources.base.database.postgres import dagster_url
from resources.containment.marker_scan import scan_bytes, scan_database, scan_folder
from resources.maintenance.database_setup import as_owner

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
PLAIN_STORAGES = {
    "run_storage": {"module": "dagster_postgres.run_storage", "class": "PostgresRunStorage"},
    "schedule_storage": {
        "module": "dagster_postgres.schedule_storage",
        "class": "PostgresScheduleStorage",
    },
    "event_log_storage": {
        "module": "dagster_postgres.event_log",
        "class": "PostgresEventLogStorage",
    },
}
"""Dagster as it comes, but for where its database is and what it would send home."""
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Row:
    """One row of the table in ways.py."""

    path: int
    word: str
    by_default: bool


def _environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TIDELINE", "PYTEST"))}
    return {**kept, "PYTHONPATH": f"{PROJECT}{os.pathsep}{HERE}", **more}


@contextmanager
def _listener() -> Iterator[tuple[str, list[bytes]]]:
    """A socket that others could listen at, and what they heard."""
    heard: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/s")
        server.listen()

        def listen() -> None:
            while True:
                called, _ = server.accept()
                with called:
                    while some := called.recv(4096):
                        heard.append(some)
                        if some == b"end":
                            return

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"{folder}/s", heard
        finally:
            with socket.socket(socket.AF_UNIX) as last:
                last.connect(f"{folder}/s")
                last.sendall(b"end")
            thread.join()


@contextmanager
def _database(server_url: URL, template: str) -> Iterator[Database]:
    name = f"t_{secrets.token_hex(6)}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    database = Database(server_url.set(database=name))
    yield database
    database.dispose()
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def _configuration(how: str) -> str:
    if how == "sealed":
        return instance_template()
    url = {"postgres_url": {"env": "DAGSTER_PG_URL"}}
    storages = {name: {**where, "config": url} for name, where in PLAIN_STORAGES.items()}
    return yaml.safe_dump({"telemetry": {"enabled": False}, **storages})


@dataclass(frozen=True)
class Planted:
    """The table, and for each row the places in which its word was found after a run of all."""

    rows: dict[str, Row]
    places: dict[str, set[str]]


def _planted(
    how: str, tmp_path: Path, server: URL, template: str, dump: Callable[[URL], bytes]
) -> Planted:
    # The table has every word, so it lies beside what is looked through.
    folder, table = tmp_path / "looked_through", tmp_path / "table"
    folder.mkdir()
    home, temporary, report = folder / "home", folder / "temporary", folder / "report"
    home.mkdir()
    temporary.mkdir()
    (home / "dagster.yaml").write_text(_configuration(how), "utf-8")
    with _database(server, template) as database, _listener() as (socket_path, heard):
        done = subprocess.run(
            [sys.executable, str(HERE / "plant_every_way.py"), how, str(report), str(table)],
            env=_environment(
                DAGSTER_HOME=str(home),
                DAGSTER_PG_URL=dagster_url(database.url),
                LISTENER=socket_path,
                TMPDIR=str(temporary),
            ),
            capture_output=True,
            check=False,
            cwd=PROJECT,
            timeout=1200,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        rows = {name: Row(*row) for name, row in json.loads(table.read_bytes()).items()}
        words = {row.word.encode(): name for name, row in rows.items()}
        with as_owner(database.url) as connection:
            found = scan_database(connection, words)
            events = connection.execute(sa.text("SELECT count(*) FROM event_logs")).scalar_one()
        texts = {
            "output": done.stdout + done.stderr,
            "dump": dump(database.url),
            "processes and shared memory": report.read_bytes(),
        }
    texts["network"] = b"".join(heard)
    # Every step of the table ran and was stored.
    assert events > 3 * len(rows)
    found |= scan_folder(folder, words)
    for place, text in texts.items():
        found |= {(place, word) for word in scan_bytes(text, words)}
    places: dict[str, set[str]] = {name: set() for name in rows}
    for place, word in found:
        places[words[word]].add(place)
    return Planted(rows, places)


@pytest.fixture(scope="module")
def plain(tmp_path_factory, postgres_server, template_database, dump) -> Planted:
    folder = tmp_path_factory.mktemp("plain")
    return _planted("plain", folder, postgres_server, template_database, dump)


def test_the_table_has_every_path_and_no_word_twice(plain):
    rows = plain.rows
    assert len(rows) >= 100
    assert {row.path for row in rows.values()} == set(range(31))
    assert len({row.word for row in rows.values()}) == len(rows)


def test_sealed_nothing_is_found(plain, tmp_path, postgres_server, template_database, dump):
    sealed = _planted("sealed", tmp_path, postgres_server, template_database, dump)
    assert sealed.rows == plain.rows
    assert {name: where for name, where in sealed.places.items() if where} == {}


def test_plain_each_is_found(plain):
    unlike = {
        name: where
        for name, where in plain.places.items()
        if bool(where) != plain.rows[name].by_default
    }
    assert unlike == {}
