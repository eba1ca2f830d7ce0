# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""A large export in the inbox: sealed in blocks, unsealed where it is read."""

import hashlib
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.core.errors import ExportError
from resources.stores.inbox import blocks
from resources.stores.inbox.inbox import Inbox

NOW = datetime(2026, 10, 15, 9, 30, tzinfo=UTC)
GROUP = "g-00000001"
IDENTITY, OTHER = (pyrage.x25519.Identity.generate() for _ in range(2))
BLOCK = 1 << 10
CONTENT = random.Random(5).randbytes(10 * BLOCK + 17)
NOTE = b'{"written": "Ola"}'


@pytest.fixture(autouse=True, scope="module")
def _short_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for module in ("blocks", "inbox"):
            patched.setattr(f"resources.stores.inbox.{module}.BLOCK_BYTES", BLOCK)
        yield


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    recipient = str(IDENTITY.to_public())
    return Inbox(str(tmp_path / "inbox"), recipient, str(IDENTITY), timedelta(days=14))


@pytest.mark.parametrize("note", [b"", NOTE])
@pytest.mark.parametrize(
    "size", [0, 1, 4 * BLOCK - 1, 4 * BLOCK, 4 * BLOCK + 1, 5 * BLOCK, 5 * BLOCK + 1]
)
def test_what_goes_in_comes_out_with_its_note(inbox: Inbox, size: int, note: bytes) -> None:
    added = inbox.add(GROUP, io.BytesIO(CONTENT[:size]), NOW, note=note)
    assert inbox.list(GROUP) == [added]
    sealed = Path(added.path).read_bytes()
    assert added.digest == hashlib.sha256(sealed).hexdigest()
    assert sealed.startswith(blocks.BEGINS) == (size >= 4 * BLOCK)
    with inbox.open_export(added) as opened:
        assert opened.read() == CONTENT[:size]
        assert opened.note == note


@given(steps=st.lists(st.tuples(st.integers(0, len(CONTENT) + 9), st.integers(-1, 3 * BLOCK))))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_read_as_any_stream_is(inbox: Inbox, steps: list[tuple[int, int]]) -> None:
    added = (inbox.list(GROUP) or [inbox.add(GROUP, io.BytesIO(CONTENT), NOW)])[0]
    plain = io.BytesIO(CONTENT)
    with inbox.open_export(added) as opened:
        for place, size in steps:
            assert opened.seek(place) == plain.seek(place)
            assert opened.read(size) == plain.read(size)
            assert opened.tell() == plain.tell()
        assert opened.seek(0, io.SEEK_END) == len(CONTENT)


def test_no_block_is_unsealed_that_is_not_read(inbox: Inbox) -> None:
    added = inbox.add(GROUP, io.BytesIO(CONTENT), NOW)
    path = Path(added.path)
    whole = path.read_bytes()
    place = whole.index(b"age-encryption.org", len(blocks.BEGINS) + 1) + 200
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with inbox.open_export(added) as opened:
        assert opened.read(BLOCK) == CONTENT[:BLOCK]
        opened.seek(2 * BLOCK)
        assert opened.read() == CONTENT[2 * BLOCK :]
        opened.seek(0)
        with pytest.raises(ExportError, match=r"^EXPORT_SEAL_BROKEN$"):
            opened.read()


def _parts(sealed: bytes) -> list[bytes]:
    """The blocks, and what they are."""
    body = sealed[len(blocks.BEGINS) : -8]
    return [b"age-encryption.org" + one for one in body.split(b"age-encryption.org")[1:]]


def _put_together(parts: list[bytes], told: bytes) -> bytes:
    return blocks.BEGINS + b"".join(parts) + told + len(told).to_bytes(8, "big")


def test_a_file_that_was_put_together_otherwise_is_broken(inbox: Inbox) -> None:
    added = inbox.add(GROUP, io.BytesIO(CONTENT), NOW)
    path = Path(added.path)
    *parts, told = _parts(path.read_bytes())
    other = pyrage.encrypt(CONTENT[:BLOCK][::-1], [IDENTITY.to_public()])
    damaged = {
        "moved": _put_together([parts[1], parts[0], *parts[2:]], told),
        "left out": _put_together(parts[1:], told),
        "of another": _put_together([other, *parts[1:]], told),
        "cut off": path.read_bytes()[:-1],
        "more": path.read_bytes() + b"x",
        "no length": blocks.BEGINS,
        "too long": blocks.BEGINS + b"\xff" * 8,
        "empty": _put_together([], pyrage.encrypt(b"", [IDENTITY.to_public()])),
        "to another": _put_together(parts, pyrage.encrypt(b"", [OTHER.to_public()])),
    }
    path.write_bytes(_put_together(parts, told))
    with inbox.open_export(added) as opened:
        assert opened.read() == CONTENT
    for content in damaged.values():
        path.write_bytes(content)
        with pytest.raises(ExportError, match=r"^EXPORT_SEAL_BROKEN$"):
            inbox.open_export(added).read()


@settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_one_changed_byte_breaks_the_seal(inbox: Inbox, data: st.DataObject) -> None:
    added = (inbox.list(GROUP) or [inbox.add(GROUP, io.BytesIO(CONTENT), NOW)])[0]
    path = Path(added.path)
    whole = path.read_bytes()
    changed = bytearray(whole)
    changed[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        path.write_bytes(bytes(changed))
        with pytest.raises(ExportError, match=r"^EXPORT_SEAL_BROKEN$") as caught:
            inbox.open_export(added).read()
        assert caught.value.__context__ is None
    finally:
        path.write_bytes(whole)


def test_a_file_that_vanished_gives_nothing_more(inbox: Inbox) -> None:
    added = inbox.add(GROUP, io.BytesIO(CONTENT), NOW)
    with inbox.open_export(added) as opened:
        assert opened.read(BLOCK) == CONTENT[:BLOCK]
        Path(added.path).unlink()
        with pytest.raises(ExportError, match=r"^EXPORT_GONE$"):
            opened.read()
