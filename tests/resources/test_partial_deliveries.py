"""Sealed deliveries in pieces: whole and once, or not at all."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pyrage
import pytest

from assets.core.errors import ExportError, StorageError
from resources.stores.inbox.file_names import export_named
from resources.stores.inbox.location import InboxLocation
from resources.stores.portal.partial_deliveries import MOST_AT_ONCE, PartialDeliveries, Received

NOW = datetime.now(UTC)
GROUP, OTHER = "g-0a1b2c3d", "g-ffffffff"
IDENTITY = pyrage.x25519.Identity.generate()


def sealed(content: bytes) -> bytes:
    out = io.BytesIO()
    pyrage.encrypt_io(io.BytesIO(content), out, [IDENTITY.to_public()])
    return out.getvalue()


SEALED = sealed(b"made up " * 9000)
DIGEST = hashlib.sha256(SEALED).hexdigest()


@pytest.fixture
def store(tmp_path):
    return PartialDeliveries(
        tmp_path / "pieces", InboxLocation(str(tmp_path / "inbox")), timedelta(days=14)
    )


def arrived(tmp_path):
    return sorted((tmp_path / "inbox").rglob("*.age"))


def test_pieces_that_come_twice_or_too_early_change_nothing(store, tmp_path) -> None:
    name = store.begin(GROUP, NOW)
    assert store.add(GROUP, name, 5, SEALED[5:9]) == Received(0, False)
    assert store.add(GROUP, name, 0, SEALED[:4000]) == Received(4000, True)
    assert store.add(GROUP, name, 0, SEALED[:4000]) == Received(4000, True)
    assert store.received(GROUP, name) == 4000
    assert store.add(GROUP, name, 4000, SEALED[4000:]) == Received(len(SEALED), True)
    assert store.finish(GROUP, name, "0" * 64) is False
    assert arrived(tmp_path) == []
    assert [store.finish(GROUP, name, DIGEST) for _ in range(2)] == [True, True]
    (path,) = arrived(tmp_path)
    assert path.read_bytes() == SEALED
    at, digest = export_named(path.name)
    assert (abs(at - NOW) < timedelta(minutes=30), digest) == (True, DIGEST)
    assert path.parent.name == GROUP
    assert store.received(GROUP, name) is None


class _Killed(InboxLocation):
    """Every third time it is ended after it has put a file down, before anyone hears of it."""

    asked = 0

    def put(self, folder, name, content):
        path = super().put(folder, name, content)
        self.asked += 1
        if self.asked % 3 == 0:
            raise KeyboardInterrupt
        return path


def test_two_hundred_at_once_arrive_once_each_whatever_is_killed(tmp_path) -> None:
    inbox = _Killed(str(tmp_path / "inbox"))
    store = PartialDeliveries(tmp_path / "pieces", inbox, timedelta(days=14))
    groups = [f"g-{n:08x}" for n in range(10)]
    begun = [(group, store.begin(group, NOW)) for group in groups * MOST_AT_ONCE]
    several = [sealed(b"%d " % n * 900) for n in range(len(begun))]

    def deliver(place: int) -> None:
        (group, name), content = begun[place], several[place]
        for offset in range(0, len(content), 999):
            store.add(group, name, offset, content[offset : offset + 999])
        with suppress(KeyboardInterrupt):
            store.finish(group, name, hashlib.sha256(content).hexdigest())

    with ThreadPoolExecutor(8) as pool:
        # Each as often as a client tries whose answers are lost, twice of them at once.
        list(pool.map(deliver, [*range(200), *range(200)]))
        list(pool.map(deliver, range(200)))
    assert len(begun) == 200
    assert inbox.asked > 200
    assert sorted(one.read_bytes() for one in arrived(tmp_path)) == sorted(several)


@pytest.mark.parametrize(("group_ref", "name"), [(OTHER, ""), (GROUP, "../x"), (GROUP, "0" * 32)])
def test_nobody_reaches_another_delivery(store, group_ref, name) -> None:
    own = store.begin(GROUP, NOW)
    assert store.add(group_ref, name or own, 0, SEALED) is None
    assert store.received(group_ref, name or own) is None
    assert store.finish(group_ref, name or own, DIGEST) is None


@pytest.mark.parametrize(
    ("most", "piece", "code"),
    [(100, SEALED, "EXPORT_TOO_LARGE"), (10**9, b"01/11/2026, 10:00 - ", "EXPORT_NOT_SEALED")],
)
def test_what_is_too_large_or_not_sealed_leaves_nothing(tmp_path, most, piece, code) -> None:
    inbox = InboxLocation(str(tmp_path / "inbox"))
    store = PartialDeliveries(tmp_path / "pieces", inbox, timedelta(days=14), most_bytes=most)
    name = store.begin(GROUP, NOW)
    with pytest.raises(ExportError, match=code):
        store.add(GROUP, name, 0, piece)
    assert store.received(GROUP, name) == 0


def test_what_is_not_finished_goes(store, tmp_path) -> None:
    old = store.begin(GROUP, NOW)
    for _ in range(MOST_AT_ONCE):
        store.begin(GROUP, NOW)
    assert len(list((tmp_path / "pieces").rglob("*.part"))) == MOST_AT_ONCE
    assert store.received(GROUP, old) is None
    store.delete_old(NOW + timedelta(days=2))
    assert list((tmp_path / "pieces").rglob("*.*")) == []


def test_an_inbox_that_can_not_be_written_keeps_the_pieces(store, tmp_path) -> None:
    name = store.begin(GROUP, NOW)
    store.add(GROUP, name, 0, SEALED)
    (tmp_path / "inbox").write_text("in the way")
    with pytest.raises(StorageError, match="INBOX_NOT_WRITABLE"):
        store.finish(GROUP, name, DIGEST)
    (tmp_path / "inbox").unlink()
    assert store.finish(GROUP, name, DIGEST) is True
    assert len(arrived(tmp_path)) == 1
