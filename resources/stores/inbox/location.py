"""The place where the inbox lies: an fsspec file system, with every failure as a typed error.

Clients of object stores fail with errors of their own, whose messages may quote file names or keys;
none of them leaves this module.
"""

import errno
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import fsspec
from fsspec.implementations.cached import CachingFileSystem

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base import doors
from resources.base.files import flush
from resources.stores.inbox.options import checked_url, resolved
from resources.stores.inbox.versions import keeps_what_is_deleted

P = ParamSpec("P")
R = TypeVar("R")

_OBJECT_STORES = frozenset(
    {"memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss"}
)
"""They have no renaming, but a file is there whole or not at all."""
_WHOLE_ABOVE_SIZE = frozenset({"s3", "gs"})
"""They cut what is larger than `chunksize`, and an upload cut off leaves its pieces behind."""


class InboxLocation:
    """A folder on any fsspec location.

    Args:
        url: fsspec URL or path of the folder.
        options: of the file system; see `resources.stores.inbox.options`.

    Raises:
        SetupError: what `checked_url` and `resolved` raise, `INBOX_EXTRA_MISSING` where the
            location's package is not installed, `HOME_CONFIG_INVALID` for an unknown one.
        StorageError: `INBOX_NOT_REACHABLE`.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        url, options = checked_url(url), resolved(options or {})
        # Some connect at once, and fail with errors of their own.
        with refuse_as(_why_not, Exception):
            self.files, self.root = fsspec.core.url_to_fs(url, **options)
        if isinstance(self.files, CachingFileSystem):
            raise SetupError("HOME_CONFIG_INVALID")
        protocol = self.files.protocol
        self._protocols = {protocol} if isinstance(protocol, str) else set(protocol)

    def keeps_what_is_deleted(self) -> bool | None:
        """Whether old versions or deleted files stay; None where that can't be found out.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        with refuse_as(StorageError("INBOX_NOT_REACHABLE"), FileNotFoundError):
            answer = keeps_what_is_deleted(self.files, self.root)
        if answer is None:
            # No answer may mean that nothing there answers at all.
            with suppress(FileNotFoundError):
                _asked(self.files.ls, self.root)
        return answer

    def put(self, folder: str, name: str, content: bytes) -> str:
        """Write a file whole or not at all, and to the disk where that is local; returns its path.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`; nothing is left behind.
        """

        def write(path: str, **whole: int) -> None:
            self.files.pipe_file(path, content, **whole)

        return self._put(folder, name, len(content), write)

    def put_file(self, folder: str, name: str, source: Path) -> str:
        """As `put`, of a file on this machine, a part at a time, but on gs.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`; nothing is left behind.
        """

        def write(path: str, **whole: int) -> None:
            self.files.put_file(str(source), path, **whole)

        with refuse_as(StorageError("INBOX_NOT_WRITABLE"), OSError):
            size = source.stat().st_size
        return self._put(folder, name, size, write)

    def _put(self, folder: str, name: str, size: int, write: Callable[..., None]) -> str:
        parent = f"{self.root}/{folder}"
        path, partial = f"{parent}/{name}", f"{parent}/.{name}.partial"
        try:
            if self._protocols & _OBJECT_STORES:
                whole = {"chunksize": size + 1} if self._cuts() else {}
                write(path, **whole)
            else:
                self.files.makedirs(parent, exist_ok=True)
                write(partial)
                local = "file" in self._protocols
                # What is acknowledged after that is gone elsewhere.
                if local:
                    flush(partial)
                self.files.mv(partial, path)
                # Whoever only delivers may be kept from opening the folder.
                with suppress(OSError):
                    if local:
                        flush(parent)
        except Exception:  # noqa: BLE001  (see the module)
            failed = True
        else:
            failed = False
        if failed:
            for left in (partial, path):
                with suppress(Exception):
                    self.files.rm_file(left)
            raise StorageError("INBOX_NOT_WRITABLE")
        return path

    def names(self, folder: str) -> list[str]:
        """Paths of what lies directly in a folder; none where there is no such folder.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        self.files.invalidate_cache()
        try:
            return _asked(self.files.ls, f"{self.root}/{folder}", detail=False)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def tree(self, folder: str = "") -> list[str]:
        """Paths of all files under a folder, however deep; links are not followed.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        self.files.invalidate_cache()
        top = f"{self.root}/{folder}".rstrip("/")
        try:
            found = _asked(self.files.find, top)
        except FileNotFoundError:
            return []
        # A file in the folder's place is found too.
        return [path for path in found if path.startswith(f"{top}/")]

    def is_there(self) -> bool:
        """Whether the inbox itself can be listed, so that what is not found in it is gone.

        A real folder with nothing in it may be one where nothing is mounted: a group's folder
        stays when its files go. Of an object store with nothing in it the bucket must be there.
        """
        self.files.invalidate_cache()
        stored = bool(self._protocols & _OBJECT_STORES)
        bucket = self.root.strip("/").split("/")[0]
        for place in (self.root, bucket) if stored else (self.root,):
            # Of an object store a folder with nothing in it is none.
            with suppress(FileNotFoundError, NotADirectoryError):
                try:
                    return bool(_asked(self.files.ls, place)) or stored
                except StorageError:
                    return False
        return False

    def folder_of(self, path: str) -> str:
        """The first folder on the way to a file, `""` for one beside the folders."""
        return path.removeprefix(f"{self.root}/").rpartition("/")[0].split("/")[0]

    def size(self, path: str) -> int:
        """Bytes of a file.

        Raises:
            FileNotFoundError: without its name.
            StorageError: `INBOX_NOT_REACHABLE`.
        """
        return int(_asked(self.files.size, path) or 0)

    def read(self, path: str) -> bytes:
        """A file's bytes; raises as `size` does."""
        return _asked(self.files.cat_file, path)

    def pieces(self, path: str) -> Callable[[int, int], bytes]:
        """Gives so many bytes of a file from a place on; both raise as `size` does.

        No file stays open. Where it doesn't lie on this machine its bytes are all fetched at once.
        """
        if "file" not in self._protocols:
            content = self.read(path)
            return lambda start, size: content[start : start + size]

        def piece(start: int, size: int) -> bytes:
            with _asked(open, path, "rb") as held:
                held.seek(start)
                return held.read(size)

        return piece

    def modified(self, path: str) -> datetime:
        """When a file was last changed (aware), by the location's clock; raises as `size` does."""
        # fsspec would look at what a link leads to.
        if "file" in self._protocols:
            return datetime.fromtimestamp(_asked(os.lstat, path).st_mtime, UTC)
        moment = _asked(self.files.modified, path)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def delete(self, path: str) -> None:
        """Delete a file; raises as `size` does."""
        _asked(self.files.rm_file, path)

    def drop_empty_folders(self, folder: str) -> None:
        """Delete what folders are left where there are real ones, for one may be called anything.

        A folder that still holds a file stays.
        """
        if self._protocols & _OBJECT_STORES or not folder:
            return
        with suppress(Exception):
            inner = [path for path, _, _ in self.files.walk(f"{self.root}/{folder}", topdown=False)]
            for path in inner:
                with suppress(OSError):
                    self.files.rmdir(path)

    def can_be_listed(self) -> bool:
        """Whether names of what lies there can be asked for; False where nothing lies there yet.

        An object store tells an empty folder from none by nothing.
        """
        if "file" in self._protocols:
            return os.access(self.root, os.R_OK)
        try:
            return bool(_asked(self.files.ls, self.root))
        except (FileNotFoundError, NotADirectoryError, StorageError):
            return False

    def _cuts(self) -> bool:
        return bool(self._protocols & _WHOLE_ABOVE_SIZE)


def _why_not(error: BaseException) -> SetupError | StorageError:
    if isinstance(error, ImportError):
        return SetupError("INBOX_EXTRA_MISSING")
    if isinstance(error, TypeError | ValueError):
        return SetupError("HOME_CONFIG_INVALID")
    return StorageError("INBOX_NOT_REACHABLE")


def _asked(method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call the client, and let nothing of its error out but whether the file was there."""
    try:
        with doors.opened():
            return method(*args, **kwargs)
    except FileNotFoundError:
        gone: type[OSError] | None = FileNotFoundError
    except NotADirectoryError:
        gone = NotADirectoryError
    except Exception:  # noqa: BLE001  (see the module)
        gone = None
    if gone is not None:
        raise gone(errno.ENOENT)
    raise StorageError("INBOX_NOT_REACHABLE")
