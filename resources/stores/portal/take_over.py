"""Taking over what admins answered on the portal, by all the rules of `tideline consent grant`.

What can't be taken over yet, because something has to be put right first, waits and is listed each
time; what can't be at all is settled with its code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.dialects.postgresql import insert

from assets.core.delivery_rhythm import Rhythm
from assets.core.errors import ConsentError, SetupError
from assets.core.london_time import LONDON
from resources.base.database.connection import Database
from resources.base.database.tables import portal_consents, portal_taken
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.consent.consent_terms import MemberBasis, Scope, Sector
from resources.stores.portal.answers import Answer, terms_of_answer
from resources.stores.portal.invitations import Invitation, is_invitation
from resources.stores.portal.of_home import PortalOfHome

TAKEN = "TAKEN"
_FOR_GOOD = frozenset(
    {
        "INVITATION_INVALID",
        "INVITATION_REVOKED",
        "INVITATION_EXPIRED",
        "GROUP_REFERENCE_TAKEN",
        "WITHDRAWN_BEFORE_TAKEN",
        "GROUP_UNKNOWN",
        "REGION_CHANGED",
    }
)
"""Nothing that is put right later makes a consent of these."""


class _SettledAlreadyError(Exception):
    """Another command took it over at this moment."""


@dataclass(frozen=True)
class Outcome:
    """What became of an answer.

    Attributes:
        group_ref: the reserved reference, or the group's own.
        code: `TAKEN`, or of the catalogue.
        manages_members: whether the admin manages members of the group.
    """

    group_ref: str
    code: str
    manages_members: bool

    @property
    def is_taken(self) -> bool:
        """Whether it is a consent now."""
        return self.code == TAKEN

    @property
    def waits(self) -> bool:
        """Whether it is looked at again."""
        return not self.is_taken and self.code not in _FOR_GOOD


def answer_in(
    row: sa.RowMapping, keys: Sequence[Ed25519PublicKey]
) -> tuple[Invitation, Answer] | None:
    """What a row of `portal_consents` says; None for one that no page of ours wrote.

    Args:
        row: by column.
        keys: public keys of invitations.
    """
    invitation = Invitation(**{one.name: row[one.name] for one in fields(Invitation)})
    signature = bytes(row["signature"])
    if not is_invitation(keys, invitation, signature) or not row["adult_workplace"]:
        return None
    try:
        answer = Answer(
            adult_workplace=True,
            informed_on=row["informed_on"],
            manages_members=row["manages_members"],
            member_basis=MemberBasis(row["member_basis"]),
            sector=Sector(row["sector"]),
            scopes=frozenset(map(Scope, row["scopes"])),
            rhythm=Rhythm(row["rhythm"]),
            valid_until=row["valid_until"],
            notice_version=row["notice_version"],
            notice_digest=row["notice_digest"],
            answered_on=row["at"].astimezone(LONDON).date(),
        )
    except ValueError:
        return None
    return invitation, answer


@dataclass(frozen=True)
class TakingOver:
    """Brings answers into the register.

    Attributes:
        database: the home's.
        register: of consents.
        portal: of the home.
        cooling_off: days between telling the members and the first day that is read.
        is_whole: whether database and leaving journal say the same.
    """

    database: Database
    register: ConsentRegister
    portal: PortalOfHome
    cooling_off: timedelta
    is_whole: Callable[[datetime], bool]

    def waiting(self) -> int:
        """How many answers are not settled."""
        with self.database.transaction() as connection:
            return connection.execute(
                sa.select(sa.func.count()).select_from(_unsettled().subquery())
            ).scalar_one()

    def settled_since(self, since: datetime) -> list[Outcome]:
        """What became of the answers that were settled from a moment on, oldest first.

        Raises:
            StorageError: what the database's transactions raise.
        """
        found = (
            sa.select(
                portal_taken.c.group_ref,
                portal_taken.c.outcome.label("code"),
                portal_consents.c.manages_members,
            )
            .join(portal_consents, portal_taken.c.key == portal_consents.c.invitation)
            .where(portal_taken.c.what == "consent", portal_taken.c.at >= since)
            .order_by(portal_taken.c.at)
        )
        with self.database.transaction() as connection:
            return [Outcome(**row) for row in connection.execute(found).mappings()]

    def any_answer(self) -> bool:
        """Whether anybody ever answered on the portal."""
        with self.database.transaction() as connection:
            one = connection.execute(sa.select(portal_consents.c.invitation).limit(1))
            return one.first() is not None

    def run_if_whole(self, now: datetime) -> list[Outcome]:
        """As `run`, but for a database that may have forgotten who withdrew: then nothing is done.

        Raises:
            StorageError: as `run`.
        """
        return self.run(now) if self.waiting() and self.is_whole(now) else []

    def run(self, now: datetime) -> list[Outcome]:
        """Take over what can be. Returns what became of each answer that was not settled.

        Whoever calls it has seen that database and journal say the same, or somebody who withdrew
        since a backup would be taken in again.

        Raises:
            StorageError: what the database's transactions raise; what was taken over before stays.
        """
        with self.database.transaction() as connection:
            rows = connection.execute(_unsettled()).mappings().all()
        return [one for row in rows if (one := self._settle(row, now)) is not None]

    def _settle(self, row: sa.RowMapping, now: datetime) -> Outcome | None:
        settled = {
            "what": "consent",
            "key": row["invitation"],
            "at": now,
            "group_ref": row["group_ref"],
        }
        try:
            self._take(row, now, settled)
            code = TAKEN
        except (ConsentError, SetupError) as error:
            code = error.code
        except _SettledAlreadyError:
            return None
        outcome = Outcome(row["group_ref"], code, row["manages_members"])
        if code in _FOR_GOOD:
            with self.database.transaction() as connection:
                _record(connection, {**settled, "outcome": code})
        return outcome

    def _take(self, row: sa.RowMapping, now: datetime, settled: Mapping[str, Any]) -> None:
        found = answer_in(row, self.portal.keys().invitations)
        if found is None:
            by_revoked = answer_in(row, self.portal.revoked_keys().invitations) is not None
            raise ConsentError("INVITATION_REVOKED" if by_revoked else "INVITATION_INVALID")
        invitation, answer = found
        if row["at"] >= invitation.expires:
            raise ConsentError("INVITATION_EXPIRED")
        notice = self.portal.notice(answer.notice_digest)
        ethics = self.portal.ethics()
        terms = terms_of_answer(invitation, answer, notice, ethics, self.cooling_off)

        def settle(connection: sa.Connection) -> None:
            if not _record(connection, {**settled, "outcome": TAKEN}):
                raise _SettledAlreadyError

        if not invitation.renews:
            self.register.grant_as(invitation.group_ref, terms, now, settle)
            return
        known = self.register.consent(invitation.group_ref)
        if known.runs_on(now.astimezone(LONDON).date()):
            terms = replace(terms, valid_from=known.valid_from)
        self.register.renew(invitation.group_ref, terms, now, answered_at=row["at"], also=settle)


def _record(connection: sa.Connection, settled: Mapping[str, Any]) -> bool:
    """Record what became of an answer, unless that is recorded. Returns whether it was not."""
    made = insert(portal_taken).values(**settled).on_conflict_do_nothing()
    return connection.execute(made).rowcount == 1


def _unsettled() -> sa.Select[Any]:
    settled = sa.exists().where(
        portal_taken.c.what == "consent", portal_taken.c.key == portal_consents.c.invitation
    )
    return sa.select(portal_consents).where(~settled).order_by(portal_consents.c.at)
