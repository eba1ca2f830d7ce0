"""Another master key in the place of one: its file, and the keys of group-days wrapped anew.

The file holds both keys from before the first is wrapped anew until after the last one was, so a
rotation that is cut off anywhere leaves a home that opens everything, and is gone on with.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base.files import disk_error, write_once
from resources.base.keys.key_store import KEY_ID, unwrap, wipe, wrap
from resources.base.keys.long_lived_keys import LongLived, load_keys, new_key

_PLACE = LongLived.MASTER.value
_A_FEW = 20
"""Of so many keys one may be damaged where a home that came back is told its master key."""


@dataclass(frozen=True)
class Rewrapped:
    """What became of the keys of group-days.

    Attributes:
        keys: how many the new master key opens.
        damaged: how many no master key opened; they stay as they were.
    """

    keys: int
    damaged: int


def put_in(folder: Path) -> bytes:
    """Put another master key before the one of the home, or find that of a rotation cut off.

    Args:
        folder: of the home's secrets.

    Returns:
        The key that is to be used, 32 bytes.

    Raises:
        SetupError: `KEY_IN_ENVIRONMENT` where the environment gives one alone, for then it is not
            the home's to change; of two that it gives the first is the new one.
        StorageError: what `load_keys` raises, `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    there = load_keys(LongLived.MASTER, folder)
    if len(there) > 1:
        return there[0]
    if os.environ.get(_PLACE.variable):
        raise SetupError("KEY_IN_ENVIRONMENT")
    made = new_key()
    _replace(folder / _PLACE.file, made, *there)
    return made


def take_out_earlier(folder: Path, kept: bytes) -> bool:
    """Leave a master key alone in its file, and nothing of another beside it.

    Returns:
        Whether the home's files now hold no other; False where the environment gives them.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    if os.environ.get(_PLACE.variable):
        return False
    if len(load_keys(LongLived.MASTER, folder)) > 1:
        _replace(folder / _PLACE.file, kept)
    for partial in folder.glob(f".{_PLACE.file}.*.partial"):
        if partial.samefile(folder / _PLACE.file):
            # A second name of what is in use: cut off before the file was replaced.
            partial.unlink()
        else:
            wipe(partial)
    return True


def rewrap(folder: Path, new: bytes, earlier: Sequence[bytes]) -> Rewrapped:
    """Wrap the keys of group-days by another master key; those that are already stay.

    Each is written over where it lies: the earlier wrapping is gone with it, and one that somebody
    destroys meanwhile never comes back.

    Args:
        folder: the key files'.
        new: the master key that they are wrapped by afterwards.
        earlier: those that they may be wrapped by now.

    Raises:
        StorageError: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_NOT_WRITABLE`.
    """
    opened = [
        found
        for path in sorted(folder.iterdir())
        if KEY_ID.fullmatch(path.name) and (found := _rewrap(path, new, earlier)) is not None
    ]
    return Rewrapped(sum(opened), len(opened) - sum(opened))


def opens_nearly_all(folder: Path, master: bytes) -> bool:
    """Whether a master key opens the keys of group-days in a folder, but for a few damaged ones.

    A few is one, or one of twenty; a folder without keys has none that it does not open.
    """
    opened = [
        unwrap([master], path.name, path.read_bytes()) is not None
        for path in folder.iterdir()
        if KEY_ID.fullmatch(path.name)
    ]
    closed = opened.count(False)
    return closed == 0 or (any(opened) and closed <= max(1, len(opened) // _A_FEW))


def _rewrap(path: Path, new: bytes, earlier: Sequence[bytes]) -> bool | None:
    """Whether it could be opened; None where it was destroyed."""
    with refuse_as(disk_error, OSError):
        try:
            file = path.open("r+b", buffering=0)
        except FileNotFoundError:
            return None
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _lies_at(path, file):
                return None
            wrapped = file.read()
            if unwrap([new], path.name, wrapped) is not None:
                return True
            key = unwrap(earlier, path.name, wrapped)
            if key is None:
                return False
            _write_over(file, wrap(new, path.name, key))
            return True


def _lies_at(path: Path, file: IO[bytes]) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


def _write_over(file: IO[bytes], content: bytes) -> None:
    # In one call: a file of 60 bytes is never found half of one wrapping, half of another.
    if os.pwrite(file.fileno(), content, 0) != len(content):
        raise StorageError("DISK_NOT_WRITABLE")
    os.fsync(file.fileno())


def _replace(path: Path, *keys: bytes) -> None:
    """Write keys in place of others, and overwrite what lay there.

    That keeps a name until it is overwritten, by which `take_out_earlier` finds it.
    """
    before = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    with refuse_as(disk_error, OSError):
        os.link(path, before)
        write_once(path, b"\n".join(map(base64.b64encode, keys)))
        wipe(before)
