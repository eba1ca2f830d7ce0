"""Bookmarks of a group's chats: what is kept of readings, sealed in the folder of its exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from resources.stores.inbox.file_names import STAMP, bookmark_named
from resources.stores.inbox.inbox import LARGEST_BOOKMARK, Inbox

MOST_BOOKMARKS = 4
"""Of one group, for as many chats or members that export; the oldest go."""
_RENEWED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class BookmarkShelf:
    """Keeps bookmarks in a group's folder: the lifetime, a purge and leaving are those of exports.

    Attributes:
        inbox: whose folder.
        group_ref: of the group.
        now: the moment of reading.
        arrived_at: when the export came that is read (aware). A bookmark lives as long as it, since
            it may be read long after it came; None where nothing is kept.
    """

    inbox: Inbox
    group_ref: str
    now: datetime
    arrived_at: datetime | None = None

    def find(self, name: str) -> bytes | None:
        """A bookmark unsealed; None where there is none that can be read.

        Raises:
            StorageError: `INBOX_NOT_REACHABLE`, or what asking who has left raises.
            SetupError: `INBOX_IDENTITY_MISSING`.
        """
        own = [path for path, (_, named) in self._kept() if named == name]
        return self.inbox.unsealed(own[-1]) if own else None

    def keep(self, name: str, content: bytes) -> None:
        """Seal a bookmark in place of the one of that name.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`, or as `find`; nothing is left behind.
        """
        if len(content) > LARGEST_BOOKMARK:
            return
        before = self._kept()
        stamp = (self.arrived_at or self.now).astimezone(UTC)
        path = self.inbox.put_sealed(
            self.group_ref, f"{stamp.strftime(STAMP)}-{name}.mark", content
        )
        others = [(one, kept) for one, kept in before if one != path]
        same = [one for one, kept in others if kept[1] == name]
        most = max(len(others) - len(same) - MOST_BOOKMARKS + 1, 0)
        oldest = [one for one, kept in others if kept[1] != name][:most]
        self.inbox.drop_bookmarks([*same, *oldest])
        stays = False
        try:
            stays = bool(self.inbox.staying(self.group_ref, [path], self.now))
        finally:
            # The group may have left while it was sealed, and its folder be seen to already.
            if not stays:
                self.inbox.drop_bookmarks([path])

    def renew(self, name: str) -> None:
        """Keep a bookmark longer that an export has borne out; raises as `keep`."""
        stamps = [at for _, (at, named) in self._kept() if named == name]
        if not stamps or (self.arrived_at or self.now) - max(stamps) < _RENEWED_AFTER:
            return
        content = self.find(name)
        if content is not None:
            self.keep(name, content)

    def _kept(self) -> Sequence[tuple[str, tuple[datetime, str]]]:
        """Paths, moments and names, oldest first, of those that may still be read."""
        paths = [one for one in self.inbox.location.names(self.group_ref) if bookmark_named(one)]
        staying = self.inbox.staying(self.group_ref, paths, self.now)
        found = [(path, bookmark_named(path)) for path in staying]
        kept = [(path, named) for path, named in found if named is not None]
        return sorted(kept, key=lambda one: one[1])
