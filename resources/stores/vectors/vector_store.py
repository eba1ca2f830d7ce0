"""Vectors of group-days: Parquet, sealed under a key each, gone once the key is destroyed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from assets.core.errors import StorageError, refuse_as
from resources.base.database.connection import Database
from resources.base.database.tables import regional_values, vectors
from resources.base.files import delete_partials, made_before, write_once
from resources.base.keys.key_store import KeyStore, seal, unseal
from resources.stores import ledger
from resources.stores.consent.has_left import has_left

if TYPE_CHECKING:
    # It loads Arrow, and whoever leaves waits for no library.
    from resources.stores.vectors.group_day_vectors import GroupDayVectors

_SUFFIX = ".parquet.sealed"


@dataclass(frozen=True)
class StoredVectors:
    """Where the vectors of a group-day are, and what they were made from and by.

    Attributes:
        members_seq: the newest member event that they heed.
        encoder_digest: SHA-256 of what made them of words; empty where it was not kept.
    """

    region: str
    day: date
    group_ref: str
    key_id: str
    export_digest: str
    destroyed: bool
    members_seq: int
    encoder_digest: str


class VectorStore:
    """Stores, reads and destroys vectors, keyed by (region, day, group)."""

    def __init__(self, database: Database, folder: Path, keys: KeyStore) -> None:
        self._database = database
        self._folder = folder
        self._keys = keys

    def find(self, region: str, days: Collection[date]) -> list[StoredVectors]:
        """What is stored for these days, destroyed or not, in (day, group) order."""
        columns = [vectors.c[name] for name in StoredVectors.__dataclass_fields__]
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(*columns)
                .where(vectors.c.region == region, vectors.c.day.in_(days))
                .order_by(vectors.c.day, vectors.c.group_ref)
            ).all()
        return [StoredVectors(*row) for row in rows]

    def put(
        self,
        region: str,
        day: date,
        group_ref: str,
        content: "GroupDayVectors",
        *,
        export_digest: str,
        vocabulary_digest: str,
        encoder_digest: str,
        now: datetime,
        members_seq: int = 0,
        run_id: str | None = None,
        with_it: Callable[[sa.Connection], None] | None = None,
    ) -> bool:
        """Store the vectors of an unsettled group-day, in place of any older export's.

        Args:
            region: of the group.
            day: the day.
            group_ref: the group.
            content: the vectors.
            export_digest: of what they were made from.
            vocabulary_digest: of the words that could survive.
            encoder_digest: of what made them of words.
            now: the moment.
            members_seq: the newest member event that they heed.
            run_id: of the run that stores them.
            with_it: stores what else is to be there if and only if they are.

        Returns:
            False if the group has left, or a member spoken, since it was read: nothing is stored.

        Raises:
            StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE` or a database code; nothing is left
                half stored.
        """
        before = [one for one in self.find(region, [day]) if one.group_ref == group_ref]
        key_id, cipher = self._keys.make()
        path = self._path(region, day, group_ref, key_id)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, seal(cipher, content.parquet(), _name(region, day, group_ref)))
            row = {
                "key_id": key_id,
                "export_digest": export_digest,
                "vocabulary_digest": vocabulary_digest,
                "encoder_digest": encoder_digest,
                "members_seq": members_seq,
                "destroyed": False,
                "at": now,
                "run_id": run_id,
            }
            with self._database.transaction() as connection:
                stored = not has_left(connection, group_ref, day, now, members_seq)
                if stored:
                    connection.execute(
                        insert(vectors)
                        .values(region=region, day=day, group_ref=group_ref, **row)
                        .on_conflict_do_update(
                            index_elements=["region", "day", "group_ref"], set_=row
                        )
                    )
                    if with_it is not None:
                        with_it(connection)
        except BaseException:
            self._keys.destroy(key_id)
            path.unlink(missing_ok=True)
            raise
        if not stored:
            self._keys.destroy(key_id)
            path.unlink(missing_ok=True)
            return False
        for old in before:
            self._erase(old)
        self._erase_strays(region, day, group_ref, living={key_id})
        return True

    def content(self, stored: StoredVectors) -> bytes:
        """The file as it was before it was sealed; `vectors_in` reads it.

        Raises:
            StorageError: `VECTORS_DESTROYED`, `VECTORS_MISSING`, `SEALED_DATA_DAMAGED`.
        """
        if stored.destroyed:
            raise StorageError("VECTORS_DESTROYED")
        cipher = self._keys.open(stored.key_id)
        path = self._path(stored.region, stored.day, stored.group_ref, stored.key_id)
        with refuse_as(StorageError("VECTORS_MISSING"), FileNotFoundError):
            sealed = path.read_bytes()
        return unseal(cipher, sealed, _name(stored.region, stored.day, stored.group_ref))

    def destroy(self, region: str, day: date, now: datetime, group_ref: str | None = None) -> int:
        """Destroy the keys and files of a region-day (or of one group in it).

        The ledger says how many keys went; doing it again destroys nothing and records nothing.
        What a crash left without a row goes too.
        """
        living = [
            one
            for one in self.find(region, [day])
            if not one.destroyed and group_ref in (None, one.group_ref)
        ]
        for one in living:
            self._erase(one)
        self._erase_strays(region, day, group_ref or "*", living=())
        if not living:
            return 0
        with self._database.transaction() as connection:
            # Another process may be at the same ones: each is counted by who comes first.
            count = connection.execute(
                vectors.update()
                .where(
                    vectors.c.key_id.in_([one.key_id for one in living]),
                    vectors.c.destroyed.is_(False),
                )
                .values(destroyed=True)
            ).rowcount
            if count:
                ledger.record(
                    connection,
                    ledger.Kind.KEYS_DESTROYED,
                    count,
                    now,
                    region=region,
                    day=day,
                    group_ref=group_ref,
                )
        return count

    def destroy_group(self, group_ref: str, now: datetime) -> int:
        """Destroy every living key of a group, as after a withdrawal. Returns how many.

        Files that a crash left without a row go too.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(vectors.c.region, vectors.c.day).where(
                    vectors.c.group_ref == group_ref, vectors.c.destroyed.is_(False)
                )
            ).all()
        destroyed = sum(self.destroy(region, day, now, group_ref) for region, day in rows)
        for path in self._folder.glob(f"*/*/{group_ref}-*{_SUFFIX}"):
            self._keys.destroy(_key_id(path))
            path.unlink(missing_ok=True)
        return destroyed

    def destroy_waiting(self, now: datetime) -> int:
        """Destroy every key that waits for a release, of all groups. Returns how many."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(vectors.c.region, vectors.c.day)
                .where(vectors.c.destroyed.is_(False))
                .distinct()
            ).all()
        return sum(self.destroy(region, day, now) for region, day in rows)

    def destroy_closed(self, now: datetime) -> int:
        """Destroy the keys that outlived the closing of their region-day. Returns how many.

        The step that closes one destroys them next; whoever is killed in between is not asked for
        that day again.
        """
        closed = sa.exists().where(
            regional_values.c.region == vectors.c.region, regional_values.c.day == vectors.c.day
        )
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(vectors.c.region, vectors.c.day)
                .where(vectors.c.destroyed.is_(False), closed)
                .distinct()
            ).all()
        return sum(self.destroy(region, day, now) for region, day in rows)

    def destroy_expired(self, now: datetime, lifetime: timedelta) -> int:
        """Destroy the keys of vectors that were stored longer ago than that. Returns how many.

        A region-day that never closes, as where releases have stopped, keeps nobody's vectors.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(vectors.c.region, vectors.c.day, vectors.c.group_ref).where(
                    vectors.c.destroyed.is_(False), vectors.c.at < now - lifetime
                )
            ).all()
        return sum(self.destroy(region, day, now, ref) for region, day, ref in rows)

    def living_keys(self) -> frozenset[str]:
        """Ids of the keys of all vectors that are not destroyed."""
        with self._database.transaction() as connection:
            living = sa.select(vectors.c.key_id).where(vectors.c.destroyed.is_(False))
            return frozenset(connection.execute(living).scalars())

    def delete_strays(self, before: datetime) -> int:
        """Delete files that no living vectors name, but for new ones. Returns how many."""
        living = self.living_keys()
        strays = [
            path
            for path in self._folder.glob(f"*/*/*{_SUFFIX}")
            if _key_id(path) not in living and made_before(path, before)
        ]
        for path in strays:
            self._keys.destroy(_key_id(path))
            path.unlink(missing_ok=True)
        return len(strays) + delete_partials(self._folder, before)

    def _erase(self, stored: StoredVectors) -> None:
        self._keys.destroy(stored.key_id)
        self._path(stored.region, stored.day, stored.group_ref, stored.key_id).unlink(
            missing_ok=True
        )

    def _erase_strays(
        self, region: str, day: date, group_ref: str, living: Collection[str]
    ) -> None:
        """Erase the files that no row names, and their keys, which are in the files' names."""
        folder = self._folder / region / day.isoformat()
        for path in folder.glob(f"{group_ref}-*{_SUFFIX}"):
            key_id = _key_id(path)
            if key_id not in living:
                self._keys.destroy(key_id)
                path.unlink(missing_ok=True)

    def _path(self, region: str, day: date, group_ref: str, key_id: str) -> Path:
        return self._folder / region / day.isoformat() / f"{group_ref}-{key_id}{_SUFFIX}"


def _key_id(path: Path) -> str:
    return path.name.removesuffix(_SUFFIX).rpartition("-")[2]


def _name(region: str, day: date, group_ref: str) -> str:
    return f"vectors/{region}/{day.isoformat()}/{group_ref}"
