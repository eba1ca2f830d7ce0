"""Keys that were rotated away stay away: whoever has a copy opens nothing that comes after."""

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from assets.core.errors import SetupError, StorageError, TidelineError
from orchestration.cli import app
from orchestration.cli.restoring import Offer, restore, tell_restored
from orchestration.home_backup import back_up
from resources.base.database.tables import home as home_table
from resources.base.database.tables import ledger
from resources.base.home import load_home
from resources.base.keys import key_backup
from resources.base.keys.long_lived_keys import KEY_FILES, load_identity, recipient_of
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.key_lines import Retirement, require_newest
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.leaving.offered_journals import Journals
from resources.stores.ledger import Kind

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
MASTERS = [letter * 64 for letter in "abcd"]
RECIPIENTS = [f"age1{letter * 58}" for letter in "qpzr"]
PHRASE = "a long pass phrase\n"


def retired(*pairs: tuple[str, str]) -> list[Retirement]:
    return [
        Retirement(*pair, NOW + number * timedelta(days=1)) for number, pair in enumerate(pairs)
    ]


A, B, C, D = MASTERS
ROTATED = retired((A, B), (B, C), (RECIPIENTS[0], RECIPIENTS[1]))
WENT_BACK = retired((A, B), (A, C))


@pytest.mark.parametrize(
    ("known", "key", "in_use", "code"),
    [
        ([], A, A, None),
        ([], A, None, None),
        ([], A, B, "KEYS_NOT_KNOWN_NEWEST"),
        (ROTATED, C, C, None),
        # A database of before knows an earlier one.
        (ROTATED, C, A, None),
        (ROTATED, B, C, "KEYS_RETIRED"),
        (ROTATED, A, C, "KEYS_RETIRED"),
        (ROTATED, A, A, "KEYS_RETIRED"),
        (ROTATED, D, D, "KEYS_NOT_KNOWN_NEWEST"),
        (ROTATED, RECIPIENTS[1], RECIPIENTS[0], None),
        (ROTATED, RECIPIENTS[0], RECIPIENTS[0], "KEYS_RETIRED"),
        (ROTATED, RECIPIENTS[2], RECIPIENTS[1], "KEYS_NOT_KNOWN_NEWEST"),
        # Of one sort the other says nothing.
        (ROTATED[:2], RECIPIENTS[2], RECIPIENTS[2], None),
        # Somebody put the retired one to use, and it was rotated again.
        (WENT_BACK, C, A, None),
        (WENT_BACK, B, C, "KEYS_RETIRED"),
        (WENT_BACK, A, A, "KEYS_RETIRED"),
    ],
)
def test_only_a_key_that_is_shown_to_be_the_newest_is_taken(
    known: list[Retirement], key: str, in_use: str | None, code: str | None
) -> None:
    if code is None:
        require_newest(known, key, in_use)
        return
    with pytest.raises(SetupError, match=f"^{code}$"):
        require_newest(known, key, in_use)


def test_in_the_journal_they_stay_whatever_is_taken_out(tmp_path: Path) -> None:
    journal = LeavingJournal(tmp_path / "leaving-journal")
    journal.begin()
    older = journal.path.read_bytes()
    revoked = f"{'A' * 43}="
    for one in ROTATED:
        journal.note_retired(one)
    journal.note_revoked({revoked: NOW})
    with journal.path.open("a", encoding="utf-8") as file:
        for line in (
            f'{{"key": "{A}", "successor": "{B}", "at": "2026-10-15T09:00:00+00:00"}}',
            f'{{"what": "retired", "key": "{A}", "successor": "{B}", "at": "2026-10-15T09:00:00"}}',
            ROTATED[0].written().replace(A, RECIPIENTS[0]),
            ROTATED[0].written().replace(A, "no key"),
        ):
            file.write(f"{line}\n")
    journal._rewrite(lambda _: False)
    assert journal.retirements() == ROTATED
    assert (journal.revoked(), journal.lines(), journal.begun()) == ({revoked: NOW}, [], True)
    # Copies that lack one are not newer ones.
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "leaving-journal").write_bytes(older)
    with pytest.raises(StorageError, match=r"^JOURNALS_NOT_NEWER$"):
        Journals.of(tmp_path / "old").require_newer(Journals.of(tmp_path))


@pytest.fixture
def tideline(session: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    return lambda *words: CliRunner().invoke(app, ["keys", *map(str, words)])


def code_of(done: Result) -> str | None:
    return done.exception.code if isinstance(done.exception, TidelineError) else None


def master_check(session: Any) -> str:
    with session.database.transaction() as connection:
        return connection.execute(sa.select(home_table.c.master_check)).scalar_one()


@pytest.mark.slow
def test_a_backup_of_the_keys_of_before_a_rotation_is_refused_and_one_of_after_is_taken(
    session: Any, tideline: Callable[..., Result], tmp_path: Path
) -> None:
    home, (old, new) = session.home, (tmp_path / name for name in ("old.age", "new.age"))
    identity = tmp_path / "identity"
    shutil.copy(home.secrets / "inbox.identity", identity)
    seal = key_backup.seal_to([home.config.inbox_recipient])

    def lose() -> None:
        for name in KEY_FILES:
            (home.secrets / name).unlink()

    def restored(file: Path, *options: str) -> Result:
        return tideline("restore", file, "--identity", identity, *options)

    before = master_check(session)
    key_backup.back_up(home.secrets, home.config.home_id, old, seal)
    for which in ("master", "inbox"):
        assert tideline("rotate", which).exit_code == 0
    rotated = (master_check(session), load_home(home.root).config.inbox_recipient)
    key_backup.back_up(home.secrets, home.config.home_id, new, seal)
    lose()
    # No key of a group-day lies there to say anything.
    assert list(home.keys.iterdir()) == []
    assert code_of(restored(old)) == "KEYS_RETIRED"
    assert not any((home.secrets / name).exists() for name in KEY_FILES)
    assert (master_check(session), load_home(home.root).config.inbox_recipient) == rotated

    done = restored(new)
    assert (done.exit_code, "sealed to" in done.output) == (0, False), done.output
    assert (master_check(session), load_home(home.root).config.inbox_recipient) == rotated
    lose()

    # Where there is no other, somebody has to say so, and it is on record.
    done = restored(old, "--trust-keys")
    assert (done.exit_code, "no longer to the one" in done.output) == (0, True), done.output
    assert master_check(session) == before
    assert load_home(home.root).config.inbox_recipient == home.config.inbox_recipient
    with session.database.transaction() as connection:
        put_back = (Kind.MASTER_KEY_PUT_BACK, Kind.INBOX_KEY_PUT_BACK)
        query = sa.select(ledger.c.kind).where(ledger.c.kind.in_(put_back)).order_by(ledger.c.seq)
        assert connection.execute(query).scalars().all() == [Kind.INBOX_KEY_PUT_BACK, put_back[0]]


@pytest.mark.slow
def test_a_home_that_comes_back_of_before_takes_no_key_that_the_newest_journal_calls_retired(
    session: Any,
    tideline: Callable[..., Result],
    tmp_path: Path,
    make_empty_database: Callable[[], sa.URL],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, root = session.home, tmp_path / "restored" / "home"
    file, beside = back_up(home, session.url, tmp_path / "a.backup").file, tmp_path / "retired"
    shutil.copytree(home.secrets, beside)
    check = master_check(session)
    for which in ("master", "inbox"):
        assert tideline("rotate", which).exit_code == 0
    recipient = load_home(home.root).config.inbox_recipient
    assert recipient == recipient_of(str(load_identity(home.secrets)))

    # Database and files by other means, all of before, and the journal of now.
    now = home.secrets.rename(tmp_path / "now")
    shutil.copytree(beside, home.secrets)
    with as_owner(session.url) as connection:
        connection.execute(home_table.update().values(master_check=check))
    with pytest.raises(SetupError, match=r"^KEYS_RETIRED$"):
        tell_restored(home, session.url, session.clock, home.root)
    shutil.rmtree(home.secrets)
    now.rename(home.secrets)

    monkeypatch.setenv("TIDELINE_PG_URL", make_empty_database().render_as_string(False))
    shutil.copytree(beside, root.with_name("home-secrets"))
    offer = Offer(file, None, home.root, None)
    with pytest.raises(SetupError, match=r"^KEYS_RETIRED$"):
        restore(offer, root, session.clock, lambda _: nullcontext())
    assert not (root / "home.yaml").exists()
    # Without keys beside it, what comes is sealed to the newest one that the journal names.
    shutil.rmtree(root.with_name("home-secrets"))
    assert restore(offer, root, session.clock, lambda _: nullcontext()).keys_missing
    assert load_home(root).config.inbox_recipient == recipient
