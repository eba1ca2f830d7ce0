"""An upgrade is rehearsed on a copy, done with a backup, looked at, and taken back."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL
from typer.testing import CliRunner

from assets.core.errors import SetupError, StorageError, TidelineError
from orchestration import home_migration, rollback, upgrade_rehearsal
from orchestration import upgrade as upgrading
from orchestration.cli import app
from orchestration.cli.session import open_session
from orchestration.upgrade import (
    REHEARSAL_HOLDS,
    Rehearsal,
    database_version,
    record_rehearsal,
    require_rehearsal,
)
from resources.base.database.migrations import BASELINE, newest_version
from resources.base.home import Home, HomeConfig, load_home
from resources.base.program import code_digest
from resources.maintenance.database_backup import REHEARSAL, delete_backups, held
from resources.maintenance.database_setup import as_owner, set_up
from resources.maintenance.kept_rows import columns_of, counts, lost, rows_of

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def typed(*words: str | Path) -> tuple[str | None, str]:
    """The code that a command ends with, and what it prints."""
    done = CliRunner().invoke(app, [str(one) for one in words])
    if done.exception is not None and not isinstance(done.exception, TidelineError):
        raise done.exception
    return getattr(done.exception, "code", None), done.output


def digests(root: Path) -> dict[str, str]:
    """Of every file in the home and beside it, but for the record of a rehearsal."""
    return {
        str(path.relative_to(root.parent)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.parent.rglob("*")
        if path.is_file() and path.name != "rehearsal.json"
    }


@pytest.fixture
def home(november: tuple[Path, URL]) -> tuple[Path, URL]:
    """Of 22 November, whose folder of backups is there already."""
    (november[0] / "backups").mkdir(mode=0o700)
    return november


def test_it_is_rehearsed_done_and_taken_back(home: tuple[Path, URL]) -> None:
    root, url = home
    columns = columns_of(url)
    rows, files = rows_of(url, columns), digests(root)
    assert typed("upgrade")[0] == "UPGRADE_NOT_REHEARSED"

    code, said = typed("upgrade", "--rehearse")
    assert code is None, said
    assert f"From {BASELINE} to {newest_version()}, rehearsed on a copy:" in said
    assert f"All of {sum(counts(rows).values())} rows were as before" in said
    told = json.loads((root / "backups" / "rehearsal.json").read_text("utf-8"))
    assert all(told[f"{part}_seconds"] >= 0 for part in ("backup", "upgrade", "rollback"))
    assert digests(root) == files
    assert (database_version(url), rows_of(url, columns)) == (BASELINE, rows)
    assert [one.name for one in (root / "backups").iterdir()] == ["rehearsal.json"]

    code, said = typed("upgrade")
    assert code is None, said
    assert "rows are as they were recorded" in said
    way_back = next(one for one in said.splitlines() if "--roll-back" in one)
    assert not lost(rows, rows_of(url, columns))
    assert database_version(url) == newest_version()
    assert typed("upgrade")[0] is None

    assert typed("upgrade", "--roll-back", way_back.split()[-1])[0] is None
    assert (database_version(url), rows_of(url, columns)) == (BASELINE, rows)
    now = digests(root)
    assert {name: now[name] for name in files if "/dagster/" not in name} == {
        name: one for name, one in files.items() if "/dagster/" not in name
    }


def test_it_is_not_taken_back_over_what_was_recorded_since(home: tuple[Path, URL]) -> None:
    root, url = home
    assert typed("upgrade", "--without-rehearsal")[0] is None
    (backup,) = (root / "backups").glob(f"*before-{newest_version()}.dump")
    read = "UPDATE restricted.home SET messages_read = messages_read + 1"
    with as_owner(url) as connection:
        connection.execute(sa.text(read))
    assert typed("upgrade", "--roll-back", backup)[0] == "ROLLBACK_TOO_LATE"
    with as_owner(url) as connection:
        connection.execute(sa.text(read.replace("+", "-")))
    rows = rows_of(url, columns_of(url))
    for damaged in (backup, backup.with_name(f"{backup.stem}.files.dump")):
        whole = damaged.read_bytes()
        damaged.write_bytes(whole[:600])
        assert typed("upgrade", "--roll-back", backup)[0] == "BACKUP_UNREADABLE"
        damaged.write_bytes(whole)
    for name in ("leaving-journal", "home.yaml"):
        content = (root / name).read_bytes()
        (root / name).write_bytes(content + b"\n")
        assert typed("upgrade", "--roll-back", backup)[0] == "ROLLBACK_TOO_LATE"
        (root / name).write_bytes(content)
    assert rows_of(url, columns_of(url)) == rows
    register = open_session(root).register
    leaver = next(ref for ref, consent in register.consents().items() if consent.active)
    assert typed("consent", "withdraw", leaver, "--yes")[0] is None
    rows = rows_of(url, columns_of(url))
    assert typed("upgrade", "--roll-back", backup)[0] == "ROLLBACK_TOO_LATE"
    assert rows_of(url, columns_of(url)) == rows


def test_one_that_was_cut_off_is_finished_and_a_way_back_too(
    home: tuple[Path, URL], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, url = home
    columns = columns_of(url)
    rows = rows_of(url, columns)

    def is_full(*_: object) -> None:
        raise StorageError("DISK_FULL")

    with monkeypatch.context() as cut:
        cut.setattr(home_migration, "mark_keys", is_full)
        code, said = typed("upgrade", "--without-rehearsal")
    assert code == "DISK_FULL"
    assert database_version(url) == newest_version()
    way_back = Path(next(one for one in said.splitlines() if "--roll-back" in one).split()[-1])
    code, said = typed("upgrade")
    assert code is None, said
    assert "Done: now whole." in said
    assert str(way_back) in said
    with as_owner(url) as connection:
        marked = sa.text("SELECT member_check FROM restricted.home")
        assert connection.execute(marked).scalar_one() is not None

    with monkeypatch.context() as cut:
        cut.setattr(rollback, "put_files_back", is_full)
        assert typed("upgrade", "--roll-back", way_back)[0] == "DISK_FULL"
    journal = (root / "leaving-journal").read_bytes()
    assert typed("upgrade", "--roll-back", way_back)[0] is None
    assert (database_version(url), rows_of(url, columns)) == (BASELINE, rows)
    # The newer one: it may know of somebody who left.
    assert (root / "leaving-journal").read_bytes() == journal
    with as_owner(url) as connection:
        assert not [name for name in sa.inspect(connection).get_schema_names() if "rolling" in name]


def test_one_that_was_cut_off_is_taken_back_at_once(
    home: tuple[Path, URL], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, url = home
    columns = columns_of(url)
    rows = rows_of(url, columns)

    def is_full(*_: object) -> None:
        raise StorageError("DISK_FULL")

    monkeypatch.setattr(home_migration, "mark_keys", is_full)
    assert typed("upgrade", "--without-rehearsal")[0] == "DISK_FULL"
    (backup,) = (root / "backups").glob(f"*before-{newest_version()}.dump")
    assert typed("upgrade", "--roll-back", backup)[0] is None
    assert (database_version(url), rows_of(url, columns)) == (BASELINE, rows)


def somebody_leaves(root: Path, _: URL) -> None:
    session = open_session(root)
    consents = session.register.consents()
    leaver = next(ref for ref, consent in consents.items() if consent.active)
    session.register.withdraw(leaver, session.clock.now())


def a_score_is_there_no_more(_: Path, url: URL) -> None:
    with as_owner(url) as connection:
        gone = "DELETE FROM restricted.group_scores WHERE ctid IN"
        some = "(SELECT ctid FROM restricted.group_scores LIMIT 1)"
        assert connection.execute(sa.text(f"{gone} {some}")).rowcount == 1


@pytest.mark.parametrize("happens", [somebody_leaves, a_score_is_there_no_more])
def test_what_is_recorded_while_it_goes_on_shuts_the_way_back(
    home: tuple[Path, URL],
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[Path, URL], None],
) -> None:
    root, url = home

    def migrate(of: Home, at: URL) -> None:
        home_migration.migrate_home(of, at)
        happens(root, url)

    monkeypatch.setattr(upgrading, "migrate_home", migrate)
    assert typed("upgrade", "--without-rehearsal")[0] is None
    (backup,) = (root / "backups").glob(f"*before-{newest_version()}.dump")
    rows = rows_of(url, columns_of(url))
    assert typed("upgrade", "--roll-back", backup)[0] == "ROLLBACK_TOO_LATE"
    assert rows_of(url, columns_of(url)) == rows


def loses_rows(owner: URL) -> list[Any]:
    """A migration that forgets what was published."""
    done = set_up(owner)
    with as_owner(owner) as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(sa.text("DELETE FROM release.regional_values WHERE revision = 0"))
    return done


def test_a_rehearsal_that_fails_leaves_the_home_as_it_is(
    home: tuple[Path, URL], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, url = home
    columns = columns_of(url)
    rows, files = rows_of(url, columns), digests(root)
    monkeypatch.setattr(upgrade_rehearsal, "set_up", loses_rows)
    assert typed("upgrade", "--rehearse")[0] == "MIGRATION_LOST_ROWS"
    assert digests(root) == files
    assert rows_of(url, columns) == rows
    assert list((root / "backups").iterdir()) == []
    # Nothing was rehearsed, so nothing is upgraded.
    assert typed("upgrade")[0] == "UPGRADE_NOT_REHEARSED"


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"at": NOW - REHEARSAL_HOLDS - timedelta(hours=1)}, False),
        ({"program": "0"}, False),
        ({"version_before": "2026_11_23"}, False),
    ],
)
def test_a_rehearsal_counts_for_a_week_and_for_what_was_rehearsed(
    tmp_path: Path, change: dict[str, Any], counts: bool
) -> None:
    home = Home(tmp_path, cast("HomeConfig", None))
    told = {"program": code_digest(), "version_before": BASELINE, "at": NOW, **change}
    moment = told.pop("at").isoformat()
    figures = dict.fromkeys(("backup_seconds", "upgrade_seconds", "rollback_seconds"), 0.1)
    record_rehearsal(home, Rehearsal(version="", at=moment, rows=1, **told, **figures))
    with nullcontext() if counts else pytest.raises(SetupError, match="UPGRADE_NOT_REHEARSED"):
        require_rehearsal(home, BASELINE, NOW)


def test_without_a_record_nothing_was_rehearsed(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="UPGRADE_NOT_REHEARSED"):
        require_rehearsal(Home(tmp_path, cast("HomeConfig", None)), BASELINE, NOW)


class KilledError(BaseException):
    """Nothing is cleared away after it."""


def test_the_copy_holds_no_key_and_a_killed_one_is_cleared_away(
    home: tuple[Path, URL], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, url = home
    files = digests(root)

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(upgrade_rehearsal, "verification", killed)
        patch.setattr(upgrade_rehearsal, "_delete", lambda _: None)
        with pytest.raises(KilledError):
            typed("upgrade", "--rehearse")
    (copy,) = (root / "backups").glob(f"{REHEARSAL}*")
    assert copy.stat().st_mode & 0o777 == 0o700
    assert (copy / "home" / "postgres" / "postmaster.pid").exists()
    secrets = root.with_name("home-secrets")
    keys = {path.read_bytes().strip() for path in secrets.iterdir() if path.is_file()}
    for path in copy.rglob("*"):
        assert path.name not in {"keys", "vectors", "surveys", "public"}
        if path.is_file() and "postgres" not in path.parts:
            content = path.read_bytes()
            assert not any(key in content for key in keys)
    assert not copy.joinpath("home-secrets").exists()
    # As the next rehearsal begins; the server that was left running is stopped.
    with upgrade_rehearsal._scratch(load_home(root)):
        assert not copy.exists()
    assert not list((root / "backups").glob(f"{REHEARSAL}*"))
    assert digests(root) == files
    assert database_version(url) == BASELINE
    # Nothing was rehearsed, so nothing is upgraded.
    assert typed("upgrade")[0] == "UPGRADE_NOT_REHEARSED"


def test_what_a_killed_rehearsal_left_is_deleted_in_time(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    left = tmp_path / f"{REHEARSAL}x"
    (left / "home").mkdir(parents=True)
    assert delete_backups(tmp_path, now - timedelta(days=35), now) == 0
    # A minute later it is looked whether its process is there still.
    later = now + timedelta(minutes=2)
    with held(left):
        assert delete_backups(tmp_path, now - timedelta(days=35), later) == 0
    assert delete_backups(tmp_path, now - timedelta(days=35), later) == 1
    (left / "home").mkdir(parents=True)
    yesterday = (now - timedelta(hours=25)).timestamp()
    os.utime(left, (yesterday, yesterday))
    assert delete_backups(tmp_path, now - timedelta(days=35), now) == 1
    assert not left.exists()
