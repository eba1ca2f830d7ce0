"""Writing a database to a file and reading it back, with the PostgreSQL tools that come along."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from assets.governance.errors import StorageError
from resources.embedded_postgres.binaries import run_client
from resources.files import made_before

SUFFIX = ".dump"


def delete_backups(folder: Path, before: datetime) -> int:
    """Delete the backups that were written before a moment. Returns how many."""
    due = [path for path in folder.glob(f"*{SUFFIX}") if made_before(path, before)]
    for path in due:
        path.unlink(missing_ok=True)
    return len(due)


def write_backup(url: URL, file: Path) -> None:
    """Write the whole database to a file that `read_backup` reads.

    Raises:
        StorageError: `BACKUP_FAILED`; nothing is left behind.
    """
    failed = False
    try:
        file.touch(mode=0o600)
        with file.open("wb") as out:
            options = ["--format=custom", "--no-owner"]
            failed = run_client("pg_dump", options, url, stdout=out).returncode != 0
    except OSError:
        failed = True
    if failed:
        file.unlink(missing_ok=True)
        raise StorageError("BACKUP_FAILED")


def read_backup(url: URL, file: Path) -> None:
    """Fill an empty database with what `write_backup` wrote, all of it or nothing.

    Raises:
        StorageError: `BACKUP_UNREADABLE`.
    """
    options = ["--no-owner", "--exit-on-error", "--single-transaction"]
    if run_client("pg_restore", [*options, file], url).returncode != 0:
        raise StorageError("BACKUP_UNREADABLE")
