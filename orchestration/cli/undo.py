"""Making something whole or leaving nothing behind."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from assets.core.errors import TidelineError


@contextmanager
def nothing_left_behind(*folders: Path) -> Iterator[ExitStack]:
    """Around the making of folders: if it fails, what it made in them and above them goes.

    Yields:
        A stack for what else has to be undone; it is unwound first, and only after a failure.
    """
    before = {folder: _there(folder) for folder in folders}
    ways = [path for folder in folders for path in (folder, *folder.parents)]
    missing = {path for path in ways if not os.path.lexists(path)}
    with ExitStack() as undo:
        try:
            yield undo
        except BaseException:
            with suppress(TidelineError):
                undo.close()
            for folder, kept in before.items():
                for path in _there(folder) - kept:
                    _delete(path)
            for path in sorted(missing, key=lambda one: len(one.parts), reverse=True):
                # A parent in which somebody else made something meanwhile stays.
                with suppress(OSError):
                    path.rmdir()
            raise
        undo.pop_all()


def _there(folder: Path) -> set[Path]:
    try:
        return set(folder.iterdir())
    except OSError:
        # None there, or a name that no file system takes.
        return set()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
