"""A restore that is refused or cut off leaves no home, and can be begun again."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL
from typer.testing import CliRunner

from assets.core.errors import SetupError, StorageError, TidelineError
from orchestration.cli import app
from orchestration.cli.session import Session
from orchestration.home_backup import back_up
from resources.base.database.postgres import stop_embedded
from resources.base.home import load_home
from resources.maintenance import database_restore
from resources.maintenance.database_setup import as_owner, is_empty
from resources.stores.consent.leaving_journal import JournalLine

pytestmark = pytest.mark.slow

TIDELINE = Path(sys.executable).with_name("tideline")


@pytest.fixture
def backup(session: Session, tmp_path: Path) -> Path:
    register = session.register
    # Somebody has left, so that the journals say something.
    line = JournalLine(
        "request", {"group_ref": "g-1", "at": session.clock.now(), "kind": "exports"}
    )
    session.ways_out.journal.note([line])
    assert register.consents() == {}
    return back_up(session.home, session.url, tmp_path / "a.backup").file


def code_of(*words: str | Path) -> str | None:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, TidelineError), done.exception
    return getattr(done.exception, "code", None)


def changed(backup: Path, file: Path, **manifest: Any) -> Path:
    """The same backup with another last member."""
    with tarfile.open(backup) as old, tarfile.open(file, "w") as new:
        for member in old:
            content = old.extractfile(member)
            assert content is not None
            written = content.read()
            if member.name == "manifest.json":
                written = json.dumps({**json.loads(written), **manifest}).encode()
                member.size = len(written)
            new.addfile(member, io.BytesIO(written))
    return file


def test_what_can_t_be_restored_changes_nothing(
    session: Session,
    backup: Path,
    tmp_path: Path,
    make_empty_database: Callable[..., URL],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live, empty = session.url, make_empty_database()
    home = session.home
    for name in ("TIDELINE_MASTER_KEY", "TIDELINE_MEMBER_KEY", "TIDELINE_INBOX_IDENTITY"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "elsewhere" / "home"
    monkeypatch.setenv("TIDELINE_HOME", str(root))
    monkeypatch.setenv("TIDELINE_PG_URL", empty.render_as_string(hide_password=False))
    cut = tmp_path / "cut.backup"
    cut.write_bytes(backup.read_bytes()[:-20_000])
    other = pyrage.x25519.Identity.generate().to_public()
    sealed = back_up(home, live, tmp_path / "sealed.backup", [str(other)]).file
    newer = changed(backup, tmp_path / "newer.backup", version="2099_01_01")
    older = tmp_path / "older"
    older.mkdir()
    (older / "leaving-journal").write_text('{"what": "begun"}\n')
    current = ("--journals", home.root)
    refused = {
        "JOURNALS_NOT_GIVEN": (backup,),
        "FILE_NOT_FOUND": (tmp_path / "none", *current),
        "BACKUP_DAMAGED": (cut, *current),
        "BACKUP_SEALED": (sealed, *current),
        "DATABASE_OF_ANOTHER_VERSION": (newer, *current),
        "JOURNALS_NOT_NEWER": (backup, "--journals", older),
    }
    for code, words in refused.items():
        assert code_of("restore", *words) == code
        assert not root.parent.exists(), code
        assert is_empty(empty), code

    for name, written in {
        "master.key": base64.b64encode(b"k" * 32).decode(),
        "member.key": base64.b64encode(b"k" * 32).decode(),
        "inbox.identity": str(pyrage.x25519.Identity.generate()),
    }.items():
        secrets = root.with_name("home-secrets")
        secrets.mkdir(parents=True)
        (secrets / name).write_text(written)
        assert code_of("restore", backup, *current) == "KEYS_OF_ANOTHER_HOME", name
        assert not root.exists()
        (secrets / name).unlink()
        secrets.rmdir()

    root.mkdir(parents=True)
    (root / "something").write_text("of somebody's")
    assert code_of("restore", backup, *current) == "HOME_NOT_EMPTY"
    assert [path.name for path in root.iterdir()] == ["something"]
    (root / "something").unlink()
    with as_owner(empty) as connection:
        connection.execute(sa.text("CREATE TABLE public.theirs (a int)"))
    assert code_of("restore", backup, *current) == "DATABASE_NOT_EMPTY"
    assert list(root.iterdir()) == []
    assert not is_empty(empty)
    # Nor the home at work, nor its database.
    monkeypatch.setenv("TIDELINE_PG_URL", live.render_as_string(hide_password=False))
    assert code_of("restore", backup, *current) == "DATABASE_NOT_EMPTY"
    monkeypatch.setenv("TIDELINE_HOME", str(home.root))
    assert code_of("restore", backup, *current) == "HOME_EXISTS"
    session.database.require(home.config.home_id, home.config.mode.value)


def test_without_newer_journals_no_day_that_may_have_been_drawn_is(
    session: Session,
    backup: Path,
    tmp_path: Path,
    make_empty_database: Callable[..., URL],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestration.cli.backup.Clock", lambda: session.clock)
    monkeypatch.setenv("TIDELINE_HOME", str(tmp_path / "new" / "home"))
    url = make_empty_database()
    monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
    assert code_of("restore", backup, "--no-newer-journals") is None
    with as_owner(url) as connection:
        marked = connection.execute(
            sa.text("SELECT region, day::text, kind FROM restricted.ledger ORDER BY region")
        ).all()
    # Today is the 15th, and a day closes three days after it.
    assert [tuple(row) for row in marked] == [
        (region, "2026-10-12", "draws_unknown") for region in ("east_of_england", "greater_london")
    ]
    home = load_home(tmp_path / "new" / "home")
    assert home.config.inbox == str(tmp_path / "new" / "home-inbox")
    assert not (home.root / ".restore").exists()


def test_only_a_database_that_the_same_restore_began_to_fill_is_emptied(
    backup: Path, tmp_path: Path, make_empty_database: Callable[..., URL]
) -> None:
    url, dump = make_empty_database(), tmp_path / "dump"
    with tarfile.open(backup) as tar:
        content = tar.extractfile("database.dump")
        assert content is not None
        dump.write_bytes(content.read())
    database_restore.fill(url, dump, "a")
    with pytest.raises(StorageError, match=r"^DATABASE_NOT_EMPTY$"):
        database_restore.fill(url, dump, "b")
    database_restore.take_back(url, "b")
    assert not is_empty(url)
    database_restore.fill(url, dump, "a")
    database_restore.done(url, "a")
    database_restore.take_back(url, "a")
    assert not is_empty(url)


def test_no_backup_lies_in_the_home(session: Session, tmp_path: Path) -> None:
    for target in ("home", "home/inside", "home-secrets"):
        with pytest.raises(SetupError, match=r"^BACKUP_INSIDE_HOME$"):
            back_up(session.home, session.url, tmp_path / target / "a.backup")


def test_a_folder_that_is_not_there_does_not_become_a_file(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    for name, value in session.environment().items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["backup", f"{tmp_path / 'backups'}/"])
    assert isinstance(done.exception, SetupError)
    assert done.exception.code == "BACKUP_FOLDER_NOT_FOUND"
    assert not (tmp_path / "backups").exists()


def test_a_server_newer_than_pg_dump_is_said(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.maintenance.database_backup.MAJOR", 9)
    with pytest.raises(StorageError, match=r"^BACKUP_SERVER_NEWER$"):
        back_up(session.home, session.url, tmp_path / "a.backup")
    assert not (tmp_path / "a.backup").exists()
    assert list(session.home.backups.iterdir()) == []


def test_killed_it_leaves_no_home_and_is_begun_again(
    session: Session, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    """Where its server runs already; in full also before it does."""
    root = tmp_path / "elsewhere" / "home"
    journals = session.home.root
    # With a server of its own, which outlives whoever is killed.
    monkeypatch.delenv("TIDELINE_PG_URL")
    environment = {**os.environ, "TIDELINE_HOME": str(root)}
    command = [TIDELINE, "restore", backup, "--journals", journals]
    moments = (root / "postgres" / "postmaster.pid", root / ".restore" / "database.dump")
    for moment in moments[::-1] if full else moments[:1]:
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as running:
            until = time.monotonic() + 300
            while not moment.exists():
                assert running.poll() is None
                assert time.monotonic() < until
                time.sleep(0.01)
            running.send_signal(signal.SIGKILL)
        assert (root / ".restore").is_dir()
        with pytest.raises(SetupError, match=r"^HOME_NOT_FOUND$"):
            load_home(root)
    try:
        monkeypatch.setenv("TIDELINE_HOME", str(root))
        assert code_of("restore", backup, "--journals", journals) is None
    finally:
        stop_embedded(root / "postgres")
    assert load_home(root).config.home_id == session.home.config.home_id
    assert not (root / ".restore").exists()
    # The service that backs it up next is given this folder.
    assert load_home(root).backups.is_dir()
    if full:
        status = subprocess.run(
            [TIDELINE, "status"], env=environment, capture_output=True, check=False
        )
        assert status.returncode == 0
