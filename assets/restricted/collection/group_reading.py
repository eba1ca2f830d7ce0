"""One group's messages as they may be read: consent, members and chat privacy come first."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from assets.core.errors import ConsentError
from assets.restricted.collection.admission import (
    Admitted,
    GroupRules,
    SetApart,
    admission,
    admitted,
)
from assets.restricted.collection.drift import drift_of_group
from assets.restricted.collection.export import Export, Message, Report
from assets.restricted.collection.group_exports import GroupExports, open_export, read_group_exports
from assets.restricted.collection.roll_call import roll_call
from assets.restricted.consent.chat_privacy import stopped_from
from resources.stores.consent.consent_register import Consent, MemberBasis
from resources.stores.inbox.collection_records import CollectionRecords
from resources.stores.inbox.inbox import Inbox
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
        cooling_off: whole days between a further notice and the first reading.
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
            on_reading=self._call_roll,
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
            ExportError: what `open_export` raises.
            ConsentError: `OBJECTION_NOT_PLACED`, `CONSENT_WITHDRAWN` as `group_exports`.
        """
        export = open_export(
            self._inbox, group_exports.files[digest], self._consent.region, self._now
        )
        called = self._call_roll(export)
        group_ref = self._consent.group_ref
        # Before the events, so that one recorded in between makes the result stale.
        members_seq = self._members.sequence(group_ref)
        rules = GroupRules(
            opt_in=self._opt_in,
            notices=self._consent.notices,
            cooling_off=self._cooling_off,
            events=self._members.events(group_ref),
            seen=self._members.seen(group_ref),
        )
        decided = admission(called.first_day, rules, self._members.marker(group_ref), spared=spared)
        if decided.standing.not_placed:
            raise ConsentError("OBJECTION_NOT_PLACED")
        own: Admitted = admitted(
            export.messages,
            decided,
            wanted=wanted,
            covered=(self._consent.valid_from, self._consent.valid_until),
        )
        return GroupMessages(
            own.messages,
            export.roster,
            own.set_apart,
            members_seq,
            {**self._drift(own, export.report, wanted), **_nobody_informed(own, wanted)},
        )

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

    def _call_roll(self, export: Export) -> RollCall:
        called = roll_call(
            export.messages,
            told_on=min(one.informed_on for one in self._consent.notices),
            opt_in_group=self._opt_in,
        )
        self._members.record_roll_call(self._consent.group_ref, called, self._now)
        return called


def _nobody_informed(own: Admitted, wanted: Collection[date]) -> dict[date, list[str]]:
    """A code where everything was set apart because nobody was seen before the last notice."""
    if own.messages or not own.set_apart[SetApart.NOT_YET_INFORMED]:
        return {}
    return {max(wanted): ["NOBODY_INFORMED"]}
