"""Which groups a run reads where several share a region: it is told its number, and never a group.

A group falls into one of `SLOTS` by a digest of its reference alone, and a shard takes every so
manieth slot. So who reads a group depends on nothing else, and shards of different divisions can
tell by slots which groups they have in common (`resources.stores.region_days`).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from assets.core.errors import PartitionError

SHARD = "tideline/shard"
"""The tag of a run that reads some groups of its region; one without it reads all."""

SLOTS = 60
"""The most shards that a region can have; a multiple of 2 to 6, 10 and 12, which share evenly."""

_WRITTEN = re.compile(r"([1-9][0-9]?)/([1-9][0-9]?)")


@dataclass(frozen=True)
class Shard:
    """One of the parts that a region's groups are divided into.

    Attributes:
        number: from 1 to `of`.
        of: how many there are, at most `SLOTS`.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def slots(self) -> range:
        """The slots whose groups it reads, in order."""
        return range(self.number - 1, SLOTS, self.of)

    def holds(self, group_ref: str) -> bool:
        """Whether it reads a group."""
        return slot_of(group_ref) in self.slots


WHOLE = Shard(1, 1)
"""All groups of a region."""


def slot_of(group_ref: str) -> int:
    """The slot of a group, from 0."""
    digest = hashlib.sha256(f"slot|{group_ref}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % SLOTS


def shard_of(tags: Mapping[str, str]) -> Shard:
    """The shard of a run with these tags.

    Raises:
        PartitionError: `SHARD_INVALID`.
    """
    written = tags.get(SHARD)
    return WHOLE if written is None else written_shard(written)


def written_shard(written: str) -> Shard:
    """A shard as its tag, and an operator, write it: "2/3" is the second of three.

    Raises:
        PartitionError: `SHARD_INVALID`.
    """
    found = _WRITTEN.fullmatch(written)
    shard = Shard(int(found[1]), int(found[2])) if found else Shard(0, 0)
    if not 1 <= shard.number <= shard.of <= SLOTS:
        raise PartitionError("SHARD_INVALID")
    return shard


def every_shard(of: int) -> list[Shard]:
    """All shards of a region that is divided into so many, in order."""
    return [Shard(number, of) for number in range(1, of + 1)]


def shard_tags(shard: Shard) -> dict[str, str]:
    """Tags of a run that reads a shard; none where it reads all."""
    return {} if shard == WHOLE else {SHARD: str(shard)}
