import errno
import os
import stat
from pathlib import Path

import pytest

from assets.core.errors import StorageError
from resources.base.files import write_once


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_once(tmp_path / "a", b"one")
    write_once(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "DISK_FULL"),
        (errno.EDQUOT, "DISK_FULL"),
        (errno.EFBIG, "DISK_FULL"),
        (errno.EACCES, "DISK_NOT_WRITABLE"),
        (errno.EIO, "DISK_NOT_WRITABLE"),
    ],
)
def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    write_once(tmp_path / "a", b"before")

    def fails(_: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(StorageError, match=f"^{code}$"):
        write_once(tmp_path / "a", b"after")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"before"}


def test_a_missing_folder_is_not_writable(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"^DISK_NOT_WRITABLE$"):
        write_once(tmp_path / "none" / "a", b"")
