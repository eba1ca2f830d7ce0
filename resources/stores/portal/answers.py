"""What an admin answers to an invitation, and the terms of consent that it comes to."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from assets.core.delivery_rhythm import Rhythm
from resources.stores.consent.consent_terms import ConsentTerms, MemberBasis, Scope, Sector
from resources.stores.portal.invitations import Invitation

DAYS_TO_REVIEW = 182


@dataclass(frozen=True)
class Answer:
    """What an admin chose; nothing of it was preset.

    Attributes:
        adult_workplace: attests: a group of adults about their work.
        informed_on: when the members were told.
        manages_members: whether the admin manages members of the group.
        member_basis: on what basis members are read.
        sector: where the members work.
        scopes: what the group is used for.
        rhythm: how often its export is delivered.
        valid_until: last day that may be read.
        notice_version: of the notice that was shown.
        notice_digest: SHA-256 of its text.
        answered_on: the day (London).
    """

    adult_workplace: bool
    informed_on: date
    manages_members: bool
    member_basis: MemberBasis
    sector: Sector
    scopes: frozenset[Scope]
    rhythm: Rhythm
    valid_until: date
    notice_version: str
    notice_digest: str
    answered_on: date


@dataclass(frozen=True)
class Ethics:
    """What the study answers for where members are read by notice.

    Attributes:
        reference: of the ethics decision.
        departure_approved: whether it names reading by notice.
    """

    reference: str = ""
    departure_approved: bool = False


def terms_of_answer(
    invitation: Invitation, answer: Answer, notice: bytes, ethics: Ethics, cooling_off: timedelta
) -> ConsentTerms:
    """The terms that an answer comes to; whether they are accepted is `faults_of_terms`'s.

    Args:
        invitation: what was answered.
        answer: what was chosen.
        notice: the text that was shown; empty if nobody has it any more.
        ethics: what the study answers for.
        cooling_off: days between telling the members and the first day that is read.
    """
    first = max(answer.answered_on, answer.informed_on + cooling_off)
    return ConsentTerms(
        region=invitation.region,
        platform=invitation.platform,
        member_basis=answer.member_basis,
        ethics_reference=ethics.reference,
        departure_approved=ethics.departure_approved,
        informed_on=answer.informed_on,
        notice_version=answer.notice_version,
        notice=notice,
        adult_workplace=answer.adult_workplace,
        evidence=evidence_of(invitation, answer),
        sector=answer.sector,
        scopes=answer.scopes,
        rhythm=answer.rhythm,
        review_by=max(
            answer.answered_on, min(answer.valid_until, first + timedelta(days=DAYS_TO_REVIEW))
        ),
        valid_from=first,
        valid_until=answer.valid_until,
        employer_ref=invitation.employer_ref,
    )


def evidence_of(invitation: Invitation, answer: Answer) -> bytes:
    """What was answered to what, in one form: the evidence whose digest the register keeps."""
    told = {
        "invitation": invitation.invitation,
        "group": invitation.group_ref,
        "adult_workplace": answer.adult_workplace,
        "informed_on": answer.informed_on.isoformat(),
        "manages_members": answer.manages_members,
        "member_basis": answer.member_basis.value,
        "sector": answer.sector.value,
        "scopes": sorted(answer.scopes),
        "rhythm": answer.rhythm.value,
        "valid_until": answer.valid_until.isoformat(),
        "notice": answer.notice_digest,
        "answered_on": answer.answered_on.isoformat(),
    }
    return json.dumps(told, sort_keys=True).encode()
