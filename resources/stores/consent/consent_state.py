"""What a group's consent is at a moment: the fold over the register's events."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from assets.core.delivery_rhythm import Rhythm
from assets.core.london_time import LONDON
from assets.core.modes import Mode
from resources.base.database.tables import (
    consent_events,
    consent_renewals,
    consent_terms,
    earlier_consents,
)
from resources.stores.consent.consent_terms import BEFORE_SCOPES, MemberBasis, Scope, Sector
from resources.stores.consent.member_notice import MemberNotice

EVENTS = (
    sa.select(
        consent_events,
        consent_renewals.c.renew_by,
        consent_renewals.c.no_platform,
        consent_renewals.c.no_evidence,
        earlier_consents.c.counts_until,
        *(column for column in consent_terms.c if column.name not in {"seq", "at"}),
    )
    .outerjoin(consent_renewals, consent_renewals.c.seq == consent_events.c.seq)
    .outerjoin(earlier_consents, earlier_consents.c.seq == consent_events.c.seq)
    .outerjoin(consent_terms, consent_terms.c.seq == consent_events.c.seq)
    .order_by(consent_events.c.seq)
)
"""Every event with what was recorded beside it, in the order of recording."""

_NOT_ASKED = ("notice file", "employer", "sector", "scopes", "rhythm", "review date")
"""What no version before asked for."""


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
        lacks: what an earlier version took it without, such as `platform` or `rhythm`.
        renew_by: the last day on which it may be read although it lacks that.
        sector: where the members work; None where nobody was asked.
        scopes: what the group is used for.
        rhythm: how often its export is delivered; None where nobody was asked.
        review_by: last day on which it is read without being looked at again; None as `rhythm`.
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
    sector: Sector | None = None
    scopes: frozenset[Scope] = BEFORE_SCOPES
    rhythm: Rhythm | None = None
    review_by: date | None = None

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
        refused = {
            "CONSENT_OF_ANOTHER_MODE": self.mode is not mode,
            "CONSENT_WITHDRAWN": not self.active,
            "CONSENT_EXPIRED": today > self.valid_until,
            "CONSENT_TO_RENEW": self.renew_by is not None and today > self.renew_by,
            "CONSENT_REVIEW_DUE": self.review_by is not None and today > self.review_by,
            "CONSENT_NOT_FOR_THIS_DAY": not self.valid_from <= day <= self.valid_until,
        }
        return next((code for code, stands in refused.items() if stands), None)

    @property
    def platform_read(self) -> str | None:
        """The platform whose exports may be read; None where an earlier version named none."""
        if "platform" in self.lacks:
            return None
        # An earlier version took a listed one in any case and with spaces around it.
        return self.platform.strip().lower() if self.lacks else self.platform


def states_of(events: Iterable[sa.RowMapping]) -> dict[str, Consent]:
    """Every group's state after these events, rows of `EVENTS`, by reference."""
    states: dict[str, Consent] = {}
    for event in events:
        if event["group_ref"] not in states and event["kind"] == "withdrawn":
            # On the portal a group may withdraw before its answer is taken over.
            continue
        states[event["group_ref"]] = _after(states.get(event["group_ref"]), event)
    return states


def last_day_counted(event: sa.RowMapping) -> date | None:
    """The last day on which an event of an earlier version counts, for what it lacks."""
    days = [day for day in (event["renew_by"], event["counts_until"]) if day is not None]
    if days:
        return min(days)
    # Neither terms nor a date: nobody decided how long it counts, so it does not.
    return date.min if event["notice_digest"] is None else None


def _after(before: Consent | None, event: sa.RowMapping) -> Consent:
    if event["kind"] in {"withdrawn", "notice"}:
        assert before is not None  # noqa: S101  (a notice requires a known group)
        if event["kind"] == "withdrawn":
            return replace(before, active=False, withdrawn_at=event["at"], seq=event["seq"])
        told = MemberNotice(event["informed_on"])
        return replace(before, notices=(*before.notices, told), seq=event["seq"])
    renewed = before is not None
    # A first consent may be recorded after its first day; what happened since then counts.
    first_moment = datetime.combine(event["valid_from"], time(), LONDON)
    earlier = event["notice_digest"] is None
    # The version before read from the day of a first notice on.
    told = MemberNotice(event["informed_on"], cools_off=renewed or not earlier)
    return Consent(
        group_ref=event["group_ref"],
        region=event["region"],
        platform=event["platform"],
        employer_ref=event["employer_ref"],
        member_basis=MemberBasis(event["member_basis"]),
        notices=(*(before.notices if before else ()), told),
        privacy_from=event["at"] if renewed else min(event["at"], first_moment),
        valid_from=event["valid_from"],
        valid_until=event["valid_until"],
        active=True,
        mode=Mode(event["mode"]),
        seq=event["seq"],
        lacks=_lacks(event),
        renew_by=last_day_counted(event),
        sector=None if earlier else Sector(event["sector"]),
        scopes=BEFORE_SCOPES if earlier else frozenset(map(Scope, event["scopes"])),
        rhythm=None if earlier else Rhythm(event["rhythm"]),
        review_by=event["review_by"],
    )


def _lacks(event: sa.RowMapping) -> tuple[str, ...]:
    lacks = [what for what in ("platform", "evidence") if event[f"no_{what}"]]
    if event["notice_digest"] is None:
        lacks += _NOT_ASKED
        if event["member_basis"] == MemberBasis.NOTICE_WITH_OBJECTION:
            lacks.append("ethics departure")
    return tuple(lacks)
