"""Bookmarks of one group: kept sealed beside its exports, found again by how a file begins."""

import hashlib
import hmac
import sys
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, BinaryIO, Protocol

import msgspec

from assets.core.errors import StorageError
from assets.restricted.collection.bookmarks.beginning import Stretch, beginning_of
from assets.restricted.collection.bookmarks.bookmark import (
    ReadBefore,
    Reopened,
    Standing,
    Stands,
)
from assets.restricted.collection.bookmarks.places import Piece, places_of
from assets.restricted.collection.bookmarks.plain_values import Strings, read
from assets.restricted.collection.copied_posts import Posts
from resources.stores.members.exporter import Exporter
from resources.stores.members.member_events import Saying

HEAD_BYTES = 1 << 16
"""Bytes by which a chat is found again."""
LONGEST_NEW = 64 << 20
"""Bytes after a bookmark, more than which are not held at once."""
_PROOF_BYTES = 32
_KEY_BYTES = 8
_CLOSED = frozenset(Saying)
_READING = (
    "assets.restricted.collection",
    "assets.restricted.consent",
    "resources.stores.members",
)
"""What has a say in what is found in a chat."""


class Shelf(Protocol):
    """Where bookmarks of one group are kept sealed."""

    def find(self, name: str) -> bytes | None:
        """The bookmark of a name; a `StorageError` counts as none."""
        ...

    def keep(self, name: str, content: bytes) -> None:
        """Keep one in place of the one of that name; a `StorageError` leaves none behind."""
        ...

    def renew(self, name: str) -> None:
        """Keep the one of that name longer, which still holds; as `keep`."""
        ...


class _Content(msgspec.Struct, array_like=True):
    """A bookmark as it is kept. No part of it is a word of the export.

    Attributes:
        code: a digest of the code that read, whose bookmarks no other code goes on from.
        terms: a digest of the terms under which it read.
        read: bytes before the bookmark.
        kept_from: the first of them that the reader needs again.
        proved_from: the first of them that must be the same.
        proof: a keyed digest of those bytes from that on, and of the strings.
        places: of strings in them.
        state: the reader's.
        given: messages before the bookmark.
        latest: ordinal of the latest day before it.
        first_day, sayings, readable_from: as `ReadBefore` has them, strings by number.
        posts, posted_by, times: as `Posts` has them.
        figures: as `ReadBefore` has them.
    """

    code: bytes
    terms: bytes
    read: int
    kept_from: int
    proved_from: int
    proof: bytes
    places: list[list[Piece]]
    state: Any
    given: int
    latest: int
    first_day: Any
    sayings: Any
    readable_from: Any
    posts: bytes
    posted_by: bytes
    times: bytes
    figures: bytes


_DECODER = msgspec.msgpack.Decoder(_Content)


@dataclass(frozen=True)
class Bookmarks:
    """Finds and keeps the bookmarks of one group.

    Attributes:
        key: of the group, 32 bytes, kept outside the database and the inbox.
        terms: what else decides what is found in a chat; bookmarks made under others are void.
        shelf: where they are kept.
        shut: whether none is to be found, though new ones may be kept.
    """

    key: bytes = field(repr=False)
    terms: tuple[str, ...] = field(repr=False)
    shelf: Shelf
    shut: bool = False

    def under(self, *terms: str) -> "Bookmarks":
        """The same under further terms."""
        return replace(self, terms=(*self.terms, *terms))

    def of_export_by(self, exporter: Exporter | None) -> "Bookmarks":
        """The same for exports of a member: whose "You" it is decides who was read."""
        return self.under("" if exporter is None else exporter.sender)

    def found(
        self, opened: Callable[[], BinaryIO], *more_terms: str, begins: int = 0
    ) -> Reopened | None:
        """The bookmark of the chat, if the file begins with all that was read before it.

        Args:
            opened: opens the file at its first byte.
            more_terms: of the reader.
            begins: as in `Stands`.
        """
        name = self._name_of(opened, begins)
        content = None if self.shut else self._on_shelf(name)
        kept = None if content is None else self._content(content, more_terms)
        if content is None or kept is None:
            return None
        stretch = Stretch(kept.proved_from, kept.read, kept.kept_from)
        with opened() as stream:
            begun = beginning_of(stream, stretch, self.key, kept.places)
            if begun is None or not hmac.compare_digest(begun.proof, kept.proof):
                return None
            new = _at_most(stream, LONGEST_NEW + 1)
        if len(new) > LONGEST_NEW:
            return None
        names = begun.strings
        before = ReadBefore(
            kept.read,
            kept.given,
            date.fromordinal(kept.latest),
            read(kept.first_day, names, None),
            [(who, Saying(said), day) for who, said, day in read(kept.sayings, names, None)],
            read(kept.readable_from, names, None),
            Posts(array("Q", kept.posts), array("l", kept.posted_by), array("B", kept.times)),
            array("q", kept.figures),
        )
        return Reopened(kept.state, names, kept.kept_from, kept.read, begun.kept + new, before)

    def digests_of(self, keys: Sequence[int]) -> "array[int]":
        """A keyed digest of each key of a message: 64 bits, `Q`, in the same order.

        Args:
            keys: 64 bits each, signed.
        """
        keyed = hashlib.blake2b(key=self.key, digest_size=_KEY_BYTES, person=b"message keys")
        found = bytearray()
        for one in keys:
            digest = keyed.copy()
            digest.update(one.to_bytes(_KEY_BYTES, "big", signed=True))
            found += digest.digest()
        return array("Q", bytes(found))

    def renew(self, stands: Stands) -> None:
        """Keep the bookmark longer that a reading went on from, once that reading is borne out.

        Args:
            stands: of the reading.
        """
        name = self._name_of(stands.opened, stands.begins)
        # A bookmark is never worth a run: without it the next export is read whole.
        with suppress(StorageError):
            self.shelf.renew(name)

    def _on_shelf(self, name: str) -> bytes | None:
        try:
            return self.shelf.find(name)
        except StorageError:
            # The export is there all the same, and is read whole.
            return None

    def _content(self, content: bytes, more_terms: tuple[str, ...]) -> _Content | None:
        proof, body = content[:_PROOF_BYTES], content[_PROOF_BYTES:]
        if not hmac.compare_digest(proof, self._proof(body)):
            return None
        try:
            kept = _DECODER.decode(body)
        except msgspec.DecodeError:
            # Another version's.
            return None
        stands = kept.code == _code() and kept.terms == self._terms(more_terms)
        return kept if stands else None

    def keep(
        self,
        stands: Stands,
        standing: Standing,
        before: ReadBefore,
    ) -> None:
        """Keep a bookmark in place of an earlier one of the same chat.

        Args:
            stands: of the reading.
            standing: where to go on from.
            before: what was found up to there.
        """
        opened = stands.opened
        strings = Strings(stands.closed() | _CLOSED)
        told = standing.state() if callable(standing.state) else standing.state
        state = strings.written(told, standing.classes)
        first_day = strings.written(before.first_day)
        sayings = strings.written(list(before.sayings))
        readable = strings.written(before.readable_from)
        places = places_of(strings.found, opened, standing.read)
        if places is None:
            return
        stretch = Stretch(standing.proved_from, standing.read, standing.read)
        with opened() as stream:
            begun = beginning_of(stream, stretch, self.key, places)
        if begun is None or list(begun.strings) != list(strings.found):
            return
        body = msgspec.msgpack.encode(
            _Content(
                _code(),
                self._terms(stands.terms),
                standing.read,
                standing.kept_from,
                standing.proved_from,
                begun.proof,
                places,
                state,
                standing.given,
                standing.latest.toordinal(),
                first_day,
                sayings,
                readable,
                before.posts.digests.tobytes(),
                before.posts.senders.tobytes(),
                before.posts.times.tobytes(),
                before.figures.tobytes(),
            )
        )
        name = self._name_of(opened, stands.begins)
        with suppress(StorageError):
            self.shelf.keep(name, self._proof(body) + body)

    def _name_of(self, opened: Callable[[], BinaryIO], begins: int) -> str:
        with opened() as stream:
            head = _at_most(stream, begins + HEAD_BYTES)[begins:]
        return hmac.digest(self.key, b"begins with" + head, "sha256").hex()

    def _proof(self, body: bytes) -> bytes:
        return hmac.digest(self.key, b"bookmark" + body, "sha256")

    def _terms(self, more: tuple[str, ...]) -> bytes:
        return hmac.digest(self.key, "\0".join((*self.terms, *more)).encode(), "sha256")


@cache
def _code() -> bytes:
    """A digest of all that reads exports, and of what this process runs it on."""
    digest = hashlib.sha256(sys.version.encode())
    for package in _READING:
        for content in sorted(one.read_bytes() for one in _sources(files(package))):
            digest.update(hashlib.sha256(content).digest())
    return digest.digest()


def _sources(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for one in folder.iterdir():
        if one.is_dir():
            found += _sources(one)
        elif one.name.endswith((".py", ".yaml")):
            found.append(one)
    return found


def _at_most(stream: BinaryIO, size: int) -> bytes:
    pieces: list[bytes] = []
    while size and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
