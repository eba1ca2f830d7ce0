"""A rotation that is killed leaves nothing on the disk of the master key that was rotated away."""

import base64
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from killed import Killed, killed_at

from resources.base.keys.long_lived_keys import LongLived, load_key, load_keys, make_key
from resources.base.keys.master_rotation import put_in, take_out_earlier

OURS = ("keys/master_rotation", "keys/key_store", "base/files")


def until_done(act: Callable[[], object], folder: Path, aside: Path, statement: int) -> bool:
    """Do it, killed before one statement and then again. Returns whether it had ended before.

    What lies there before and after goes on having a name aside, as it may have its place on a
    disk.
    """
    file = folder / LongLived.MASTER.value.file
    os.link(file, aside / f"{len(list(aside.iterdir()))}")
    with suppress(Killed), killed_at(statement, OURS):
        act()
        return True
    # What was killed lets its locks go, as a process that ends does.
    os.link(file, aside / f"{len(list(aside.iterdir()))}")
    act()
    return False


# What was killed closes nothing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("killed_in", ["put in", "take out"])
def test_killed_before_any_statement_the_earlier_key_is_overwritten_by_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    # Processes are killed here, not machines.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    folder, ended, statement = tmp_path / "secrets", False, 0
    make_key(LongLived.MASTER, folder)
    while not ended:
        statement += 1
        aside = tmp_path / f"{statement}"
        aside.mkdir()
        old = load_key(LongLived.MASTER, folder)
        at = {killed_in: statement}
        done = [until_done(lambda: put_in(folder), folder, aside, at.get("put in", 0))]
        new, *earlier = load_keys(LongLived.MASTER, folder)
        assert earlier == [old]
        take_out = until_done(
            lambda new=new: take_out_earlier(folder, new), folder, aside, at.get("take out", 0)
        )
        ended = all([*done, take_out])
        assert load_keys(LongLived.MASTER, folder) == (new,)
        # Under whatever name, and without one.
        left = [path for path in (*aside.iterdir(), *folder.iterdir()) if holds(path, old)]
        assert left == []
        assert [path.name for path in folder.iterdir()] == ["master.key"]
    assert statement > 20


def test_a_second_name_of_the_key_in_use_goes_and_the_key_stays(tmp_path: Path) -> None:
    make_key(LongLived.MASTER, tmp_path)
    key = load_key(LongLived.MASTER, tmp_path)
    os.link(tmp_path / "master.key", tmp_path / ".master.key.0.partial")
    assert take_out_earlier(tmp_path, key)
    assert load_keys(LongLived.MASTER, tmp_path) == (key,)
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def holds(path: Path, key: bytes) -> bool:
    return base64.b64encode(key) in path.read_bytes()
