"""A backup's file is written whole or not at all, and read only if it is whole."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from assets.core.errors import SetupError, StorageError
from resources.maintenance.backup_archive import (
    Manifest,
    check_archive,
    files_in,
    unsealed,
    write_archive,
)

MANIFEST = Manifest("a" * 32, "2026-10-15T09:00:00+00:00", "2026_11_30", True, {"master": "b" * 64})
FILES = {"home.yaml": b"mode: synthetic\n", "public/latest.csv": b"day\n" * 50_000}
DUMP = bytes(range(256)) * 4096


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    dump = tmp_path / "dump"
    dump.write_bytes(DUMP)

    def written(name: str = "a.backup", files: dict[str, bytes] = FILES, **named: Any) -> Path:
        parts = [(path, lambda content=content: content) for path, content in files.items()]
        assert write_archive(tmp_path / name, MANIFEST, dump, parts, **named) > 0
        return tmp_path / name

    return written


@pytest.mark.parametrize("sealed", [False, True])
def test_it_comes_back_as_it_was(write: Callable[..., Path], tmp_path: Path, sealed: bool) -> None:
    key = pyrage.x25519.Identity.generate()
    file = write(recipients=[str(key.to_public())] if sealed else [])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (b"mode: synthetic" in file.read_bytes()) is not sealed
    tar = unsealed(file, tmp_path / "plain", f"# public key: age1...\n{key}\n")
    assert check_archive(tar) == MANIFEST
    assert {str(name): content.read() for name, content in files_in(tar)} == {
        "database.dump": DUMP,
        **FILES,
    }
    assert (tmp_path / "plain").exists() is sealed


@pytest.mark.parametrize("sealed", [False, True])
def test_damage_is_noticed_wherever_it_is(
    write: Callable[..., Path], tmp_path: Path, sealed: bool
) -> None:
    key = pyrage.x25519.Identity.generate()
    file = write(recipients=[str(key.to_public())] if sealed else [])
    whole = file.read_bytes()
    size = len(whole)
    damaged = [
        *(whole[:at] for at in (0, 600, size // 2, size - 12_000)),
        *(
            whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            for at in (700, size // 2, size - 12_000)
        ),
    ]
    for number, content in enumerate(damaged):
        file.write_bytes(content)
        with pytest.raises((StorageError, SetupError), match=r"^BACKUP_(DAMAGED|SEALED)$"):
            check_archive(unsealed(file, tmp_path / str(number), str(key)))


@pytest.mark.parametrize("name", ["keys/a", "../home.yaml", "/etc/passwd", "public/../keys/a", "x"])
def test_nothing_else_is_taken_from_one(write: Callable[..., Path], name: str) -> None:
    with pytest.raises(StorageError, match=r"^BACKUP_DAMAGED$"):
        check_archive(write(files={**FILES, name: b""}))


def test_a_sealed_one_says_that_it_is_sealed(write: Callable[..., Path], tmp_path: Path) -> None:
    file = write(recipients=[str(pyrage.x25519.Identity.generate().to_public())])
    others = (None, "none", str(pyrage.x25519.Identity.generate()))
    for number, identity in enumerate(others):
        with pytest.raises(SetupError, match=r"^BACKUP_SEALED$"):
            unsealed(file, tmp_path / str(number), identity)


def test_what_is_there_stays(write: Callable[..., Path]) -> None:
    before = write().read_bytes()
    with pytest.raises(SetupError, match=r"^FILE_EXISTS$"):
        write(files={"home.yaml": b"other"})
    assert write("b.backup").read_bytes() == before
    with pytest.raises(SetupError, match=r"^RECIPIENT_INVALID$"):
        write("c.backup", recipients=["age1none"])


@pytest.mark.parametrize("sealed", [False, True])
def test_a_full_disk_leaves_nothing(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    key = pyrage.x25519.Identity.generate()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"^DISK_FULL$"):
        write(recipients=[str(key.to_public())] if sealed else [])
    assert [path.name for path in tmp_path.iterdir()] == ["dump"]


def test_without_hard_links_it_is_put_in_place_all_the_same(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(os, "link", refused)
    assert check_archive(write()) == MANIFEST
