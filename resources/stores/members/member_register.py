"""What members have said about being read, and whom a group has seen: keyed digests only."""

import hmac
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from assets.core.errors import ConsentError, StorageError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import (
    consent_chats,
    member_events,
    seen_senders,
    told_names,
)
from resources.stores.consent.consent_register import consent_in
from resources.stores.consent.leaving_journal import JournalLine, LeavingJournal
from resources.stores.group_locks import hold_groups, take_group
from resources.stores.members.marks import Marker, Marks
from resources.stores.members.member_events import MemberEvent, RollCall, Saying, SayingSource
from resources.stores.members.senders_seen import note_seen
from resources.stores.members.told_names import (
    forget_told,
    names_noted,
    note_names,
    note_told,
    senders_told,
)

_CHECKED = b"tideline member key"


class MemberRegister:
    """Records and finds what members have said.

    Args:
        database: the home's database.
        member_key: gives the member key, 32 bytes, which is never stored in the database; asked
            for when members are recorded or recognised.
        journal: where events are noted beside the database.
        on_roll: told of each export's senders, once they are recorded.
    """

    def __init__(
        self,
        database: Database,
        member_key: Callable[[], bytes],
        journal: LeavingJournal,
        on_roll: Callable[[str, Marker, Collection[Marks]], None] | None = None,
    ) -> None:
        self._database = database
        self._on_roll = on_roll
        self._journal = journal
        self._member_key = member_key

    @cached_property
    def _key(self) -> bytes:
        return self._member_key()

    @cached_property
    def _key_check(self) -> str:
        # Another key would recognise nobody, and objections would be void without a word.
        return hmac.digest(self._key, _CHECKED, "sha256").hex()

    def marker(self, group_ref: str) -> Marker:
        """What makes the marks of the group's members."""
        return Marker(self._key, group_ref)

    def events(self, group_ref: str) -> Sequence[MemberEvent]:
        """What members of the group have said, in the order of recording.

        Raises:
            StorageError: `MEMBER_KEY_INVALID` if it was recorded under another key.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(member_events)
                .where(member_events.c.group_ref == group_ref)
                .order_by(member_events.c.seq)
            ).all()
        self._require_key(row.key_check for row in rows)
        return [
            MemberEvent(
                Saying(row.kind),
                SayingSource(row.source),
                row.day,
                Marks(frozenset(zip(row.parts, row.initials, strict=True)), row.joined, row.number),
            )
            for row in rows
        ]

    def sequence(self, group_ref: str) -> int:
        """Number of the group's newest event; 0 if there is none."""
        with self._database.transaction() as connection:
            newest = sa.select(sa.func.max(member_events.c.seq)).where(
                member_events.c.group_ref == group_ref
            )
            return connection.execute(newest).scalar() or 0

    def seen(self, group_ref: str) -> Mapping[str, date]:
        """The day on which each sender was first seen, by the marker's digest of the sender.

        Raises:
            StorageError: `MEMBER_KEY_INVALID`, as `events`.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(seen_senders).where(seen_senders.c.group_ref == group_ref)
            ).all()
        self._require_key(row.key_check for row in rows)
        return {row.sender: row.first_day for row in rows}

    def told(self, group_ref: str) -> Mapping[str, date]:
        """The day by which each sender was told of whom that was recorded by name (`record_told`).

        Returns:
            Days by the marker's digest of the sender; see `senders_told` for whom a name counts.

        Raises:
            StorageError: `MEMBER_KEY_INVALID`, as `events`.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(told_names).where(told_names.c.group_ref == group_ref)
            ).all()
            borne = names_noted(connection, group_ref) if rows else []
        self._require_key(row.key_check for row in rows)
        return senders_told({row.name: row.told_on for row in rows}, borne)

    def record(self, group_ref: str, event: MemberEvent, now: datetime) -> None:
        """Append what a member said, within seconds; it acts at once.

        Args:
            group_ref: the group.
            event: what was said.
            now: the moment.

        Raises:
            StorageError: what `at_once` and `LeavingJournal.note` raise: nothing was recorded.
        """
        self.record_where(group_ref, lambda _: (event,), now)

    def record_where(
        self,
        group_ref: str,
        wanted: Callable[[sa.Connection], Sequence[MemberEvent]],
        now: datetime,
    ) -> None:
        """Append what members said, as far as it is wanted still; raises as `record`.

        Args:
            group_ref: the group.
            wanted: does what belongs to it in the same transaction, and gives what is to be
                recorded; called again after a conflict.
            now: the moment.
        """

        def append(connection: sa.Connection) -> None:
            # So that a later number is never seen before an earlier one.
            take_group(connection, group_ref)
            events = wanted(connection)
            if events:
                self._append(connection, [self._row(group_ref, one, now) for one in events])

        at_once(self._database, append)

    def record_chat(self, group_ref: str, named: str, now: datetime) -> None:
        """Record which chat is the group's, where a file may hold several; the newest one counts.

        Args:
            group_ref: the group.
            named: the chat's id or title, as the export has it; a keyed digest of it is kept.
            now: the moment.

        Raises:
            ConsentError: `CHAT_UNNAMED` for an empty one.
        """
        if not named.strip():
            raise ConsentError("CHAT_UNNAMED")
        row = {
            "at": now,
            "group_ref": group_ref,
            "chat_digest": self.marker(group_ref).chat(named),
            "key_check": self._key_check,
        }
        with self._database.transaction() as connection:
            connection.execute(consent_chats.insert().values(row))

    def is_the_chat(self, group_ref: str) -> Callable[[str], bool] | None:
        """What says of an id or a title whether it is that of the group's chat.

        Returns:
            None where none was recorded; then the member key is not asked for.

        Raises:
            StorageError: `MEMBER_KEY_INVALID` if it was recorded under another key.
        """
        row = self._newest_chat(group_ref)
        if row is None:
            return None
        self._require_key([row.key_check])
        marker, wanted = self.marker(group_ref), row.chat_digest
        return lambda named: marker.chat(named) == wanted

    def chosen_chat(self, group_ref: str) -> str:
        """The digest of the group's chat, `""` where none was recorded."""
        row = self._newest_chat(group_ref)
        return "" if row is None else row.chat_digest

    def _newest_chat(self, group_ref: str) -> Any:
        newest = (
            sa.select(consent_chats)
            .where(consent_chats.c.group_ref == group_ref)
            .order_by(consent_chats.c.seq.desc())
            .limit(1)
        )
        with self._database.transaction() as connection:
            return connection.execute(newest).first()

    def record_roll_call(self, group_ref: str, called: RollCall, now: datetime) -> None:
        """Record an export's senders, and what they posted about being read, once for each day.

        Raises:
            ConsentError: `CONSENT_WITHDRAWN` if the group has withdrawn meanwhile: nothing is
                recorded.
            StorageError: `MEMBER_KEY_INVALID`, as `events`.
        """
        marker = called.tell(self.marker(group_ref))
        known = set(self.events(group_ref))
        new: list[MemberEvent] = []
        for sender, saying, day in called.sayings:
            event = MemberEvent(saying, SayingSource.CHAT, day, marker.marks_of(sender))
            if event not in known:
                known.add(event)
                new.append(event)
        first_day: dict[str, date] = {}
        borne: dict[tuple[str, str], date] = {}
        for sender, day in called.first_day.items():
            digest = marker.sender(sender)
            first_day[digest] = min(day, first_day.get(digest, day))
            for name in marker.names(sender):
                borne[digest, name] = min(day, borne.get((digest, name), day))
        with self._database.transaction() as connection:
            if new:
                take_group(connection, group_ref)
            else:
                hold_groups(connection, [group_ref])
            _require_active(connection, group_ref)
            note_seen(connection, group_ref, first_day, self._key_check)
            note_names(connection, group_ref, borne, self._key_check)
            if new:
                self._append(connection, [self._row(group_ref, one, now) for one in new])
        if self._on_roll is not None:
            self._on_roll(group_ref, marker, [marker.marks_of(who) for who in called.first_day])

    def record_told(self, group_ref: str, names: Iterable[str], day: date) -> int:
        """Record by name who was in the group when it was told; returns how many.

        Args:
            group_ref: the group.
            names: as its chat shows them; digests are kept, nothing else.
            day: of the notice.

        Raises:
            ConsentError: `MEMBER_UNNAMED` where one is no name, `CONSENT_WITHDRAWN` if the group
                has withdrawn; nothing is recorded.
            StorageError: `MEMBER_KEY_INVALID`, as `events`.
        """
        digests = self._names(group_ref, names)
        if not digests:
            raise ConsentError("MEMBER_UNNAMED")
        self.seen(group_ref)
        self.told(group_ref)
        with self._database.transaction() as connection:
            hold_groups(connection, [group_ref])
            _require_active(connection, group_ref)
            note_told(connection, group_ref, digests, day, self._key_check)
        return len(digests)

    def forget_told(self, group_ref: str, names: Iterable[str]) -> int:
        """Take back that people were told: of these names, or of all where none is given.

        Returns:
            How many names were on record.

        Raises:
            ConsentError: `MEMBER_UNNAMED` where one is no name; nothing is taken back.
            StorageError: `MEMBER_KEY_INVALID`, as `events`: nothing is taken back.
        """
        digests = self._names(group_ref, names)
        if digests:
            self.told(group_ref)
        with self._database.transaction() as connection:
            hold_groups(connection, [group_ref])
            return forget_told(connection, group_ref, digests)

    def _names(self, group_ref: str, names: Iterable[str]) -> set[str]:
        marker = self.marker(group_ref)
        digests = {marker.name(one) for one in names}
        if "" in digests:
            raise ConsentError("MEMBER_UNNAMED")
        return digests

    def _append(self, connection: sa.Connection, rows: Sequence[Mapping[str, object]]) -> None:
        connection.execute(member_events.insert(), list(rows))
        self._journal.note([JournalLine.of("member", row) for row in rows])

    def _row(self, group_ref: str, event: MemberEvent, now: datetime) -> dict[str, object]:
        parts = sorted(event.marks.parts)
        return {
            "at": now,
            "group_ref": group_ref,
            "kind": event.saying.value,
            "source": event.source.value,
            "day": event.day,
            "parts": [full for full, _ in parts],
            "initials": [first for _, first in parts],
            "joined": event.marks.joined,
            "number": event.marks.number,
            "key_check": self._key_check,
        }

    def _require_key(self, checks: Iterable[str]) -> None:
        if any(check != self._key_check for check in checks):
            raise StorageError("MEMBER_KEY_INVALID")


def _require_active(connection: sa.Connection, group_ref: str) -> None:
    consent = consent_in(connection, group_ref)
    if consent is not None and not consent.active:
        raise ConsentError("CONSENT_WITHDRAWN")
