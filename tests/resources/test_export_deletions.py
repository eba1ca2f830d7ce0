"""Each export that goes is counted once, whoever is killed, or comes by, while it goes."""

import io
import itertools
import random
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import exports_going
from resources.base.database.tables import ledger as entries
from resources.stores.inbox.inbox import Deletions, Going, Inbox
from resources.stores.leaving import export_deletions
from resources.stores.leaving.export_deletions import ExportDeletions
from resources.stores.ledger import Kind

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
GROUPS = ("g-00000001", "g-00000002")


class KilledError(BaseException):
    """As if nothing after it had happened."""


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    identity = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
    made = Inbox(str(tmp_path), str(identity.to_public()), None, timedelta(days=5))
    for number, ref in enumerate((GROUPS[0], *GROUPS)):
        made.add(ref, io.BytesIO(b"x%d" % number), NOW)
    return made


@pytest.fixture
def deletions(database: Database, inbox: Inbox) -> ExportDeletions:
    return ExportDeletions(database, inbox)


def counted(database: Database) -> list[Any]:
    columns = (entries.c.kind, entries.c.group_ref, entries.c.count)
    with database.transaction() as connection:
        rows = connection.execute(sa.select(*columns))
        return sorted(map(tuple, rows), key=str)


def noted(database: Database) -> int:
    with database.transaction() as connection:
        return connection.execute(
            sa.select(sa.func.count()).select_from(exports_going)
        ).scalar_one()


def all_of(inbox: Inbox) -> Callable[[Going], Deletions]:
    return lambda going: inbox.delete([one for ref in GROUPS for one in inbox.list(ref)], going)


def test_what_goes_is_counted_by_group_and_no_note_is_left(
    deletions: ExportDeletions, inbox: Inbox, database: Database, tmp_path: Path
) -> None:
    (tmp_path / GROUPS[0] / "by hand.zip").write_bytes(b"x")
    (tmp_path / "stray").write_bytes(b"x")
    done = deletions.count(
        Kind.EXPORT_DELETED, NOW, lambda going: inbox.delete_expired(NOW + timedelta(days=6), going)
    )
    assert (dict(done.by_folder), done.failed) == ({GROUPS[0]: 2, GROUPS[1]: 1}, 0)
    assert counted(database) == [("export_deleted", GROUPS[0], 2), ("export_deleted", GROUPS[1], 1)]
    assert deletions.settle_left(NOW) == {}
    assert noted(database) == 0


@pytest.mark.parametrize("gone", [0, 1, 3])
def test_of_whoever_was_killed_what_went_is_counted_by_the_next(
    deletions: ExportDeletions,
    inbox: Inbox,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    gone: int,
) -> None:
    real, done = inbox.location.delete, [0]

    def delete(path: str) -> None:
        if done[0] == gone:
            raise KilledError
        done[0] += 1
        real(path)

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(type(inbox.location), "delete", lambda _, path: delete(path))
        patch.setattr(export_deletions, "_settle", killed)
        with pytest.raises(KilledError):
            deletions.count(Kind.EXPORT_SPENT, NOW, all_of(inbox))
    assert counted(database) == []
    assert deletions.settle_left(NOW).total() == gone
    assert deletions.settle_left(NOW).total() == 0
    # What had not gone yet goes, and is counted, as if nobody had tried before.
    deletions.count(Kind.EXPORT_PURGED, NOW, all_of(inbox))
    assert sum(count for *_, count in counted(database)) == 3
    assert sum(count for kind, _, count in counted(database) if kind == "export_spent") == gone
    assert noted(database) == 0


def test_two_at_once_count_each_once(
    deletions: ExportDeletions, inbox: Inbox, database: Database
) -> None:
    def after_another(going: Going) -> Deletions:
        def told(exports: object) -> None:
            going(exports)  # type: ignore[arg-type]
            deletions.count(Kind.EXPORT_PURGED, NOW, all_of(inbox))

        return all_of(inbox)(told)

    deletions.count(Kind.EXPORT_PURGED, NOW, after_another)
    assert counted(database) == [("export_purged", GROUPS[0], 2), ("export_purged", GROUPS[1], 1)]
    assert noted(database) == 0


def test_what_cannot_be_noted_goes_all_the_same(
    deletions: ExportDeletions,
    inbox: Inbox,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(*_: object) -> None:
        raise StorageError("DATABASE_BUSY")

    monkeypatch.setattr(export_deletions, "at_once", busy)
    deletions.count(Kind.EXPORT_SPENT, NOW, all_of(inbox))
    assert counted(database) == [("export_spent", GROUPS[0], 2), ("export_spent", GROUPS[1], 1)]


STEPS = ("_note", "_seen", "_confirm", "delete", "_settle")
PATIENCE = 120.0


class Stepped:
    """One that deletes, a step at a time: each stops before a step until it is let go on."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._killed = False
        self._thread = threading.Thread(target=self._run, args=(work,))
        self._thread.start()
        assert self._stopped.acquire(timeout=PATIENCE)

    def _run(self, work: Callable[[], object]) -> None:
        OF_THREAD[threading.get_ident()] = self
        try:
            self.stop()
            work()
        except KilledError:
            pass
        finally:
            del OF_THREAD[threading.get_ident()]
            self._stopped.release()

    def stop(self) -> None:
        self._stopped.release()
        assert self._go.acquire(timeout=PATIENCE)
        if self._killed:
            raise KilledError

    def step(self) -> None:
        if self._thread.is_alive():
            self._go.release()
            assert self._stopped.acquire(timeout=PATIENCE)

    def kill(self) -> None:
        self._killed = True
        self._go.release()
        self._thread.join(PATIENCE)


OF_THREAD: dict[int, Stepped] = {}


def schedules() -> list[str]:
    """Every order of the steps of A and B, each killed at any point; A is the first."""
    whole = len(STEPS) + 1
    cut = itertools.product(range(1, whole + 1), range(whole + 1))
    return [
        "A" + "".join("B" if place in of_b else "A" for place in range(a + b - 1))
        for a, b in cut
        for of_b in itertools.combinations(range(a + b - 1), b)
    ]


# The one found by reading: B notes what A has noted, deleted and settled since B listed it.
CHOSEN = ("ABAAAAABBBBB", *random.Random(7).sample(schedules(), 60))


def test_in_whatever_order_two_go_on_or_are_killed_each_export_is_counted_once(
    deletions: ExportDeletions, inbox: Inbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopping(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any) -> Any:
            if (one := OF_THREAD.get(threading.get_ident())) is not None:
                one.stop()
            return real(*args)

        return step

    for name in STEPS:
        place = type(inbox.location) if name == "delete" else export_deletions
        monkeypatch.setattr(place, name, stopping(getattr(place, name)))
    deletions.count(Kind.EXPORT_PURGED, NOW, all_of(inbox))
    before = sum(count for *_, count in counted(database))
    for order in CHOSEN:
        inbox.add(GROUPS[0], io.BytesIO(b"x"), NOW)
        both = {
            name: Stepped(lambda: deletions.count(Kind.EXPORT_PURGED, NOW, all_of(inbox)))
            for name in "AB"
        }
        for name in order:
            both[name].step()
        for one in both.values():
            one.kill()
        deletions.settle_left(NOW)
        gone = not inbox.list(GROUPS[0])
        assert sum(count for *_, count in counted(database)) == before + gone, order
        # And what is still there is counted by whoever deletes it.
        deletions.count(Kind.EXPORT_PURGED, NOW, all_of(inbox))
        deletions.settle_left(NOW)
        before += 1
        assert sum(count for *_, count in counted(database)) == before, order
        assert noted(database) == 0, order


def killed_before_deleting(deletions: ExportDeletions, inbox: Inbox) -> None:
    def delete(_: object, __: str) -> None:
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(inbox.location), "delete", delete)
        with pytest.raises(KilledError):
            deletions.count(Kind.EXPORT_PURGED, NOW, lambda going: inbox.purge(GROUPS[0], going))


def test_what_lies_deeper_and_is_still_there_is_not_counted(
    deletions: ExportDeletions, inbox: Inbox, database: Database, tmp_path: Path
) -> None:
    (tmp_path / GROUPS[0] / "deep").mkdir()
    for one in inbox.list(GROUPS[0]):
        shutil.move(one.path, tmp_path / GROUPS[0] / "deep")
    killed_before_deleting(deletions, inbox)
    assert deletions.settle_left(NOW).total() == 0
    assert noted(database) == 2


@pytest.mark.parametrize("mounted", [False, True])
def test_an_inbox_that_cannot_be_listed_settles_nothing(
    deletions: ExportDeletions, inbox: Inbox, database: Database, tmp_path: Path, mounted: bool
) -> None:
    killed_before_deleting(deletions, inbox)
    elsewhere = tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-elsewhere"))
    if mounted:
        tmp_path.mkdir()
    assert deletions.settle_left(NOW).total() == 0
    assert noted(database) == 2
    if mounted:
        tmp_path.rmdir()
    elsewhere.rename(tmp_path)
    deletions.count(Kind.EXPORT_PURGED, NOW, all_of(inbox))
    assert sum(count for *_, count in counted(database)) == 3
