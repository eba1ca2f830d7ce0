import base64
import stat
from pathlib import Path

import pyrage
import pytest

from assets.core.errors import SetupError, StorageError
from orchestration.cli.session import Session
from resources.base.keys.key_backup import (
    Cipher,
    back_up,
    restore,
    seal_to,
    seal_with,
    unseal_by,
    unseal_with,
)
from resources.base.keys.keys_of_home import KeysOfHome
from resources.base.keys.link_keys import Signs, signing_keys
from resources.base.keys.long_lived_keys import (
    KEY_FILES,
    LongLived,
    check_of,
    load_identity,
    load_key,
    make_identity,
    make_keys,
)
from resources.maintenance.database_setup import mark_keys

HOME_ID = "a" * 32


@pytest.fixture(autouse=True)
def _no_keys_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIDELINE_MASTER_KEY", "TIDELINE_MEMBER_KEY", "TIDELINE_INBOX_IDENTITY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The secrets of a new home."""
    made = tmp_path / "secrets"
    make_identity(made)
    make_keys(made)
    return made


def test_they_are_made_once_for_their_owner_alone(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(KEY_FILES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    keys = [load_key(which, folder) for which in LongLived]
    assert {len(key) for key in keys} == {32}
    assert len(set(keys)) == 2
    make_keys(folder)
    assert [load_key(which, folder) for which in LongLived] == keys


@pytest.mark.parametrize("which", LongLived)
def test_a_missing_one_is_an_error_and_never_made_again(which: LongLived, folder: Path) -> None:
    (folder / which.value.file).unlink()
    with pytest.raises(StorageError, match=rf"^{which.name}_KEY_MISSING$"):
        load_key(which, folder)
    assert not (folder / which.value.file).exists()


@pytest.mark.parametrize("which", LongLived)
def test_the_environment_s_comes_first(
    which: LongLived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(which.value.variable, base64.b64encode(b"k" * 32).decode())
    assert load_key(which, tmp_path / "none") == b"k" * 32
    make_keys(tmp_path / "made")
    assert not (tmp_path / "made" / which.value.file).exists()


@pytest.mark.parametrize("which", LongLived)
@pytest.mark.parametrize("written", ["short", "!" * 44, base64.b64encode(b"k" * 31).decode(), "é"])
def test_what_is_no_key_is_refused(
    which: LongLived, folder: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    (folder / which.value.file).write_text(written, "utf-8")
    with pytest.raises(StorageError, match=rf"^{which.name}_KEY_INVALID$"):
        load_key(which, folder)
    monkeypatch.setenv(which.value.variable, written)
    with pytest.raises(StorageError, match=rf"^{which.name}_KEY_INVALID$"):
        load_key(which, folder)


@pytest.mark.parametrize("which", LongLived)
def test_another_home_s_key_is_known_by_its_check(which: LongLived, folder: Path) -> None:
    own = check_of(which, load_key(which, folder))
    assert load_key(which, folder, own)
    with pytest.raises(StorageError, match=rf"^{which.name}_KEY_INVALID$"):
        load_key(which, folder, check_of(which, b"k" * 32))
    # Nor does one key's check fit the other.
    other = next(one for one in LongLived if one is not which)
    assert check_of(other, load_key(which, folder)) != own


@pytest.mark.slow
@pytest.mark.parametrize("which", LongLived)
def test_a_home_does_not_take_another_s(session: Session, which: LongLived) -> None:
    keys = KeysOfHome(session.home.secrets, session.database)
    assert (keys.master(), keys.member()) == tuple(
        load_key(one, session.home.secrets) for one in LongLived
    )
    file = session.home.secrets / which.value.file
    file.write_bytes(base64.b64encode(b"k" * 32))
    with pytest.raises(StorageError, match=rf"^{which.name}_KEY_INVALID$"):
        keys.master() if which is LongLived.MASTER else keys.member()
    # An older home's mark is set once.
    mark_keys(session.url, {f"{which.name.lower()}_check": check_of(which, b"k" * 32)})
    with pytest.raises(StorageError, match=rf"^{which.name}_KEY_INVALID$"):
        keys.master() if which is LongLived.MASTER else keys.member()


AGE, OTHER = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
KEY_FILE = f"# created: 2026-11-29T00:00:00Z\n# public key: {AGE.to_public()}\n{AGE}\n"


@pytest.mark.parametrize(
    ("seal", "unseal", "other"),
    [
        (
            lambda: seal_to([str(AGE.to_public())]),
            lambda: unseal_by(KEY_FILE),
            lambda: unseal_by(str(OTHER)),
        ),
        # A pass phrase takes seconds to seal under and to try, as it should.
        (
            lambda: seal_with("a made-up phrase"),
            lambda: unseal_with("a made-up phrase"),
            lambda: unseal_with("another phrase"),
        ),
    ],
    ids=["recipient", "pass phrase"],
)
def test_a_sealed_backup_brings_them_back(
    folder: Path, tmp_path: Path, seal, unseal, other
) -> None:
    before = {name: (folder / name).read_bytes() for name in KEY_FILES}
    file = tmp_path / "keys.age"
    back_up(folder, HOME_ID, file, seal())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(content.strip() in file.read_bytes() for content in before.values())
    with pytest.raises(SetupError, match=r"^KEY_BACKUP_UNREADABLE$"):
        restore(tmp_path / "new", HOME_ID, file, other())
    assert not (tmp_path / "new").exists()
    restore(tmp_path / "new", HOME_ID, file, unseal())
    assert {name: (tmp_path / "new" / name).read_bytes() for name in KEY_FILES} == before
    with pytest.raises(SetupError, match=r"^FILE_EXISTS$"):
        back_up(folder, HOME_ID, file, seal())


def test_the_key_that_lets_withdraw_is_in_it_and_the_one_that_can_be_revoked_is_not(
    folder: Path, tmp_path: Path
) -> None:
    kept, gone = Signs.WITHDRAWALS.value.file, Signs.INVITATIONS.value.file
    signing_keys(folder)
    file = tmp_path / "keys.age"
    back_up(folder, HOME_ID, file, to_age())
    restore(tmp_path / "new", HOME_ID, file, unseal_by(KEY_FILE))
    assert (tmp_path / "new" / kept).read_bytes() == (folder / kept).read_bytes()
    assert not (tmp_path / "new" / gone).exists()
    # One that was made meanwhile is no reason to keep the others back, and stays.
    signing_keys(tmp_path / "other")
    made = (tmp_path / "other" / kept).read_bytes()
    restore(tmp_path / "other", HOME_ID, file, unseal_by(KEY_FILE))
    assert (tmp_path / "other" / kept).read_bytes() == made != (folder / kept).read_bytes()
    assert {name for name in KEY_FILES if (tmp_path / "other" / name).exists()} == set(KEY_FILES)


def to_age() -> Cipher:
    return seal_to([str(AGE.to_public())])


@pytest.mark.parametrize(
    ("seal", "opener", "home_id", "code"),
    [
        (to_age, lambda: unseal_with("a phrase"), HOME_ID, "KEY_BACKUP_UNREADABLE"),
        (to_age, lambda: unseal_by("no identity at all"), HOME_ID, "KEY_BACKUP_UNREADABLE"),
        (to_age, lambda: unseal_by(str(OTHER)), HOME_ID, "KEY_BACKUP_UNREADABLE"),
        (to_age, lambda: unseal_by(KEY_FILE), "b" * 32, "KEYS_OF_ANOTHER_HOME"),
        (to_age, lambda: unseal_by(KEY_FILE), HOME_ID, "KEYS_EXIST"),
    ],
)
def test_a_wrong_restore_changes_nothing(
    folder: Path, tmp_path, seal, opener, home_id, code
) -> None:
    file = tmp_path / "keys.age"
    back_up(folder, HOME_ID, file, seal())
    (folder / KEY_FILES[0]).unlink()
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(SetupError, match=rf"^{code}$"):
        restore(folder, home_id, file, opener())
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("content", "opener"),
    [
        (b"", lambda: unseal_with("p")),
        (b"not sealed", lambda: unseal_with("p")),
        (b"not sealed", lambda: unseal_by(KEY_FILE)),
        (to_age()(b"[]"), lambda: unseal_by(KEY_FILE)),
        (to_age()(b"{}"), lambda: unseal_by(KEY_FILE)),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes, opener) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(SetupError, match=r"^KEY_BACKUP_UNREADABLE$"):
        restore(tmp_path / "new", HOME_ID, tmp_path / "file", opener())
    assert not (tmp_path / "new").exists()


def test_no_recipient_is_refused() -> None:
    for given in ([], ["nobody"]):
        with pytest.raises(SetupError, match=r"^RECIPIENT_INVALID$"):
            seal_to(given)


def test_without_a_key_there_is_no_backup(folder: Path, tmp_path: Path) -> None:
    for name, error in (("inbox.identity", SetupError), ("master.key", StorageError)):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(error):
            back_up(folder, HOME_ID, tmp_path / "keys.age", seal_with("a made-up phrase"))
        assert not (tmp_path / "keys.age").exists()
        (folder / name).write_bytes(content)


def test_the_environment_s_identity_is_taken(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDELINE_INBOX_IDENTITY", str(AGE))
    assert make_identity(tmp_path / "secrets") == str(AGE.to_public())
    assert not (tmp_path / "secrets").exists()
    assert load_identity(tmp_path / "secrets") == str(AGE)
    monkeypatch.setenv("TIDELINE_INBOX_IDENTITY", "none")
    with pytest.raises(SetupError, match=r"^INBOX_IDENTITY_MISSING$"):
        make_identity(tmp_path / "secrets")
