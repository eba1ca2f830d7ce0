"""What a restored backup of the database and the home opens without the secrets: nothing."""

import base64
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyrage
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import URL

from assets.core.errors import ExportError, SetupError, StorageError, TidelineError
from orchestration.cli.session import Session, open_session
from orchestration.home_backup import back_up
from resources.containment.marker_scan import scan_bytes, scan_folder
from resources.stores.scores.score_store import GroupScore
from resources.stores.vectors.group_day_vectors import GroupDayVectors

REGION, DAY = "greater_london", date(2026, 10, 12)
SUM = 271_828


@dataclass
class Backup:
    """A copy of the home without the secrets, and the database as SQL."""

    home: Path
    sql: Path


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def filled(session: Session, planted: Any) -> Session:
    """A home with exports in the inbox, and vectors and scores of a day."""
    resources, now = session.resources, session.clock.now()
    group = planted.groups["good 0"]
    rng = np.random.default_rng(0)
    resources["vector_store"].put(
        REGION,
        DAY,
        group,
        GroupDayVectors(
            rng.normal(size=(12, 8)).astype(np.float32), np.repeat(np.arange(4, dtype=np.int32), 3)
        ),
        export_digest="0" * 64,
        vocabulary_digest="0" * 64,
        encoder_digest="e",
        now=now,
    )
    resources["score_store"].settle(
        REGION,
        DAY,
        group,
        [GroupScore("burnout", 5, SUM, 20)],
        export_digest="0" * 64,
        model_version="seeds-1-000000000000",
        now=now,
    )
    return session


@pytest.fixture
def backup(filled: Session, tmp_path: Path, dump: Callable[[URL], bytes]) -> Backup:
    made = Backup(tmp_path / "backup" / "home", tmp_path / "backup" / "database.sql")
    made.home.parent.mkdir()
    shutil.copytree(filled.home.root, made.home)
    made.sql.write_bytes(dump(filled.url))
    return made


@pytest.fixture
def by_command(filled: Session, tmp_path: Path, postgres_tool: Callable[[str], str]) -> Backup:
    """What `tideline backup` writes, unpacked, and its database as SQL."""
    file = back_up(filled.home, filled.url, tmp_path / "a.backup").file
    made = Backup(tmp_path / "unpacked" / "home", tmp_path / "unpacked" / "database.sql")
    with tarfile.open(file) as tar:
        tar.extractall(made.home, filter="data")
    command = [postgres_tool("pg_restore"), "-f", made.sql, made.home / "database.dump"]
    subprocess.run(command, check=True, capture_output=True)
    return made


@pytest.fixture
def restored(
    backup: Backup,
    filled: Session,
    postgres_server: URL,
    tmp_path: Path,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    postgres_tool: Callable[[str], str],
) -> Iterator[Callable[[], Session]]:
    """Restores the backup into another folder and another, empty database, and opens it."""
    name = f"{filled.url.database}_restored"
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = postgres_server.set(database=name)
    root = tmp_path / "elsewhere" / "home"
    shutil.copytree(backup.home, root)
    subprocess.run(
        [postgres_tool("psql"), "-v", "ON_ERROR_STOP=1", "-q", "-f", str(backup.sql), _libpq(url)],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
    opened: list[Session] = []

    def open_it() -> Session:
        opened.append(open_session(root, clock))
        return opened[-1]

    yield open_it
    for one in opened:
        one.database.dispose()
        if "resources" in vars(one):
            one.resources["register"]._database.dispose()
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def _attempts(session: Session, group: str) -> dict[str, Callable[[], Any]]:
    """Every door to an export, a key, a vector or a score."""
    resources = session.resources
    (row,) = resources["vector_store"].find(REGION, [DAY])
    doors: dict[str, Callable[[], Any]] = {
        "vectors": lambda: resources["vector_store"].content(row),
        "scores": lambda: resources["score_store"].of_region_day(REGION, DAY),
    }
    for key in sorted(session.home.keys.iterdir()):
        doors[f"key {len(doors)}"] = lambda key=key: resources["vector_store"]._keys.open(key.name)
    for sealed in resources["inbox"].list(group):
        doors[f"export {len(doors)}"] = lambda one=sealed: resources["inbox"].open_export(one)
    return doors


def _code(door: Callable[[], Any]) -> str | None:
    try:
        door()
    except TidelineError as error:
        return error.code
    return None


@pytest.mark.slow
def test_without_the_secrets_a_restored_backup_opens_nothing(
    restored: Callable[[], Session], planted: Any
) -> None:
    # The inbox itself is still where home.yaml says: only the secrets are missing.
    session = restored()
    assert not session.home.secrets.exists()
    codes = {
        name: _code(door) for name, door in _attempts(session, planted.groups["good 0"]).items()
    }
    expected = {"vectors": "MASTER_KEY_MISSING", "scores": "MASTER_KEY_MISSING"}
    for name in codes:
        if name.startswith("key"):
            expected[name] = "MASTER_KEY_MISSING"
        elif name.startswith("export"):
            expected[name] = "INBOX_IDENTITY_MISSING"
    assert codes == expected
    assert sorted(name.split()[0] for name in codes) == [
        "export",
        "key",
        "key",
        "scores",
        "vectors",
    ]


@pytest.mark.slow
def test_a_new_identity_opens_none_of_the_old_exports(
    restored: Callable[[], Session], planted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = pyrage.x25519.Identity.generate()
    monkeypatch.setenv("TIDELINE_INBOX_IDENTITY", str(other))
    inbox = restored().resources["inbox"]
    exports = {kind: one for kind, ref in planted.groups.items() for one in inbox.list(ref)}
    assert exports.keys() == planted.groups.keys()
    for kind, one in exports.items():
        code = "EXPORT_GONE" if kind == "withdrawn" else "EXPORT_SEAL_BROKEN"
        with pytest.raises(ExportError, match=f"^{code}$"):
            inbox.open_export(one)


@pytest.mark.slow
def test_with_the_secrets_the_same_backup_opens(
    restored: Callable[[], Session], filled: Session, planted: Any
) -> None:
    shutil.copytree(filled.home.secrets, filled.home.root.parent / "elsewhere" / "home-secrets")
    session = restored()
    doors = _attempts(session, planted.groups["good 0"])
    assert {name: _code(door) for name, door in doors.items()} == dict.fromkeys(doors)
    assert doors["scores"]()[planted.groups["good 0"]][0].sum_milli == SUM


@pytest.mark.slow
@pytest.mark.parametrize("written", ["backup", "by_command"])
def test_a_backup_holds_no_secret_and_no_word(
    written: str, request: pytest.FixtureRequest, filled: Session, planted: Any
) -> None:
    backup: Backup = request.getfixturevalue(written)
    master = base64.b64decode((filled.home.secrets / "master.key").read_bytes())
    identity = (filled.home.secrets / "inbox.identity").read_bytes().strip()
    keys = []
    for path in filled.home.keys.iterdir():
        wrapped = path.read_bytes()
        keys.append(AESGCM(master).decrypt(wrapped[:12], wrapped[12:], path.name.encode("ascii")))
    assert len(keys) == 2
    raw = [master, identity, identity.lower(), *keys]
    encoded = [base64.b64encode(one) for one in raw] + [one.hex().encode() for one in raw]
    markers = [*raw, *encoded, *planted.markers]
    # A word that is looked for is found, so that finding none means something.
    sealed = sorted(Path(filled.home.config.inbox).rglob("*.age"))
    assert scan_bytes(backup.sql.read_bytes(), [planted.groups["good 0"].encode()])
    assert sealed
    for folder in (backup.home.parent, Path(filled.home.config.inbox)):
        found = set()
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                found |= {(path.name, one) for one in markers if one in content}
        assert found == set()
        assert scan_folder(folder, planted.markers) == set()


@pytest.mark.slow
def test_the_command_s_backup_holds_no_key_no_vector_and_no_score(
    by_command: Backup, filled: Session
) -> None:
    key_ids = {path.name for path in filled.home.keys.iterdir()}
    sql = by_command.sql.read_text("utf-8")
    assert {path.name for path in by_command.home.iterdir()} == {
        "database.dump",
        "home.yaml",
        "leaving-journal",
        "manifest.json",
        "study-approvals",
        "study.yaml",
    }
    assert len(key_ids) == 2
    assert not [one for one in key_ids if one in sql]
    rows = {line.split()[1] for line in sql.splitlines() if line.startswith("COPY restricted.")}
    assert "restricted.group_days" in rows
    assert not rows & {
        "restricted.vectors",
        "restricted.group_scores",
        "restricted.score_revisions",
    }


@pytest.mark.slow
def test_a_backup_of_another_home_s_database_is_refused(
    restored: Callable[[], Session], filled: Session
) -> None:
    session = restored()
    home = session.home.root / "home.yaml"
    other = home.read_text("utf-8").replace(session.home.config.home_id, "f" * 32)
    home.write_text(other, "utf-8")
    with pytest.raises(StorageError, match=r"^DATABASE_OF_ANOTHER_HOME$"):
        restored()
    home.unlink()
    with pytest.raises(SetupError, match=r"^HOME_NOT_FOUND$"):
        restored()
