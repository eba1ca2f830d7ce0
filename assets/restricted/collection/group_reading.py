"""One group's messages as they may be read: consent, members and chat privacy come first."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice

from assets.core.errors import ConsentError
from assets.restricted.collection.admission import (
    Admitted,
    GroupRules,
    SetApart,
    admission,
    admitted,
)
from assets.restricted.collection.bookmarks.bookmark import ReadBefore, Standing
from assets.restricted.collection.bookmarks.kept import Bookmarks
from assets.restricted.collection.copied_posts import CopiedPosts
from assets.restricted.collection.day_figures import DayFigures
from assets.restricted.collection.drift import drift_of_group
from assets.restricted.collection.export import Export, Message, Report
from assets.restricted.collection.exporter import (
    ExportWithExporter,
    exporter_labels,
    exporter_of,
)
from assets.restricted.collection.going_on import CalledRoll, next_standing, told_at
from assets.restricted.collection.group_exports import (
    GroupExports,
    by_person,
    open_export,
    read_group_exports,
)
from assets.restricted.collection.roll_call import roll_call
from assets.restricted.consent.chat_privacy import stopped_from
from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.inbox.bookmark_shelf import BookmarkShelf
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.inbox import Inbox, SealedExport
from resources.stores.members.marks import Marker
from resources.stores.members.member_events import RollCall
from resources.stores.members.member_register import MemberRegister


@dataclass(frozen=True)
class GroupMessages:
    """What may be read of one export.

    Attributes:
        messages: speech of the wanted days by members who may be read.
        roster: names that the export shows.
        set_apart: messages of the wanted days that are not read, by reason.
        members_seq: number of the newest member event that was heeded.
        drift: codes of the wanted days that differ from the group's other days.
    """

    messages: tuple[Message, ...] = field(repr=False)
    roster: frozenset[str] = field(repr=False)
    set_apart: Counter[SetApart]
    members_seq: int
    drift: Mapping[date, list[str]]


class GroupReading:
    """Reads one group under its consent.

    Args:
        inbox: where the exports are.
        records: where counts of exports go.
        members: what members have said.
        consent: the group's, which the caller has found to stand.
        cooling_off: whole days between a notice and the first reading.
        now: the moment of reading.
    """

    def __init__(
        self,
        inbox: Inbox,
        records: CollectionRecords,
        members: MemberRegister,
        consent: Consent,
        *,
        cooling_off: timedelta,
        now: datetime,
    ) -> None:
        self._inbox = inbox
        self._records = records
        self._members = members
        self._consent = consent
        self._cooling_off = cooling_off
        self._now = now

    def group_exports(self) -> GroupExports:
        """The group's exports; who writes in each new one is recorded before any is read.

        Raises:
            ConsentError: `CONSENT_WITHDRAWN` if the group leaves meanwhile.
            StorageError: `MEMBER_KEY_INVALID`, or what `read_group_exports` raises.
        """
        return read_group_exports(
            self._inbox,
            self._records,
            self._consent.group_ref,
            self._consent.region,
            self._now,
            on_reading=self._on_reading,
            platform=self._consent.platform_read,
            is_the_chat=self._is_the_chat,
            marker=self._members.marker(self._consent.group_ref),
            bookmarks=self._bookmarks(),
        )

    def stopped_from(self, group_exports: GroupExports) -> date | None:
        """The first day not to be read because members turned on advanced chat privacy."""
        return stopped_from(group_exports.privacy_turned_on, self._consent.privacy_from)

    def messages(
        self,
        group_exports: GroupExports,
        digest: str,
        wanted: Collection[date],
        *,
        spared: Collection[str] = (),
    ) -> GroupMessages:
        """What may be read of one export on the wanted days, all inside the consent.

        Args:
            group_exports: of the group.
            digest: which of its exports.
            wanted: days to read.
            spared: words that stay even if they are part of a name that is cut out.

        Raises:
            ExportError: what `open_export` raises, or `EXPORT_NOT_COUNTED`.
            ConsentError: `OBJECTION_NOT_PLACED`, `CONSENT_WITHDRAWN` as `group_exports`.
        """
        parts = group_exports.parts_of(digest)
        for one in parts:
            self._records.require_counted(one)
        group_ref = self._consent.group_ref
        marker = self._members.marker(group_ref)
        taken_back = self._taken_back(group_exports, parts)
        alone = parts[0] if len(parts) == 1 and not taken_back else None
        bookmarks = None if alone is None else self._bookmarks(alone.arrived_at)
        read = self._read(self._open(parts, taken_back, bookmarks), wanted, marker, spared)
        if bookmarks is not None and not read.stands:
            void = replace(bookmarks, shut=True)
            read = self._read(self._open(parts, taken_back, void), wanted, marker, spared)
        decided, export, before = read.decided, read.export, read.export.before
        if decided.standing.not_placed:
            raise ConsentError("OBJECTION_NOT_PLACED")
        copies, figures = CopiedPosts(marker.key_for("copied posts")), DayFigures()
        if before is not None:
            senders = list(before.first_day)
            copies = CopiedPosts(marker.key_for("copied posts"), before.posts, senders)
            figures = DayFigures(before.figures)
        kept: list[tuple[Standing, ReadBefore]] = []

        def keep() -> None:
            if read.standing is not None:
                kept.append((read.standing, read.up_to(read.standing, copies, figures)))

        own: Admitted = admitted(
            told_at(read.new, by_person(export.messages), keep),
            decided,
            wanted=wanted,
            covered=(self._consent.valid_from, self._consent.valid_until),
            copies=copies,
            figures=figures,
        )
        if bookmarks is not None and export.stands is not None:
            # Under the terms under which it is looked for; see `open_export`.
            bookmarks = bookmarks.of_export_by(exporter_of(export))
            for standing, before_it in kept:
                bookmarks.keep(export.stands, standing, before_it)
            if before is not None and not kept:
                bookmarks.renew(export.stands)
        return GroupMessages(
            own.messages,
            export.roster,
            own.set_apart,
            read.members_seq,
            {**self._drift(own, export.report, wanted), **_nobody_informed(own, wanted)},
        )

    def _read(
        self, export: Export, wanted: Collection[date], marker: Marker, spared: Collection[str]
    ) -> CalledRoll:
        """What is decided over the senders of an export, and where the next reading may go on."""
        group_ref = self._consent.group_ref
        standing = next_standing(export, wanted)
        before = export.before
        given = 0 if before is None else before.given
        new = None if standing is None else standing.given - given
        called, up_to_there = self._call_roll(export, new)
        # Before the events, so that one recorded in between makes the result stale.
        members_seq = self._members.sequence(group_ref)
        rules = GroupRules(
            opt_in=self._opt_in,
            notices=self._consent.notices,
            cooling_off=self._cooling_off,
            events=self._members.events(group_ref),
            seen=self._members.seen(group_ref),
            told=self._members.told(group_ref),
        )
        decided = admission(called.first_day, rules, called.tell(marker), spared=spared)
        stands = before is None or (
            before.latest < min(wanted) and before.holds(decided.readable_from)
        )
        return CalledRoll(export, decided, members_seq, stands, standing, new, up_to_there)

    def _open(
        self,
        parts: Sequence[SealedExport],
        superseded: frozenset[int] = frozenset(),
        bookmarks: Bookmarks | None = None,
    ) -> Export:
        return open_export(
            self._inbox,
            parts,
            self._consent.region,
            self._now,
            platform=self._consent.platform_read,
            is_the_chat=self._is_the_chat,
            superseded=superseded,
            marker=self._members.marker(self._consent.group_ref),
            bookmarks=bookmarks,
        )

    def _bookmarks(self, arrived_at: datetime | None = None) -> Bookmarks:
        consent = self._consent
        return Bookmarks(
            self._members.marker(consent.group_ref).key_for("bookmarks"),
            (
                consent.region,
                consent.platform_read or "",
                str(self._opt_in),
                str(self._told_on),
                str(consent.valid_from),
                str(consent.valid_until),
                self._members.chosen_chat(consent.group_ref),
            ),
            BookmarkShelf(self._inbox, consent.group_ref, self._now, arrived_at),
        )

    def _taken_back(
        self, group_exports: GroupExports, parts: Collection[SealedExport]
    ) -> frozenset[int]:
        """Keys of messages that the group's other exports say were deleted or edited."""
        own = {one.digest for one in parts}
        return frozenset().union(
            *(
                self._open((group_exports.files[one.digest],)).superseded
                for one in group_exports.candidates
                if one.takes_back and one.digest not in own
            )
        )

    @property
    def _is_the_chat(self) -> Callable[[str], bool] | None:
        return self._members.is_the_chat(self._consent.group_ref)

    def _drift(
        self, own: Admitted, report: Report, wanted: Collection[date]
    ) -> dict[date, list[str]]:
        """Codes by day, from the whole days of the consent that the export holds."""
        first = max(self._consent.valid_from, report.earliest.date() + timedelta(days=1))
        last = min(self._consent.valid_until, max(wanted))
        if last < first:
            return {}
        found = drift_of_group(own.figures.frame(first, last))
        return {day: codes for day, codes in found.items() if day in wanted}

    @property
    def _opt_in(self) -> bool:
        return self._consent.member_basis is MemberBasis.OPT_IN

    @property
    def _told_on(self) -> date:
        return min(one.informed_on for one in self._consent.notices)

    def _on_reading(self, export: Export) -> None:
        self._call_roll(export)

    def _call_roll(self, export: Export, new: int | None = None) -> tuple[RollCall, RollCall]:
        """The roll of an export, and that up to so many of the messages that it gives."""
        messages = iter(by_person(export.messages))
        called = RollCall({}, ()) if export.before is None else export.before.roll
        rolls = []
        for some in (islice(messages, new or 0), messages):
            called = roll_call(
                some, told_on=self._told_on, opt_in_group=self._opt_in, before=called
            )
            rolls.append(called)
        if isinstance(export, ExportWithExporter):
            called = replace(called, exporter=export.exporter, labels=exporter_labels())
        self._members.record_roll_call(self._consent.group_ref, called, self._now)
        return called, rolls[0]


def _nobody_informed(own: Admitted, wanted: Collection[date]) -> dict[date, list[str]]:
    """A code where everything was set apart because nobody was seen before the last notice.

    Not where somebody objected: the code would tell that whoever was read before no longer is.
    """
    if (
        own.messages
        or not own.set_apart[SetApart.NOT_YET_INFORMED]
        or own.set_apart[SetApart.OBJECTED]
    ):
        return {}
    return {max(wanted): ["NOBODY_INFORMED"]}
