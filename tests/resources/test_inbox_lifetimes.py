"""What a lifetime is counted from, and what deleting leaves and tells."""

import errno
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from assets.core.errors import StorageError
from resources.stores.inbox.inbox import Deletions, Inbox, SealedExport

NOW = datetime(2026, 10, 15, 9, 30, tzinfo=UTC)
LIFETIME = timedelta(days=14)
SECOND = timedelta(seconds=1)
GROUP = "g-00000001"
IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(str(tmp_path / "inbox"), str(IDENTITY.to_public()), str(IDENTITY), LIFETIME)


def deliver(inbox: Inbox, at: datetime = NOW, *, changed: datetime | None = None) -> SealedExport:
    added = inbox.add(GROUP, io.BytesIO(b"x"), at)
    touch(Path(added.path), changed or at)
    return added


def touch(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


@pytest.mark.parametrize(
    ("arrived", "changed", "now", "due"),
    [
        (NOW, NOW, NOW + LIFETIME, False),
        (NOW, NOW, NOW + LIFETIME + SECOND, True),
        # What the file system says does not matter where the name tells the arrival.
        (NOW, NOW - 2 * LIFETIME, NOW + LIFETIME, False),
        (NOW, NOW + LIFETIME, NOW + LIFETIME + SECOND, True),
        # The clock was set back, by little or by much: nothing goes.
        (NOW, NOW, NOW - SECOND, False),
        (NOW, NOW, NOW - timedelta(days=400), False),
        # The clock was ahead on delivery: the file does not live longer for it.
        (NOW + timedelta(days=365), NOW, NOW + LIFETIME, False),
        (NOW + timedelta(days=365), NOW, NOW + LIFETIME + SECOND, True),
    ],
)
def test_a_file_s_age_is_from_its_arrival(
    inbox: Inbox, arrived: datetime, changed: datetime, now: datetime, due: bool
) -> None:
    added = deliver(inbox, arrived, changed=changed)
    assert inbox.living(GROUP, now) == ([] if due else [added])
    assert inbox.delete_expired(now) == Deletions({GROUP: 1} if due else {})
    assert inbox.list(GROUP) == ([] if due else [added])


def test_a_name_that_is_no_moment_is_a_stray(inbox: Inbox) -> None:
    added = deliver(inbox)
    stray = Path(added.path).with_name(f"20269999T999999999999Z-{'0' * 64}.age")
    stray.write_bytes(b"x")
    touch(stray, NOW - 2 * LIFETIME)
    assert inbox.list(GROUP) == [added]
    assert inbox.strays(GROUP) == 1
    assert inbox.delete_expired(NOW) == Deletions({GROUP: 1})
    assert inbox.strays(GROUP) == 0


def test_what_can_t_be_deleted_is_counted_and_the_others_go(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, other = deliver(inbox), deliver(inbox, NOW + SECOND)
    remove = inbox.location.files.rm_file

    def refuse(path: str) -> None:
        if path == held.path:
            raise PermissionError(errno.EPERM, "Oak House", path)
        remove(path)

    monkeypatch.setattr(inbox.location.files, "rm_file", refuse)
    assert inbox.delete_expired(NOW + 2 * LIFETIME) == Deletions({GROUP: 1}, failed=1)
    assert inbox.list(GROUP) == [held]
    assert not Path(other.path).exists()


def test_a_folder_called_after_a_group_goes_with_its_last_file(
    inbox: Inbox, tmp_path: Path
) -> None:
    deliver(inbox)
    for place in ("Oak House/a/x.txt", "Oak House/b/y.txt", "Elm Court/z.txt"):
        stray = tmp_path / "inbox" / place
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"x")
        touch(stray, NOW - 2 * LIFETIME)
    touch(stray, NOW)
    assert inbox.delete_expired(NOW) == Deletions({"Oak House": 2})
    assert {one.name for one in (tmp_path / "inbox").iterdir()} == {GROUP, "Elm Court"}


def test_a_link_goes_and_what_it_leads_to_stays(inbox: Inbox, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.txt").write_bytes(b"x")
    touch(outside / "kept.txt", NOW - 2 * LIFETIME)
    deliver(inbox)
    for name, target in (
        ("folder", outside),
        ("file", outside / "kept.txt"),
        ("b", outside / "no"),
    ):
        link = tmp_path / "inbox" / GROUP / name
        link.symlink_to(target)
        os.utime(link, (0, 0), follow_symlinks=False)
    inbox.delete_expired(NOW)
    assert (outside / "kept.txt").read_bytes() == b"x"
    assert [one.name for one in (tmp_path / "inbox" / GROUP).iterdir()] == [
        Path(inbox.list(GROUP)[0].path).name
    ]


def test_a_purge_takes_one_group_s_files_and_no_other_s(inbox: Inbox, tmp_path: Path) -> None:
    deliver(inbox)
    stray = tmp_path / "inbox" / GROUP / "deep" / "chat.txt"
    stray.parent.mkdir()
    stray.write_bytes(b"x")
    kept = inbox.add("g-00000002", io.BytesIO(b"x"), NOW)
    assert inbox.purge(GROUP) == Deletions({GROUP: 2})
    assert inbox.purge(GROUP) == Deletions({})
    assert inbox.list("g-00000002") == [kept]


def test_an_inbox_that_is_a_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "inbox"
    path.write_bytes(b"x")
    touch(path, NOW - 2 * LIFETIME)
    inbox = Inbox(str(path), str(IDENTITY.to_public()), None, LIFETIME)
    assert inbox.delete_expired(NOW) == Deletions({})
    assert inbox.purge("") == Deletions({})
    assert path.exists()


def test_a_location_that_fails_says_so_without_its_words(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ClientError(Exception):
        pass

    def fail(*_: object, **__: object) -> None:
        raise ClientError("Oak House/WhatsApp Chat.txt, key hunter2")

    monkeypatch.setattr(inbox.location.files, "find", fail)
    monkeypatch.setattr(inbox.location.files, "ls", fail)
    monkeypatch.setattr(inbox.location.files, "pipe_file", fail)
    for call, code in (
        (lambda: inbox.delete_expired(NOW), "INBOX_NOT_REACHABLE"),
        (lambda: inbox.list(GROUP), "INBOX_NOT_REACHABLE"),
        (lambda: deliver(inbox), "INBOX_NOT_WRITABLE"),
    ):
        with pytest.raises(StorageError, match=f"^{code}$") as caught:
            call()
        assert caught.value.__context__ is None
