"""A backup of a database comes back whole, or the database stays as it was."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import TidelineError
from resources.maintenance.database_backup import REFUSED, read_backup, write_backup
from resources.maintenance.database_setup import EMPTYING, LOCKING, as_owner

ROWS = 20_000
REFUSES = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{REFUSED}'; END $$"


@pytest.fixture
def database(make_empty_database: Callable[[], URL]) -> URL:
    """One with a table that is nearly all of its backup."""
    url = make_empty_database()
    with as_owner(url) as connection:
        connection.execute(sa.text("CREATE SCHEMA restricted"))
        rows = f"SELECT md5(n::text) AS said FROM generate_series(1, {ROWS}) AS n"
        connection.execute(sa.text(f"CREATE TABLE restricted.kept AS {rows}"))
    return url


def count(url: URL) -> int:
    with as_owner(url) as connection:
        return connection.execute(sa.text("SELECT count(*) FROM restricted.kept")).scalar_one()


@pytest.mark.parametrize(
    ("size", "first", "code"),
    [
        (0.5, EMPTYING, "BACKUP_UNREADABLE"),
        (0.9, EMPTYING, "BACKUP_UNREADABLE"),
        (0.0, EMPTYING, "BACKUP_UNREADABLE"),
        (1.0, (), "BACKUP_UNREADABLE"),
        (1.0, (*EMPTYING, "SELECT 1 / 0"), "BACKUP_UNREADABLE"),
        (1.0, (LOCKING, REFUSES, *EMPTYING), "ROLLBACK_TOO_LATE"),
        (1.0, (LOCKING, *EMPTYING), None),
    ],
)
def test_all_of_it_or_nothing(
    database: URL, tmp_path: Path, size: float, first: Sequence[str], code: str | None
) -> None:
    file = tmp_path / "of.dump"
    write_backup(database, file)
    with as_owner(database) as connection:
        connection.execute(sa.text("INSERT INTO restricted.kept VALUES ('since')"))
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * size)])
    if code is None:
        read_backup(database, file, first=first)
        assert count(database) == ROWS
        return
    with pytest.raises(TidelineError, match=f"^{code}$"):
        read_backup(database, file, first=first)
    assert count(database) == ROWS + 1
