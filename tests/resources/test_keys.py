import os
import stat
from pathlib import Path

import pytest

from assets.core.errors import StorageError
from resources.base.keys.key_store import KeyStore, seal, unseal


def test_a_key_opens_what_it_sealed_and_lies_wrapped(keys: KeyStore) -> None:
    key_id, cipher = keys.make()
    sealed = seal(cipher, b"numbers", "vectors/a")
    assert unseal(keys.open(key_id), sealed, "vectors/a") == b"numbers"
    (path,) = keys.folder.iterdir()
    assert path.name == key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 12 + 32 + 16


def test_the_same_content_seals_differently_each_time(keys: KeyStore) -> None:
    _, cipher = keys.make()
    assert seal(cipher, b"numbers", "a") != seal(cipher, b"numbers", "a")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda sealed: sealed, "vectors/b"),
        (lambda sealed: bytes([sealed[0] ^ 1]) + sealed[1:], "vectors/a"),
        (lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), "vectors/a"),
        (lambda sealed: sealed[:-1], "vectors/a"),
        (lambda sealed: sealed[:12], "vectors/a"),
        (lambda sealed: sealed[:5], "vectors/a"),
        (lambda sealed: b"", "vectors/a"),
    ],
    ids=["other name", "nonce", "tag", "shorter", "nonce only", "half a nonce", "empty"],
)
def test_what_was_changed_or_moved_does_not_open(keys: KeyStore, change, name: str) -> None:
    _, cipher = keys.make()
    with pytest.raises(StorageError, match=r"^SEALED_DATA_DAMAGED$"):
        unseal(cipher, change(seal(cipher, b"numbers", "vectors/a")), name)


def test_a_destroyed_key_is_overwritten_then_gone(
    keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, _ = keys.make()
    wrapped = (keys.folder / key_id).read_bytes()
    os.link(keys.folder / key_id, keys.folder.parent / "another name of the same bytes")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    assert keys.destroy(key_id)
    assert synced
    left = (keys.folder.parent / "another name of the same bytes").read_bytes()
    assert len(left) == len(wrapped)
    assert not any(wrapped[i : i + 8] in left for i in range(len(wrapped) - 8))
    assert list(keys.folder.iterdir()) == []
    with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
        keys.open(key_id)
    assert not keys.destroy(key_id)


def test_another_master_key_opens_no_key(keys: KeyStore) -> None:
    key_id, _ = keys.make()
    with pytest.raises(StorageError, match=r"^MASTER_KEY_INVALID$"):
        KeyStore(keys.folder, lambda: b"n" * 32).open(key_id)


def test_a_key_put_under_another_s_name_opens_nothing(keys: KeyStore) -> None:
    first, second = keys.make()[0], keys.make()[0]
    (keys.folder / second).write_bytes((keys.folder / first).read_bytes())
    with pytest.raises(StorageError, match=r"^MASTER_KEY_INVALID$"):
        keys.open(second)


@pytest.mark.parametrize("left", [0, 5, 12, 30])
def test_a_cut_key_opens_nothing(keys: KeyStore, left: int) -> None:
    key_id, _ = keys.make()
    path = keys.folder / key_id
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(StorageError, match=r"^MASTER_KEY_INVALID$"):
        keys.open(key_id)


def test_a_key_destroyed_while_it_is_read_is_destroyed_and_not_another_masters(
    keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, _ = keys.make()
    wrapped = (keys.folder / key_id).read_bytes()

    def read_bytes(path: Path) -> bytes:
        keys.destroy(key_id)
        # Half of it is overwritten already.
        return bytes(20) + wrapped[20:]

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", read_bytes)
        with pytest.raises(StorageError, match=r"^VECTORS_DESTROYED$"):
            keys.open(key_id)
    assert list(keys.folder.iterdir()) == []
