"""Sealed deliveries in pieces: whole and once, or not at all."""

import fcntl
import hashlib
import io
import os
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from assets.core.errors import ExportError, StorageError
from resources.stores.inbox.file_names import export_named
from resources.stores.inbox.location import InboxLocation
from resources.stores.portal.delivery_room import Room
from resources.stores.portal.partial_deliveries import (
    SEALED_OPENING,
    PartialDeliveries,
    Received,
)

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


def insisting(attempt: Callable, *given) -> None:
    """As a client does that is told that another request works on its delivery."""
    while True:
        try:
            return attempt(*given)
        except StorageError as error:
            if error.code != "DELIVERY_IN_USE":
                raise


class _Killed(InboxLocation):
    """Every third time it is ended after it has put a file down, before anyone hears of it."""

    asked = 0

    def put_file(self, folder, name, source):
        path = super().put_file(folder, name, source)
        self.asked += 1
        if self.asked % 3 == 0:
            raise KeyboardInterrupt
        return path


def test_many_at_once_arrive_once_each_whatever_is_killed(tmp_path, full: bool) -> None:
    """Two hundred in full, else sixty."""
    inbox = _Killed(str(tmp_path / "inbox"))
    store = PartialDeliveries(tmp_path / "pieces", inbox, timedelta(days=14))
    groups = [f"g-{n:08x}" for n in range(10 if full else 3)]
    begun = [(group, store.begin(group, NOW)) for group in groups * Room().link_number]
    several = [sealed(b"%d " % n * 900) for n in range(len(begun))]

    def deliver(place: int) -> None:
        (group, name), content = begun[place], several[place]
        for offset in range(0, len(content), 999):
            insisting(store.add, group, name, offset, content[offset : offset + 999])
        with suppress(KeyboardInterrupt):
            insisting(store.finish, group, name, hashlib.sha256(content).hexdigest())

    with ThreadPoolExecutor(8) as pool:
        # Each as often as a client tries whose answers are lost, twice of them at once.
        list(pool.map(deliver, [*range(len(begun)), *range(len(begun))]))
        list(pool.map(deliver, range(len(begun))))
    assert len(begun) == (200 if full else 60)
    assert inbox.asked > len(begun)
    assert sorted(one.read_bytes() for one in arrived(tmp_path)) == sorted(several)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda store, name: store.add(GROUP, name, 0, SEALED), None),
        (lambda store, name: store.finish(GROUP, name, DIGEST), True),
        (lambda store, name: store.received(GROUP, name), None),
    ],
    ids=["add", "finish", "received"],
)
def test_what_another_request_finishes_between_looking_and_opening_is_no_fault(
    store, tmp_path, monkeypatch: pytest.MonkeyPatch, ask, told
) -> None:
    name = store.begin(GROUP, NOW)
    store.add(GROUP, name, 0, SEALED)
    looked = PartialDeliveries._part

    def finished_meanwhile(self, group_ref: str, own: str) -> Path | None:
        path = looked(self, group_ref, own)
        monkeypatch.undo()
        assert store.finish(GROUP, name, DIGEST) is True
        return path

    monkeypatch.setattr(PartialDeliveries, "_part", finished_meanwhile)
    assert ask(store, name) is told
    assert len(arrived(tmp_path)) == 1


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


def parts(tmp_path: Path) -> dict[str, int]:
    return {one.stem: one.stat().st_size for one in (tmp_path / "pieces").rglob("*.part")}


def roomy(tmp_path: Path, **room: int) -> PartialDeliveries:
    inbox = InboxLocation(str(tmp_path / "inbox"))
    return PartialDeliveries(tmp_path / "pieces", inbox, timedelta(days=14), room=Room(**room))


def begun(store: PartialDeliveries, group: str, size: int, age: int = 0) -> str:
    name = store.begin(group, NOW)
    if size:
        opening = SEALED_OPENING.ljust(size, b"x")
        assert store.add(group, name, 0, opening) == Received(size, True)
    path = store._part(group, name)
    assert path is not None
    os.utime(path, (NOW.timestamp() - age, NOW.timestamp() - age))
    return name


def test_a_further_delivery_of_a_link_takes_the_place_of_its_oldest(tmp_path) -> None:
    store = roomy(tmp_path, link_number=3, link_bytes=1000)
    other = begun(store, OTHER, 900, age=99)
    old, young, empty = (
        begun(store, GROUP, size, age) for size, age in [(400, 9), (300, 5), (0, 0)]
    )
    # One without bytes goes before an older one that has some.
    new = begun(store, GROUP, 0)
    assert set(parts(tmp_path)) == {other, old, young, new}
    assert empty not in parts(tmp_path)
    store.add(GROUP, new, 0, SEALED_OPENING.ljust(301, b"x"))
    assert parts(tmp_path) == {other: 900, young: 300, new: 301}
    store.delete_old(NOW + timedelta(days=2))
    assert list((tmp_path / "pieces").rglob("*")) == []


@pytest.mark.parametrize(
    "room",
    [{"most_bytes": 2000}, {"most_number": 2}, {"spare_bytes": 1 << 60}],
    ids=["bytes", "number", "disk"],
)
def test_what_is_full_is_told_and_nobody_loses_anything(tmp_path, room) -> None:
    wide = roomy(tmp_path)
    names = [begun(wide, one, 999) for one in (GROUP, OTHER)]
    store = roomy(tmp_path, **room)
    with pytest.raises(StorageError, match="DELIVERIES_FULL"):
        begun(store, "g-11111111", 500)
    with suppress(StorageError):
        store.add(GROUP, names[0], 999, b"x" * 400)
    kept = parts(tmp_path)
    assert {kept[name] for name in names} <= {999, 1399}
    assert sum(kept.values()) <= 2398


def test_a_link_gets_only_so_many_whole_in_a_day(tmp_path) -> None:
    store = roomy(tmp_path, link_whole=2)
    for n in range(2):
        content = sealed(b"%d" % n)
        name = store.begin(GROUP, NOW)
        store.add(GROUP, name, 0, content)
        assert store.finish(GROUP, name, hashlib.sha256(content).hexdigest())
    with pytest.raises(StorageError, match="DELIVERIES_FULL"):
        store.begin(GROUP, NOW)
    assert store.begin(OTHER, NOW)
    assert store.begin(GROUP, NOW + timedelta(days=2))


def test_old_ones_go_though_nobody_delivers(store, tmp_path) -> None:
    old = store._part(GROUP, begun(store, GROUP, 999))
    gone = threading.Event()

    def a_day_on() -> datetime:
        # Asked for once; whoever asks deletes next.
        gone.set()
        return NOW + timedelta(days=2)

    store.keep_deleting_old(a_day_on)
    assert gone.wait(60)
    end = time.monotonic() + 60
    while old is None or old.exists():
        assert time.monotonic() < end


def test_one_that_another_request_works_on_is_not_waited_for(store, tmp_path) -> None:
    name = store.begin(GROUP, NOW)
    store.add(GROUP, name, 0, SEALED)
    with (tmp_path / "pieces" / GROUP / f"{name}.part").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for attempt in (
            lambda: store.add(GROUP, name, len(SEALED), b"more"),
            lambda: store.finish(GROUP, name, DIGEST),
        ):
            with pytest.raises(StorageError, match="DELIVERY_IN_USE"):
                attempt()
    assert store.finish(GROUP, name, DIGEST) is True


def test_a_large_one_is_never_in_memory_whole(store, tmp_path) -> None:
    name, large = store.begin(GROUP, NOW), 64 << 20
    store.add(GROUP, name, 0, SEALED)
    path = tmp_path / "pieces" / GROUP / f"{name}.part"
    # Nought bytes to the end, which take no room on the disk.
    os.truncate(path, large)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    tracemalloc.start()
    try:
        assert store.finish(GROUP, name, digest) is True
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20
    (whole,) = arrived(tmp_path)
    assert whole.stat().st_size == large


def test_an_inbox_that_can_not_be_written_keeps_the_pieces(store, tmp_path) -> None:
    name = store.begin(GROUP, NOW)
    store.add(GROUP, name, 0, SEALED)
    (tmp_path / "inbox").write_text("in the way")
    with pytest.raises(StorageError, match="INBOX_NOT_WRITABLE"):
        store.finish(GROUP, name, DIGEST)
    (tmp_path / "inbox").unlink()
    assert store.finish(GROUP, name, DIGEST) is True
    assert len(arrived(tmp_path)) == 1
