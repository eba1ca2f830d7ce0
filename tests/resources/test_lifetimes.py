import io
import os
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from orchestration.cli.session import Session
from resources.base.database.tables import ledger
from resources.stores.ledger import Kind
from resources.stores.vectors.scrub_records import RegionDayCounts


def entries(session: Session) -> list[tuple[str, str | None, int]]:
    with session.database.transaction() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                sa.select(ledger.c.kind, ledger.c.group_ref, ledger.c.count).order_by(ledger.c.seq)
            )
        ]


def test_what_is_deleted_is_counted_by_reference(session: Session) -> None:
    inbox, lifetimes, now = (
        session.resources["inbox"],
        session.resources["lifetimes"],
        session.clock.now(),
    )
    for _ in range(2):
        inbox.add("g-00000001", io.BytesIO(b"a"), now)
    inbox.add("g-00000002", io.BytesIO(b"b"), now + timedelta(days=1))
    assert lifetimes.enforce(now).total() == 0
    assert entries(session) == []
    later = now + timedelta(days=14, seconds=1)
    assert lifetimes.enforce(later)[Kind.EXPORT_DELETED] == 2
    assert lifetimes.enforce(later)[Kind.EXPORT_DELETED] == 0
    assert entries(session) == [("export_deleted", "g-00000001", 2)]


def test_counts_of_scrubbing_go_with_the_scores(session: Session) -> None:
    records, now = session.resources["scrub_records"], session.clock.now()
    key = ("greater_london", session.clock.today())
    records.add_counts({key: RegionDayCounts({("patterns", "phone"): 1})}, now)
    lifetime = timedelta(days=session.home.config.score_lifetime_days)
    enforce = session.resources["lifetimes"].enforce
    assert enforce(now + lifetime)[Kind.SCRUB_RECORDS_DELETED] == 0
    assert enforce(now + lifetime + timedelta(seconds=1))[Kind.SCRUB_RECORDS_DELETED] == 1
    assert records.counts(*key).removed == {}


def test_a_folder_called_after_a_group_is_counted_without_its_name(session: Session) -> None:
    for name in ("Oak House", "g-Oak", "Oak House night shift"):
        folder = Path(session.home.config.inbox) / name
        folder.mkdir(parents=True)
        (folder / "chat.txt").write_bytes(b"a")
        os.utime(folder / "chat.txt", (0, 0))
    assert session.resources["lifetimes"].enforce(session.clock.now())[Kind.EXPORT_DELETED] == 3
    assert entries(session) == [("export_deleted", None, 1)] * 3


def test_a_backup_that_a_migration_made_goes_with_the_scores(session: Session) -> None:
    now, lifetime = session.clock.now(), timedelta(days=session.home.config.score_lifetime_days)
    session.home.backups.mkdir(exist_ok=True)
    minute = timedelta(minutes=1)
    for name, age in (("due.dump", lifetime + minute), ("young.dump", lifetime - minute)):
        file = session.home.backups / name
        file.write_bytes(b"a")
        made = (now - age).timestamp()
        os.utime(file, (made, made))
    enforce = session.resources["lifetimes"].enforce
    assert enforce(now)[Kind.BACKUPS_DELETED] == 1
    assert [path.name for path in session.home.backups.iterdir()] == ["young.dump"]
    assert enforce(now)[Kind.BACKUPS_DELETED] == 0
    assert ("backups_deleted", None, 1) in entries(session)
