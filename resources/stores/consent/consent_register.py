"""The consent register: an append-only list of events, and what follows from it for a day.

It holds references, dates and digests; never a name, a group title or a contact.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from assets.core.errors import ConsentError
from assets.core.london_time import LONDON
from assets.core.modes import Mode
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import consent_events, consent_terms, regional_values
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.consent.consent_spans import spans_of
from resources.stores.consent.consent_state import EVENTS, Consent, states_of
from resources.stores.consent.consent_terms import ConsentRules, ConsentTerms, faults_of_terms
from resources.stores.consent.leaving_journal import JournalLine, LeavingJournal
from resources.stores.group_locks import take_group, take_register


class ConsentRegister:
    """Records consents and answers whether a group may be read.

    Args:
        database: the home's database.
        mode: the home's mode, written into every event.
        regions: the configured regions.
        journal: where withdrawals are noted beside the database.
        rules: what the home asks of a consent; the defaults of `home.yaml` if None.
    """

    def __init__(
        self,
        database: Database,
        mode: Mode,
        regions: Collection[str],
        journal: LeavingJournal,
        rules: ConsentRules | None = None,
    ) -> None:
        self._database = database
        self._journal = journal
        self._mode = mode
        self._regions = frozenset(regions)
        self._rules = rules or ConsentRules()

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
            self._check(terms, now)
        with self._database.transaction() as connection:
            take_register(connection)
            refs = []
            for terms in many:
                refs.append(f"g-{secrets.token_hex(4)}")
                self._append(connection, "granted", refs[-1], now, terms)
        return refs

    def grant_as(
        self,
        group_ref: str,
        terms: ConsentTerms,
        now: datetime,
        also: Callable[[sa.Connection], None],
    ) -> None:
        """Record a new group's consent under a reference that was reserved for it.

        Args:
            group_ref: the reserved reference.
            terms: what was agreed to.
            now: the moment (aware).
            also: called first in the same transaction, which it may refuse.

        Raises:
            ConsentError: what `grant` refuses, `GROUP_REFERENCE_TAKEN`, or
                `WITHDRAWN_BEFORE_TAKEN` of who withdrew before.
        """
        self._check(terms, now)
        with self._database.transaction() as connection:
            take_group(connection, group_ref)
            take_register(connection)
            also(connection)
            if _withdrawn_since(connection, group_ref):
                raise ConsentError("WITHDRAWN_BEFORE_TAKEN")
            if consent_in(connection, group_ref) is not None:
                raise ConsentError("GROUP_REFERENCE_TAKEN")
            self._append(connection, "granted", group_ref, now, terms)

    def renew(
        self,
        group_ref: str,
        terms: ConsentTerms,
        now: datetime,
        *,
        answered_at: datetime | None = None,
        also: Callable[[sa.Connection], None] = lambda _: None,
    ) -> None:
        """Record that a known group's consent runs on under these terms.

        Args:
            group_ref: the group.
            terms: what was agreed to.
            now: the moment (aware).
            answered_at: when it was agreed to, where that was earlier; who withdrew after it has
                withdrawn this, too.
            also: called first in the same transaction, which it may refuse.

        Raises:
            ConsentError: `GROUP_UNKNOWN`, `REGION_CHANGED`, `WITHDRAWN_BEFORE_TAKEN`, or what
                `grant` refuses.
        """
        known = self.consent(group_ref)
        # Who was told before it began need not be told again before the day it began on.
        since = known.valid_from if known.runs_on(now.astimezone(LONDON).date()) else None
        self._check(terms, now, runs_since=since)
        if known.region != terms.region:
            raise ConsentError("REGION_CHANGED")
        with self._database.transaction() as connection:
            take_group(connection, group_ref)
            take_register(connection)
            also(connection)
            if answered_at is not None and _withdrawn_since(connection, group_ref, answered_at):
                raise ConsentError("WITHDRAWN_BEFORE_TAKEN")
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

    def notice(
        self, group_ref: str, informed_on: date, notice_version: str, notice: bytes, now: datetime
    ) -> None:
        """Record that the members of a known group were told again.

        Args:
            group_ref: the group.
            informed_on: when they were told.
            notice_version: which notice they were given.
            notice: the text; only its digest is kept.
            now: the moment (aware).

        Raises:
            ConsentError: `GROUP_UNKNOWN`, `NOTICE_FILE_MISSING` for an empty text,
                `NOTICE_NOT_AGREED` for another than the study answers for, or
                `NOTICE_NOT_YET_GIVEN` for a day that has not come or an empty version.
        """
        self.consent(group_ref)
        if not notice_version.strip() or informed_on > now.astimezone(LONDON).date():
            raise ConsentError("NOTICE_NOT_YET_GIVEN")
        if not notice.strip():
            raise ConsentError("NOTICE_FILE_MISSING")
        if not self._rules.is_agreed(notice_version, notice):
            raise ConsentError("NOTICE_NOT_AGREED")
        with self._database.transaction() as connection:
            take_register(connection)
            seq = connection.execute(
                consent_events.insert()
                .values(
                    at=now,
                    kind="notice",
                    group_ref=group_ref,
                    mode=self._mode.value,
                    informed_on=informed_on,
                    notice_version=notice_version,
                )
                .returning(consent_events.c.seq)
            ).scalar_one()
            connection.execute(
                consent_terms.insert().values(seq=seq, at=now, notice_digest=_digest(notice))
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
            states = states_of(connection.execute(EVENTS).mappings())
        return {ref: one for ref, one in states.items() if region in (None, one.region)}

    def spans(self, region: str) -> list[ConsentSpan]:
        """Every stretch of consent of the region's groups, ended ones included."""
        with self._database.transaction() as connection:
            spans = spans_of(connection.execute(EVENTS).mappings())
        groups = self.consents(region)
        return [span for span in spans if span.group_ref in groups]

    def sequence(self) -> int:
        """Number of the newest event; 0 for an empty register."""
        with self._database.transaction() as connection:
            return newest_event(connection)

    def faults(
        self, terms: ConsentTerms, today: date, *, runs_since: date | None = None
    ) -> list[str]:
        """Codes of all that keeps these terms from being recorded; see `faults_of_terms`."""
        return faults_of_terms(terms, self._rules, self._regions, today, runs_since=runs_since)

    @property
    def rules(self) -> ConsentRules:
        """What the home asks of every consent."""
        return self._rules

    def _check(self, terms: ConsentTerms, now: datetime, *, runs_since: date | None = None) -> None:
        today = now.astimezone(LONDON).date()
        for code in self.faults(terms, today, runs_since=runs_since):
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
        # What `faults` found nothing missing of.
        assert terms.sector is not None  # noqa: S101
        assert terms.rhythm is not None  # noqa: S101
        seq = connection.execute(
            consent_events.insert()
            .values(
                at=_after_closings(connection, now),
                kind=kind,
                group_ref=group_ref,
                mode=self._mode.value,
                region=terms.region,
                platform=terms.platform,
                employer_ref=terms.employer_ref or employer_ref or new_employer_ref(),
                member_basis=terms.member_basis.value,
                ethics_digest=_digest(terms.ethics_reference.encode()),
                informed_on=terms.informed_on,
                notice_version=terms.notice_version,
                adult_workplace=terms.adult_workplace,
                evidence_digest=_digest(terms.evidence),
                valid_from=terms.valid_from,
                valid_until=terms.valid_until,
            )
            .returning(consent_events.c.seq)
        ).scalar_one()
        connection.execute(
            consent_terms.insert().values(
                seq=seq,
                at=now,
                notice_digest=_digest(terms.notice),
                departure_approved=terms.departure_approved,
                sector=terms.sector.value,
                scopes=sorted(terms.scopes),
                rhythm=terms.rhythm.value,
                review_by=terms.review_by,
            )
        )


def new_employer_ref() -> str:
    """A random reference of an employer that no recorded group has."""
    return f"e-{secrets.token_hex(4)}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def newest_event(connection: sa.Connection) -> int:
    """Number of the register's newest event; 0 if there is none."""
    return connection.execute(sa.select(sa.func.max(consent_events.c.seq))).scalar() or 0


def consent_in(connection: sa.Connection, group_ref: str) -> Consent | None:
    """A group's state as the transaction sees it; None for one that the register doesn't know."""
    rows = connection.execute(EVENTS.where(consent_events.c.group_ref == group_ref)).mappings()
    return states_of(rows).get(group_ref)


def _withdrawn_since(
    connection: sa.Connection, group_ref: str, moment: datetime | None = None
) -> bool:
    """Whether the group has withdrawn at all, or at or after a moment."""
    withdrawn = sa.exists().where(
        consent_events.c.group_ref == group_ref, consent_events.c.kind == "withdrawn"
    )
    if moment is not None:
        withdrawn = withdrawn.where(consent_events.c.at >= moment)
    return connection.execute(sa.select(withdrawn)).scalar_one()


def require_known(connection: sa.Connection, group_ref: str) -> None:
    """Go on only for a group that the register knows.

    Raises:
        ConsentError: `GROUP_UNKNOWN`.
    """
    if consent_in(connection, group_ref) is None:
        raise ConsentError("GROUP_UNKNOWN")


def _after_closings(connection: sa.Connection, now: datetime) -> datetime:
    """The moment to record: by a clock set back, an event would change what closed days were."""
    newest = connection.execute(sa.select(sa.func.max(regional_values.c.closed_at))).scalar()
    return now if newest is None else max(now, newest + timedelta(microseconds=1))
