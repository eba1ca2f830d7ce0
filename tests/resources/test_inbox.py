import errno
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.core.errors import ExportError, SetupError, StorageError
from resources.stores.inbox.inbox import Deletions, Inbox, SealedExport

NOW = datetime(2026, 10, 15, 9, 30, 1, 123456, tzinfo=UTC)
LIFETIME = timedelta(days=14)
CONTENT = b"01/10/2026, 09:15 - Grace Okafor: I am so tired of Oak House\n" * 20
GROUP = "g-00000001"
IDENTITY = pyrage.x25519.Identity.generate()


def inbox_at(url: str, identity: object | None = IDENTITY) -> Inbox:
    return Inbox(url, str(IDENTITY.to_public()), str(identity) if identity else None, LIFETIME)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return inbox_at(str(tmp_path / "inbox"))


def deliver(inbox: Inbox, at: datetime = NOW, group: str = GROUP) -> SealedExport:
    return inbox.add(group, io.BytesIO(CONTENT), at)


@pytest.mark.parametrize("scheme", ["path", "file", "memory"])
def test_what_goes_in_comes_out(tmp_path: Path, scheme: str) -> None:
    url = {
        "path": str(tmp_path / "inbox"),
        "file": f"file://{tmp_path}/inbox",
        "memory": f"memory://{tmp_path.name}/inbox",
    }[scheme]
    inbox = inbox_at(url)
    added = deliver(inbox)
    assert inbox.list(GROUP) == [added]
    assert inbox.open_export(added).read() == CONTENT
    assert inbox.delete_expired(NOW + LIFETIME) == Deletions({})
    assert inbox.delete_expired(NOW + LIFETIME + timedelta(seconds=1)) == Deletions({GROUP: 1})
    assert inbox.list(GROUP) == []


def test_only_ciphertext_lies_on_disk(inbox: Inbox, tmp_path: Path) -> None:
    deliver(inbox)
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert path.read_bytes().startswith(b"age-encryption.org/v1")
    for word in (b"Grace", b"Okafor", b"tired", b"Oak", b"2026"):
        assert word not in path.read_bytes()
    assert "Grace" not in str(path)


def test_files_come_oldest_first_and_another_group_s_are_not_among_them(inbox: Inbox) -> None:
    arrivals = [NOW, NOW - timedelta(days=1), NOW + timedelta(microseconds=1)]
    for at in arrivals:
        deliver(inbox, at)
    deliver(inbox, NOW, "g-00000002")
    assert [one.arrived_at for one in inbox.list(GROUP)] == sorted(arrivals)
    assert inbox.list("g-00000003") == []


def test_the_same_file_twice_is_two_files(inbox: Inbox) -> None:
    assert deliver(inbox).digest != deliver(inbox, NOW + timedelta(seconds=1)).digest


@pytest.mark.parametrize(
    "name",
    [
        "WhatsApp Chat with Oak House.txt",
        ".0123.partial",
        "20261015T093001123456Z-00.age",
        f"20261015T093001123456Z-{'0' * 64}.txt",
        f"{'0' * 64}.age",
    ],
)
def test_strays_are_not_listed_but_have_a_lifetime(inbox: Inbox, name: str) -> None:
    added = deliver(inbox)
    stray = Path(added.path).with_name(name)
    stray.write_bytes(CONTENT)
    os.utime(stray, (NOW.timestamp(), NOW.timestamp()))
    assert inbox.list(GROUP) == [added]
    assert inbox.delete_expired(NOW + LIFETIME) == Deletions({})
    assert inbox.delete_expired(NOW + LIFETIME + timedelta(minutes=1)) == Deletions({GROUP: 2})
    assert not stray.exists()


@pytest.mark.parametrize(("place", "folder"), [("x.txt", ""), ("Oak House/a/x.txt", "Oak House")])
def test_strays_outside_the_groups_folders_go_too(
    inbox: Inbox, tmp_path: Path, place: str, folder: str
) -> None:
    stray = tmp_path / "inbox" / place
    stray.parent.mkdir(parents=True)
    stray.write_bytes(CONTENT)
    os.utime(stray, (0, 0))
    assert inbox.delete_expired(NOW) == Deletions({folder: 1})
    assert not stray.exists()


def test_a_file_that_another_run_deleted_is_not_counted(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(inbox)

    def gone(path: str) -> None:
        Path(path).unlink()
        raise FileNotFoundError

    monkeypatch.setattr(inbox.location.files, "rm_file", gone)
    assert inbox.delete_expired(NOW + 2 * LIFETIME) == Deletions({})


def test_without_the_identity_nothing_opens(tmp_path: Path) -> None:
    closed = inbox_at(str(tmp_path / "inbox"), identity=None)
    added = deliver(closed)
    with pytest.raises(SetupError, match=r"^INBOX_IDENTITY_MISSING$"):
        closed.open_export(added)


def test_another_identity_opens_nothing(inbox: Inbox, tmp_path: Path) -> None:
    added = deliver(inbox)
    other = inbox_at(str(tmp_path / "inbox"), pyrage.x25519.Identity.generate())
    with pytest.raises(ExportError, match=r"^EXPORT_SEAL_BROKEN$"):
        other.open_export(added)


@settings(
    max_examples=120,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_one_changed_or_missing_byte_breaks_the_seal(inbox: Inbox, data: st.DataObject) -> None:
    added = (inbox.list(GROUP) or [deliver(inbox)])[0]
    path = Path(added.path)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[place] ^= data.draw(st.integers(1, 255))
    damaged = data.draw(st.sampled_from((whole[:place], bytes(flipped), whole + b"x")))
    try:
        path.write_bytes(damaged)
        with pytest.raises(ExportError, match=r"^EXPORT_SEAL_BROKEN$") as caught:
            inbox.open_export(added)
        assert caught.value.__context__ is None
    finally:
        path.write_bytes(whole)


def test_a_file_that_vanished_is_gone(inbox: Inbox) -> None:
    added = deliver(inbox)
    Path(added.path).unlink()
    with pytest.raises(ExportError, match=r"^EXPORT_GONE$"):
        inbox.open_export(added)


def test_too_large_a_file_is_not_opened(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    added = deliver(inbox)
    monkeypatch.setattr("resources.stores.inbox.inbox.MAX_EXPORT_BYTES", 100)
    monkeypatch.setattr(inbox.location, "pieces", lambda path: pytest.fail("it was read"))
    with pytest.raises(ExportError, match=r"^EXPORT_TOO_LARGE$"):
        inbox.open_export(added)


def test_files_that_are_too_large_together_are_told_by_their_sizes(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [deliver(inbox), deliver(inbox)]
    whole = sum(inbox.size(one) or 0 for one in parts)
    monkeypatch.setattr(inbox.location, "pieces", lambda path: pytest.fail("it was read"))
    monkeypatch.setattr("resources.stores.inbox.inbox.MAX_EXPORT_BYTES", whole)
    inbox.require_within_one(parts)
    monkeypatch.setattr("resources.stores.inbox.inbox.MAX_EXPORT_BYTES", whole - 1)
    inbox.require_within_one(parts[:1])
    with pytest.raises(ExportError, match=r"^EXPORT_TOO_LARGE$"):
        inbox.require_within_one(parts)
    Path(parts[1].path).unlink()
    with pytest.raises(ExportError, match=r"^EXPORT_GONE$"):
        inbox.require_within_one(parts)


def test_an_inbox_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_bytes(b"a file, where a folder should be")
    with pytest.raises(StorageError, match=r"^INBOX_NOT_WRITABLE$"):
        deliver(inbox_at(str(tmp_path / "inbox")))


@pytest.mark.parametrize("call", ["pipe_file", "mv"])
def test_a_full_disk_leaves_nothing(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(path: str, *_: object, **__: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(inbox.location.files, call, full)
    with pytest.raises(StorageError, match=r"^INBOX_NOT_WRITABLE$"):
        deliver(inbox)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize(
    ("recipient", "identity", "code"),
    [
        ("age1notakey", str(IDENTITY), "HOME_CONFIG_INVALID"),
        (str(IDENTITY.to_public()), "AGE-SECRET-KEY-1NOTAKEY", "INBOX_IDENTITY_MISSING"),
        (str(IDENTITY.to_public()), "é", "INBOX_IDENTITY_MISSING"),
    ],
    # A name made of fresh keys would differ in every process that collects the tests.
    ids=["recipient", "identity", "identity of other letters"],
)
def test_what_is_no_key_is_refused(
    tmp_path: Path, recipient: str, identity: str, code: str
) -> None:
    with pytest.raises(SetupError, match=f"^{code}$"):
        Inbox(str(tmp_path), recipient, identity, LIFETIME)
