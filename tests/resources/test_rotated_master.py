"""Another master key: killed anywhere the home goes on, and the earlier one opens nothing after."""

import base64
import io
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from killed import Killed, killed_at
from typer.testing import CliRunner, Result

from assets.core.errors import SetupError, StorageError
from orchestration.cli import app
from orchestration.cli.restoring import Offer, restore
from orchestration.home_backup import back_up
from orchestration.key_rotation import _alone, know_later_master, rotate_inbox, rotate_master
from orchestration.verification import verification
from resources.base.database.connection import Database
from resources.base.database.roles import owner_url
from resources.base.database.tables import home as home_table
from resources.base.database.tables import ledger
from resources.base.home import change_recipient, load_home
from resources.base.keys import key_backup, master_rotation
from resources.base.keys.key_store import KeyStore, seal, unseal, unwrap, wrap
from resources.base.keys.keys_of_home import KeysOfHome
from resources.base.keys.long_lived_keys import (
    LongLived,
    drop_earlier_identities,
    load_identity,
    load_key,
    load_keys,
    recipient_of,
    rotate_identity,
)
from resources.base.keys.master_rotation import _lies_at
from resources.health.secrets_kept import secrets_kept
from resources.maintenance.database_setup import as_owner
from resources.stores.ledger import Kind
from resources.wiring.commands import inbox_of
from resources.wiring.ways_out import WaysOut

pytestmark = pytest.mark.slow

KEY = b"k" * 32
OURS = ("orchestration/key_rotation", "keys/master_rotation", "base/files")


@pytest.fixture
def owner(session: Any) -> sa.URL:
    return owner_url(session.url)


@pytest.fixture
def tideline(session: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def sealed(session: Any) -> dict[str, bytes]:
    """What keys of the home have sealed, by the keys' names."""
    made = [session.ways_out.keys.make() for _ in range(2)]
    return {key_id: seal(cipher, b"numbers", "a name") for key_id, cipher in made}


def another_process(session: Any) -> Iterator[KeyStore]:
    database = Database(session.url)
    try:
        yield WaysOut(session.home, database).keys
    finally:
        database.dispose()


def opens(store: KeyStore, sealed: dict[str, bytes]) -> bool:
    return all(
        unseal(store.open(key_id), content, "a name") == b"numbers"
        for key_id, content in sealed.items()
    )


def opened_by(folder: Path, master: bytes) -> list[str]:
    """Files of keys that a master key opens, also what is left of one under another name."""
    return [
        path.name
        for path in folder.iterdir()
        if unwrap([master], path.name.strip(".").split(".")[0], path.read_bytes()) is not None
    ]


def rotations(session: Any) -> int:
    return entries(session, Kind.MASTER_KEY_ROTATED)


def entries(session: Any, kind: Kind) -> int:
    with session.database.transaction() as connection:
        counted = sa.select(sa.func.count()).where(ledger.c.kind == kind)
        return connection.execute(counted).scalar_one()


# What was killed closes nothing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_killed_before_any_statement_it_opens_all_and_goes_on(
    session: Any,
    owner: sa.URL,
    sealed: dict[str, bytes],
    full: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before each statement in full, else before every seventh."""
    step = 1 if full else 7
    # Processes are killed here, not machines.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    home, running = session.home, session.ways_out.keys
    assert opens(running, sealed)
    statement, gone_on, unfinished = 0, 0, 0
    while True:
        statement += step
        old = load_keys(LongLived.MASTER, home.secrets)[0]
        before = rotations(session)
        try:
            with killed_at(statement, OURS):
                rotate_master(home, owner, session.clock.now())
        except Killed:
            gone_on += 1
        else:
            break
        # A run that has the key from before, and one that starts now.
        for store in (running, *another_process(session)):
            assert opens(store, sealed)
            key_id, cipher = store.make()
            sealed[key_id] = seal(cipher, b"numbers", "a name")
            assert opens(running, sealed)
        unfinished += secrets_kept(home, {}).rotating == ("master.key",)
        done = rotate_master(home, owner, session.clock.now())
        assert (done.keys, done.damaged, done.earlier_is_gone) == (len(sealed), 0, True)
        assert load_keys(LongLived.MASTER, home.secrets) != (old,)
        assert opened_by(home.keys, old) == []
        assert opens(running, sealed)
        # Once where it was gone on with, twice where what was cut off had ended already.
        assert rotations(session) - before in (1, 2)
        left = [path for path in home.secrets.iterdir() if base64.b64encode(old) in read(path)]
        assert left == []
        while len(sealed) > 2:
            session.ways_out.keys.destroy(key := next(iter(sealed)))
            del sealed[key]
    assert gone_on > 100 // step
    assert 20 // step < unfinished < gone_on
    assert verification(home, owner, session.clock).faults == []


def test_from_the_command_line_it_says_what_comes_next_and_a_backup_waits_for_its_end(
    session: Any, tideline: Callable[..., Result], owner: sa.URL, tmp_path: Path
) -> None:
    folder = session.home.secrets
    with pytest.raises(Killed), killed_at(1, ("base/keys/keys_of_home",)):
        rotate_master(session.home, owner, session.clock.now())
    with pytest.raises(SetupError, match=r"^KEY_ROTATION_UNFINISHED$"):
        key_backup.back_up(folder, "0" * 32, tmp_path / "keys.age", bytes)
    done = tideline("keys", "rotate", "master")
    assert "opens all 0 keys" in done.output
    assert "keys backup" in done.output
    key_backup.back_up(folder, "0" * 32, tmp_path / "keys.age", bytes)
    assert tideline("keys", "rotate", "master", "--drop-earlier").exit_code == 2


def test_beside_another_one_or_with_another_homes_key_nothing_is_changed(
    session: Any, owner: sa.URL
) -> None:
    file = session.home.secrets / "master.key"
    before = file.read_bytes()
    with _alone(owner), pytest.raises(SetupError, match=r"^KEY_ROTATION_RUNNING$"):
        rotate_master(session.home, owner, session.clock.now())
    assert file.read_bytes() == before
    file.write_bytes(base64.b64encode(b"k" * 32))
    with pytest.raises(StorageError, match=r"^MASTER_KEY_INVALID$"):
        rotate_master(session.home, owner, session.clock.now())
    assert file.read_bytes() == base64.b64encode(b"k" * 32)


def test_of_two_that_the_environment_gives_the_first_is_put_to_use(
    session: Any, owner: sa.URL, sealed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, variable = session.home, LongLived.MASTER.value.variable
    old, new = ((home.secrets / "master.key").read_text("ascii"), encoded(b"n" * 32))
    (home.secrets / "master.key").unlink()
    monkeypatch.setenv(variable, old)
    with pytest.raises(SetupError, match=r"^KEY_IN_ENVIRONMENT$"):
        rotate_master(home, owner, session.clock.now())
    monkeypatch.setenv(variable, f"{new}\n{old}")
    assert opens(session.ways_out.keys, sealed)
    done = rotate_master(home, owner, session.clock.now())
    assert (done.keys, done.earlier_is_gone) == (len(sealed), False)
    monkeypatch.setenv(variable, new)
    for store in another_process(session):
        assert opens(store, sealed)
    monkeypatch.setenv(variable, old)
    for store in another_process(session):
        with pytest.raises(StorageError, match=r"^MASTER_KEY_INVALID$"):
            opens(store, sealed)


def test_keys_made_and_destroyed_meanwhile_are_the_new_ones_or_gone(
    session: Any, owner: sa.URL, sealed: dict[str, bytes]
) -> None:
    home, store, ended = session.home, session.ways_out.keys, threading.Event()
    old = load_key(LongLived.MASTER, home.secrets)
    made: list[str] = []

    def work() -> None:
        while not ended.is_set():
            made.append(store.make()[0])
            store.destroy(made[-1] if len(made) % 2 else made[0])

    beside = threading.Thread(target=work)
    beside.start()
    try:
        for _ in range(5):
            rotate_master(home, owner, session.clock.now())
    finally:
        ended.set()
        beside.join()
    assert len(made) > 10
    living = {path.name for path in home.keys.iterdir()}
    assert set(sealed) <= living <= {*sealed, *made}
    assert opened_by(home.keys, old) == []
    assert sorted(opened_by(home.keys, load_key(LongLived.MASTER, home.secrets))) == sorted(living)
    assert opens(store, sealed)


def test_a_key_that_is_destroyed_while_it_is_wrapped_anew_is_gone(
    session: Any, sealed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, store, key_id = session.home, session.ways_out.keys, next(iter(sealed))
    old, new = load_key(LongLived.MASTER, home.secrets), b"n" * 32
    other_name = home.root / "another name of the same bytes"
    os.link(home.keys / key_id, other_name)
    # In a process of its own, for it waits for the lock that is held meanwhile.
    beside = threading.Thread(target=store.destroy, args=(key_id,))

    def destroyed_now(path: Path, file: Any) -> bool:
        is_there = _lies_at(path, file)
        if path.name == key_id:
            beside.start()
            while path.exists():
                pass
        return is_there

    monkeypatch.setattr(master_rotation, "_lies_at", destroyed_now)
    master_rotation.rewrap(home.keys, new, [old])
    beside.join()
    assert not store.lives(key_id)
    assert unwrap([old, new], key_id, other_name.read_bytes()) is None
    assert opened_by(home.keys, new) == sorted(set(sealed) - {key_id})


def test_a_backup_of_before_is_restored_with_the_keys_of_after(
    session: Any,
    owner: sa.URL,
    tmp_path: Path,
    make_empty_database: Callable[[], sa.URL],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, root, empty = session.home, tmp_path / "restored" / "home", make_empty_database()
    file = back_up(home, session.url, tmp_path / "a.backup").file
    rotate_master(home, owner, session.clock.now())
    rotate_inbox(home, session.clock.now())
    recipient = load_home(home.root).config.inbox_recipient
    beside = root.with_name("home-secrets")
    shutil.copytree(home.secrets, beside)
    monkeypatch.setenv("TIDELINE_PG_URL", empty.render_as_string(hide_password=False))
    # The backup's own journal is of before, too, and does not say which keys are later.
    with pytest.raises(SetupError, match=r"^KEYS_NOT_KNOWN_NEWEST$"):
        restore(Offer(file, None, None, None), root, session.clock, lambda _: nullcontext())
    offer = Offer(file, None, home.root, None)
    # Only the member key, which is never rotated, says that the others are the home's.
    (beside / "member.key").rename(tmp_path / "member.key")
    with pytest.raises(SetupError, match=r"^KEYS_OF_ANOTHER_HOME$"):
        restore(offer, root, session.clock, lambda _: nullcontext())
    (tmp_path / "member.key").rename(beside / "member.key")
    assert not restore(offer, root, session.clock, lambda _: nullcontext()).keys_missing
    restored, database = load_home(root), Database(empty)
    assert restored.config.inbox_recipient == recipient
    assert KeysOfHome(beside, database).master() == load_key(LongLived.MASTER, home.secrets)
    database.dispose()


def test_a_later_key_is_known_where_the_journal_and_the_member_key_say_so(
    session: Any, owner: sa.URL, sealed: dict[str, bytes]
) -> None:
    home, own = session.home, KeysOfHome(session.home.secrets, session.database)
    with as_owner(owner) as connection:
        before = connection.execute(sa.select(home_table.c.master_check)).scalar_one()
    rotate_master(home, owner, session.clock.now())

    def knows(*, trusted: bool = False) -> bool:
        return know_later_master(home, owner, session.clock.now(), trusted=trusted)

    assert not knows()
    with as_owner(owner) as connection:
        connection.execute(home_table.update().values(master_check=before))
    member, aside = home.secrets / "member.key", home.secrets / "aside"
    member.rename(aside)
    assert not knows()
    aside.rename(member)
    damaged = [home.keys / (digit * 32) for digit in "ef"]
    for one in damaged:
        one.write_bytes(wrap(b"k" * 32, one.name, b"k" * 32))
    assert not knows()
    with pytest.raises(StorageError, match=r"^MASTER_KEY_INVALID$"):
        own.master()
    # One that is damaged keeps none of the others back.
    damaged[0].unlink()
    journal = home.leaving_journal.read_bytes()
    home.leaving_journal.write_text('{"what": "begun"}\n', "utf-8")
    with pytest.raises(SetupError, match=r"^KEYS_NOT_KNOWN_NEWEST$"):
        knows()
    home.leaving_journal.write_bytes(journal)
    assert knows()
    assert own.master() == load_key(LongLived.MASTER, home.secrets)
    assert opens(session.ways_out.keys, sealed)
    assert entries(session, Kind.MASTER_KEY_PUT_BACK) == 1


@pytest.mark.parametrize(
    ("keys", "closed", "opens_enough"),
    [(0, 0, True), (0, 1, False), (1, 1, True), (2, 2, False), (38, 2, True), (38, 3, False)],
)
def test_a_few_damaged_keys_are_no_sign_of_another_master_key(
    tmp_path: Path, keys: int, closed: int, opens_enough: bool
) -> None:
    for number in range(keys + closed):
        name = f"{number:032x}"
        (tmp_path / name).write_bytes(wrap(KEY if number < keys else b"o" * 32, name, b"d" * 32))
    assert master_rotation.opens_nearly_all(tmp_path, KEY) is opens_enough


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_inbox_key_killed_before_any_statement_is_put_to_use_by_the_next(session: Any) -> None:
    home = session.home
    for statement in range(1, 400):
        sealed_before = inbox_of(home, with_identity=True).add(
            "g-00000001", io.BytesIO(b"text"), session.clock.now()
        )
        try:
            with killed_at(statement, ("base/keys/", "base/files", "base/home")):
                change_recipient(home, rotate_identity(home.secrets, home.config.inbox_recipient))
        except Killed:
            home, ended = load_home(home.root), False
        else:
            home, ended = load_home(home.root), True
        in_use = home.config.inbox_recipient
        now = inbox_of(home, with_identity=True)
        assert now.open_export(sealed_before).read() == b"text"
        if recipient_of(str(load_identity(home.secrets))) != in_use:
            with pytest.raises(SetupError, match=r"^KEY_ROTATION_UNFINISHED$"):
                drop_earlier_identities(home.secrets, in_use)
            made = len(str(load_identity(home.secrets)).split())
            change_recipient(home, rotate_identity(home.secrets, in_use))
            home = load_home(home.root)
            assert len(str(load_identity(home.secrets)).split()) == made
        assert recipient_of(str(load_identity(home.secrets))) == home.config.inbox_recipient
        drop_earlier_identities(home.secrets, home.config.inbox_recipient)
        if ended:
            assert statement > 30
            return
    pytest.fail("it never ended")


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
