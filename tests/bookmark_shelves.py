"""Shelves of bookmarks in memory, and a bookmark left by a reading."""

from array import array
from dataclasses import dataclass, field
from datetime import date

from assets.core.errors import StorageError
from assets.restricted.collection.bookmarks.bookmark import ReadBefore
from assets.restricted.collection.bookmarks.kept import Bookmarks
from assets.restricted.collection.copied_posts import CopiedPosts
from assets.restricted.collection.export import Export


@dataclass
class Shelf:
    """Bookmarks in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def find(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def keep(self, name: str, content: bytes) -> None:
        self.kept[name] = content

    def renew(self, name: str) -> None:
        assert name in self.kept


class NoShelf(Shelf):
    """A shelf that does not answer."""

    def find(self, name: str) -> bytes | None:
        raise StorageError("INBOX_NOT_REACHABLE")

    def keep(self, name: str, content: bytes) -> None:
        raise StorageError("INBOX_NOT_WRITABLE")

    def renew(self, name: str) -> None:
        raise StorageError("INBOX_NOT_WRITABLE")


def leave_mark(export: Export, bookmarks: Bookmarks, day: date) -> bool:
    assert export.stands is not None
    standing = export.stands.before(day)
    if standing is None:
        return False
    nobody = CopiedPosts().posts([])
    told = standing.read, standing.given, standing.latest
    bookmarks.keep(export.stands, standing, ReadBefore(*told, {}, [], {}, nobody, array("q")))
    return True
