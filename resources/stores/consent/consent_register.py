"""The consent register: an append-only list of events, and what follows from it for a day.

It holds references, dates and digests; never a name, a group title or a contact.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import sqlalchemy as sa

from assets.core.errors import ConsentError
from assets.core.london_time import LONDON
from assets.core.modes import Mode
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import consent_events, consent_renewals, regional_values
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.consent.consent_spans import spans_of
from resources.stores.consent.leaving_journal import JournalLine, LeavingJournal
from resources.stores.consent.member_notice import MemberNotice
from resources.stores.group_locks import take_group, take_register

PLATFORMS = ("whatsapp",)
"""Whose exports are read."""

GROUP_REF = re.compile(r"^g-[0-9a-f]{8}$")
EMPLOYER_REF = re.compile(r"^e-[0-9a-f]{8}$")
_EVENTS = (
    sa.select(
        consent_events,
        consent_renewals.c.renew_by,
        consent_renewals.c.no_platform,
        consent_renewals.c.no_evidence,
    )
    .outerjoin(consent_renewals, consent_renewals.c.seq == consent_events.c.seq)
    .order_by(consent_events.c.seq)
)


class MemberBasis(StrEnum):
    """How members come to be read."""

    NOTICE_WITH_OBJECTION = "notice_with_objection"
    OPT_IN = "opt_in"


@dataclass(frozen=True)
class ConsentTerms:
    """What an admin agreed to.

    Attributes:
        region: a configured region.
        platform: where the chat is, one of `PLATFORMS`.
        member_basis: on what basis members are read.
        ethics_reference: reference of the ethics approval, which `notice_with_objection` needs;
            only its digest is kept.
        informed_on: when members were told.
        notice_version: which notice they were given.
        adult_workplace: the attestation that this is a group of adults about their work.
        evidence: bytes of the signed form or message; only their digest is kept.
        valid_from: first day that may be read.
        valid_until: last day that may be read.
        employer_ref: random reference of the employer, shared by groups of one employer.
    """

    region: str
    platform: str
    member_basis: MemberBasis
    ethics_reference: str
    informed_on: date
    notice_version: str
    adult_workplace: bool
    evidence: bytes
    valid_from: date
    valid_until: date
    employer_ref: str | None = None


@dataclass(frozen=True)
class Consent:
    """The state of one group's consent at a moment.

    Attributes:
        group_ref: random reference of the group.
        region: its region.
        platform: its platform.
        employer_ref: random reference of its employer.
        member_basis: on what basis members are read.
        notices: each telling of the members, the original one first.
        privacy_from: since when a notice of advanced chat privacy stops the group (aware).
        valid_from: first day that may be read.
        valid_until: last day that may be read.
        active: False once withdrawn.
        withdrawn_at: when it was withdrawn (aware); None while it is active.
        lacks: what an earlier version took it without: `platform`, `evidence`, or both.
        renew_by: the last day on which it may be read although it lacks that.
        mode: mode of the home that it was recorded in.
        seq: number of the event that made this state.
    """

    group_ref: str
    region: str
    platform: str
    employer_ref: str
    member_basis: MemberBasis
    notices: tuple[MemberNotice, ...]
    privacy_from: datetime
    valid_from: date
    valid_until: date
    active: bool
    mode: Mode
    seq: int
    withdrawn_at: datetime | None = None
    lacks: tuple[str, ...] = ()
    renew_by: date | None = None

    @property
    def ended_at(self) -> datetime:
        """When it ends, or ended (aware)."""
        runs_out = datetime.combine(self.valid_until + timedelta(days=1), time(), LONDON)
        return runs_out if self.withdrawn_at is None else min(self.withdrawn_at, runs_out)

    def runs_on(self, today: date) -> bool:
        """Whether it stands now."""
        return self.active and today <= self.valid_until

    def refusal(self, day: date, today: date, mode: Mode) -> str | None:
        """Why the group may not be read for `day` now, as a code; None if it may."""
        if self.mode is not mode:
            return "CONSENT_OF_ANOTHER_MODE"
        if not self.active:
            return "CONSENT_WITHDRAWN"
        if today > self.valid_until:
            return "CONSENT_EXPIRED"
        if self.renew_by is not None and today > self.renew_by:
            return "CONSENT_TO_RENEW"
        if not self.valid_from <= day <= self.valid_until:
            return "CONSENT_NOT_FOR_THIS_DAY"
        return None


class ConsentRegister:
    """Records consents and answers whether a group may be read.

    Args:
        database: the home's database.
        mode: the home's mode, written into every event.
        regions: the configured regions.
        journal: where withdrawals are noted beside the database.
    """

    def __init__(
        self,
        database: Database,
        mode: Mode,
        regions: Collection[str],
        journal: LeavingJournal,
    ) -> None:
        self._database = database
        self._journal = journal
        self._mode = mode
        self._regions = frozenset(regions)

    def grant(self, terms: ConsentTerms, now: datetime) -> str:
        """Record a new group's consent. Returns its new group reference.

        Raises:
            ConsentError: what `faults` names first.
        """
        return self.grant_all([terms], now)[0]

    def grant_all(self, many: Sequence[ConsentTerms], now: datetime) -> list[str]:
        """Record the consents of new groups, all or none. Returns their references, in order.

        Raises:
            ConsentError: as `grant`; nothing was recorded.
        """
        for terms in many:
            self._check(terms)
        with self._database.transaction() as connection:
            take_register(connection)
            refs = []
            for terms in many:
                refs.append(f"g-{secrets.token_hex(4)}")
                self._append(connection, "granted", refs[-1], now, terms)
        return refs

    def renew(self, group_ref: str, terms: ConsentTerms, now: datetime) -> None:
        """Record that a known group's consent runs on under these terms.

        Raises:
            ConsentError: `GROUP_UNKNOWN`, `REGION_CHANGED`, or what `grant` refuses.
        """
        known = self.consent(group_ref)
        # Who was told before it began need not be told again before the day it began on.
        since = known.valid_from if known.runs_on(now.astimezone(LONDON).date()) else None
        self._check(terms, runs_since=since)
        if known.region != terms.region:
            raise ConsentError("REGION_CHANGED")
        with self._database.transaction() as connection:
            take_register(connection)
            self._append(connection, "renewed", group_ref, now, terms, known.employer_ref)

    def withdraw(self, group_ref: str, now: datetime) -> None:
        """Record a withdrawal, within seconds; it acts at once.

        Raises:
            ConsentError: `GROUP_UNKNOWN`.
            StorageError: what `at_once` and `LeavingJournal.note` raise: nothing was recorded.
        """

        def record(connection: sa.Connection) -> None:
            take_group(connection, group_ref)
            take_register(connection)
            require_known(connection, group_ref)
            row = {
                "at": _after_closings(connection, now),
                "kind": "withdrawn",
                "group_ref": group_ref,
                "mode": self._mode.value,
            }
            connection.execute(consent_events.insert().values(row))
            self._journal.note([JournalLine.of("withdrawal", row)])

        at_once(self._database, record)

    def notice(self, group_ref: str, informed_on: date, notice_version: str, now: datetime) -> None:
        """Record that the members of a known group were told again.

        Raises:
            ConsentError: `GROUP_UNKNOWN`, or `NOTICE_NOT_YET_GIVEN` for a day that has not come or
                an empty version.
        """
        self.consent(group_ref)
        if not notice_version.strip() or informed_on > now.astimezone(LONDON).date():
            raise ConsentError("NOTICE_NOT_YET_GIVEN")
        with self._database.transaction() as connection:
            take_register(connection)
            connection.execute(
                consent_events.insert().values(
                    at=now,
                    kind="notice",
                    group_ref=group_ref,
                    mode=self._mode.value,
                    informed_on=informed_on,
                    notice_version=notice_version,
                )
            )

    def consent(self, group_ref: str) -> Consent:
        """The group's state now.

        Raises:
            ConsentError: `GROUP_UNKNOWN`.
        """
        found = self.consents().get(group_ref)
        if found is None:
            raise ConsentError("GROUP_UNKNOWN")
        return found

    def consents(self, region: str | None = None) -> Mapping[str, Consent]:
        """Every group's state now, by reference, in the order of first recording."""
        with self._database.transaction() as connection:
            states = _states(connection.execute(_EVENTS).mappings())
        return {ref: one for ref, one in states.items() if region in (None, one.region)}

    def spans(self, region: str) -> list[ConsentSpan]:
        """Every stretch of consent of the region's groups, ended ones included."""
        with self._database.transaction() as connection:
            spans = spans_of(connection.execute(_EVENTS).mappings())
        groups = self.consents(region)
        return [span for span in spans if span.group_ref in groups]

    def sequence(self) -> int:
        """Number of the newest event; 0 for an empty register."""
        with self._database.transaction() as connection:
            return newest_event(connection)

    def faults(self, terms: ConsentTerms, *, runs_since: date | None = None) -> list[str]:
        """Codes of all that keeps these terms from being recorded.

        Args:
            terms: of a new or a renewed consent.
            runs_since: first day of a consent that runs on; who was told before it need not be
                told again.
        """
        told_before = runs_since is not None and terms.valid_from >= runs_since
        informed = terms.informed_on <= terms.valid_from or told_before
        by_notice = terms.member_basis is MemberBasis.NOTICE_WITH_OBJECTION
        found = {
            "REGION_UNKNOWN": terms.region not in self._regions,
            "ETHICS_REFERENCE_MISSING": by_notice and not terms.ethics_reference.strip(),
            "ATTESTATION_MISSING": not terms.adult_workplace,
            "MEMBERS_NOT_INFORMED": not terms.notice_version.strip() or not informed,
            "CONSENT_DATES_REVERSED": terms.valid_until < terms.valid_from,
            "PLATFORM_UNKNOWN": terms.platform not in PLATFORMS,
            "EVIDENCE_MISSING": not terms.evidence,
            "EMPLOYER_UNKNOWN": bool(terms.employer_ref)
            and not EMPLOYER_REF.match(terms.employer_ref or ""),
        }
        return [code for code, wrong in found.items() if wrong]

    def _check(self, terms: ConsentTerms, *, runs_since: date | None = None) -> None:
        for code in self.faults(terms, runs_since=runs_since):
            raise ConsentError(code)

    def _append(
        self,
        connection: sa.Connection,
        kind: str,
        group_ref: str,
        now: datetime,
        terms: ConsentTerms,
        employer_ref: str | None = None,
    ) -> None:
        connection.execute(
            consent_events.insert().values(
                at=_after_closings(connection, now),
                kind=kind,
                group_ref=group_ref,
                mode=self._mode.value,
                region=terms.region,
                platform=terms.platform,
                employer_ref=terms.employer_ref or employer_ref or f"e-{secrets.token_hex(4)}",
                member_basis=terms.member_basis.value,
                ethics_digest=hashlib.sha256(terms.ethics_reference.encode()).hexdigest(),
                informed_on=terms.informed_on,
                notice_version=terms.notice_version,
                adult_workplace=terms.adult_workplace,
                evidence_digest=hashlib.sha256(terms.evidence).hexdigest(),
                valid_from=terms.valid_from,
                valid_until=terms.valid_until,
            )
        )


def newest_event(connection: sa.Connection) -> int:
    """Number of the register's newest event; 0 if there is none."""
    return connection.execute(sa.select(sa.func.max(consent_events.c.seq))).scalar() or 0


def consent_in(connection: sa.Connection, group_ref: str) -> Consent | None:
    """A group's state as the transaction sees it; None for one that the register doesn't know."""
    rows = connection.execute(_EVENTS.where(consent_events.c.group_ref == group_ref)).mappings()
    return _states(rows).get(group_ref)


def require_known(connection: sa.Connection, group_ref: str) -> None:
    """Go on only for a group that the register knows.

    Raises:
        ConsentError: `GROUP_UNKNOWN`.
    """
    if consent_in(connection, group_ref) is None:
        raise ConsentError("GROUP_UNKNOWN")


def _states(events: Iterable[sa.RowMapping]) -> dict[str, Consent]:
    states: dict[str, Consent] = {}
    for event in events:
        states[event["group_ref"]] = _after(states.get(event["group_ref"]), event)
    return states


def _after_closings(connection: sa.Connection, now: datetime) -> datetime:
    """The moment to record: by a clock set back, an event would change what closed days were."""
    newest = connection.execute(sa.select(sa.func.max(regional_values.c.closed_at))).scalar()
    return now if newest is None else max(now, newest + timedelta(microseconds=1))


def _after(before: Consent | None, event: sa.RowMapping) -> Consent:
    if event["kind"] in {"withdrawn", "notice"}:
        assert before is not None  # noqa: S101  (both require a known group)
        if event["kind"] == "withdrawn":
            return replace(before, active=False, withdrawn_at=event["at"], seq=event["seq"])
        told = MemberNotice(event["informed_on"])
        return replace(before, notices=(*before.notices, told), seq=event["seq"])
    renewed = before is not None
    # A first consent may be recorded after its first day; what happened since then counts.
    first_moment = datetime.combine(event["valid_from"], time(), LONDON)
    return Consent(
        group_ref=event["group_ref"],
        region=event["region"],
        platform=event["platform"],
        employer_ref=event["employer_ref"],
        member_basis=MemberBasis(event["member_basis"]),
        notices=(
            *(before.notices if before else ()),
            MemberNotice(event["informed_on"], original=not renewed),
        ),
        privacy_from=event["at"] if renewed else min(event["at"], first_moment),
        valid_from=event["valid_from"],
        valid_until=event["valid_until"],
        active=True,
        mode=Mode(event["mode"]),
        seq=event["seq"],
        lacks=tuple(what for what in ("platform", "evidence") if event[f"no_{what}"]),
        renew_by=event["renew_by"],
    )
