"""An admin consents, renews and withdraws."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assets.core.delivery_rhythm import Rhythm
from assets.core.errors import StorageError
from assets.core.platforms import names_of
from orchestration.portal.ended_invitations import (
    page_of_answered,
    page_of_ended,
    withdrawal_of,
)
from orchestration.portal.forms import Sent, all_chosen, chosen, day, sent_form
from orchestration.portal.limits import Use
from orchestration.portal.section import Section
from orchestration.portal.state import links_of, portal_of
from orchestration.portal.words import not_recorded, page, refused
from resources.stores.consent.consent_terms import (
    ConsentRules,
    MemberBasis,
    Scope,
    Sector,
    faults_of_terms,
)
from resources.stores.portal.answers import Answer, Ethics, terms_of_answer
from resources.stores.portal.invitations import Invited, read_link, read_withdrawal
from resources.stores.portal.settings import PortalSettings

YES, NO = "yes", "no"
LONGEST_CONSENT = timedelta(days=366)

_IN_ORDER = (
    "notice",
    "adult_workplace",
    "sector",
    "informed_on",
    "manages_members",
    "member_basis",
    "scopes",
    "rhythm",
    "valid_until",
    "attested",
)
"""The questions as they stand on the page, after the notice."""

_FIELD_OF = {
    "MEMBERS_NOT_INFORMED": "informed_on",
    "COOLING_OFF_TOO_SHORT": "informed_on",
    "CONSENT_DATES_REVERSED": "valid_until",
    "SCOPE_MISSING": "scopes",
    "RHYTHM_TOO_SLOW": "rhythm",
    "MEMBER_BASIS_OTHER": "member_basis",
}
"""Which question a code of the register is about; no other can come of what a page offers."""


@dataclass(frozen=True)
class Read:
    """What a form holds.

    Attributes:
        shown: by question, what is shown again as it was chosen.
        faults: questions that lack an answer, or have one that can't be.
        answer: all of it; None unless it is whole.
    """

    shown: Mapping[str, Any]
    faults: frozenset[str]
    answer: Answer | None


async def invitation(request: Request) -> Response:
    """The notice and the questions; a way on, where the invitation can't be answered any more."""
    portal = portal_of(request)
    invited = _invited(request)
    if invited is None:
        return refused(portal.settings)
    ended = await page_of_ended(portal, invited)
    return ended or _questions(request, invited, Read({}, frozenset(), None))


async def answered(request: Request) -> Response:
    """What was chosen is put down, and a receipt given; or what is missing is asked for again."""
    portal = portal_of(request)
    invited = _invited(request)
    sent = await sent_form(request) if invited else None
    if invited is None or sent is None:
        return refused(portal.settings)
    if not links_of(request).count(Use.ANSWER, invited.says.invitation):
        return page("often.html", 429, settings=portal.settings, who="link")
    ended = await page_of_ended(portal, invited)
    read = read_answer(sent, invited, portal.settings, portal.clock.today())
    if ended is not None or read.answer is None:
        return ended or _questions(request, invited, read)
    try:
        first_time = await run_in_threadpool(portal.drop_box.answer, invited, read.answer)
    except StorageError as error:
        return not_recorded(portal.settings, error, "admin")
    if not first_time:
        return page_of_answered(portal, invited)
    reads_from = terms_of_answer(
        invited.says,
        read.answer,
        b"",
        Ethics(),
        timedelta(days=portal.settings.cooling_off_days),
    ).valid_from
    return page(
        "receipt.html",
        settings=portal.settings,
        invited=invited,
        platform="".join(names_of([invited.says.platform])),
        answer=read.answer,
        code=invited.says.invitation[:12],
        reads_from=reads_from,
        withdrawal=withdrawal_of(portal, invited),
    )


async def withdrawal(request: Request) -> Response:
    """One button."""
    if _withdrawing(request) is None:
        return refused(portal_of(request).settings)
    return page("withdraw.html", settings=portal_of(request).settings)


async def withdrawn(request: Request) -> Response:
    """The consent is inactive from now on."""
    portal = portal_of(request)
    group_ref = _withdrawing(request)
    if group_ref is None or await sent_form(request) is None:
        return refused(portal_of(request).settings)
    if not links_of(request).may_be_used(Use.WITHDRAWAL, group_ref):
        return page("often.html", 429, settings=portal.settings, who="link")
    try:
        await run_in_threadpool(portal.drop_box.withdraw, group_ref)
    except StorageError as error:
        return not_recorded(portal.settings, error, "admin")
    # Only what was recorded: whoever tries again because it was not is never kept waiting for it.
    links_of(request).count(Use.WITHDRAWAL, group_ref)
    return page("withdrawn.html", settings=portal.settings)


def read_answer(sent: Sent, invited: Invited, settings: PortalSettings, today: date) -> Read:
    """What was chosen, with all that is missing.

    Args:
        sent: the form's fields.
        invited: what is answered.
        settings: the portal's.
        today: the day (London).
    """
    bases = [one.value for one in settings.member_bases]
    shown: dict[str, Any] = {
        "adult_workplace": chosen(sent, "adult_workplace", {YES}),
        "informed_on": day(sent, "informed_on"),
        "manages_members": chosen(sent, "manages_members", {YES, NO}),
        "member_basis": chosen(sent, "member_basis", bases),
        "sector": chosen(sent, "sector", set(Sector)),
        "scopes": all_chosen(sent, "scopes", _scopes(settings)),
        "rhythm": chosen(sent, "rhythm", set(Rhythm)),
        "valid_until": day(sent, "valid_until"),
        "attested": chosen(sent, "attested", {YES}),
    }
    # The notice may be another since the page was opened.
    seen = chosen(sent, "notice", {_digest(settings.notice)})
    faults = {name for name, value in shown.items() if not value}
    faults |= set() if seen else {"notice"}
    if not faults:
        answer = Answer(
            adult_workplace=True,
            informed_on=shown["informed_on"],
            manages_members=shown["manages_members"] == YES,
            member_basis=MemberBasis(shown["member_basis"]),
            sector=Sector(shown["sector"]),
            scopes=frozenset(map(Scope, shown["scopes"])),
            rhythm=Rhythm(shown["rhythm"]),
            valid_until=shown["valid_until"],
            notice_version=settings.notice_version,
            notice_digest=_digest(settings.notice),
            answered_on=today,
        )
        faults = _faults_of(answer, invited, settings, today)
        if not faults:
            return Read(shown, frozenset(), answer)
    return Read(shown, frozenset(faults), None)


def _faults_of(answer: Answer, invited: Invited, settings: PortalSettings, today: date) -> set[str]:
    """Questions whose answers the restricted side would refuse, as far as that is known here."""
    if not today - LONGEST_CONSENT <= answer.informed_on <= today:
        return {"informed_on"}
    if not today <= answer.valid_until <= today + LONGEST_CONSENT:
        return {"valid_until"}
    cooling_off = timedelta(days=settings.cooling_off_days)
    rules = ConsentRules(
        cooling_off=cooling_off,
        close_after_days=settings.close_after_days,
        member_bases=settings.member_bases,
    )
    # Whether the ethics decision is there is not the admin's to answer.
    terms = terms_of_answer(
        invited.says, answer, settings.notice.encode(), Ethics("asked later", True), cooling_off
    )
    codes = faults_of_terms(terms, rules, frozenset({invited.says.region}), today)
    return {_FIELD_OF.get(code, "attested") for code in codes}


def _questions(request: Request, invited: Invited, read: Read) -> Response:
    portal = portal_of(request)
    settings, today = portal.settings, portal.clock.today()
    return page(
        "consent.html",
        400 if read.faults else 200,
        settings=settings,
        invited=invited,
        platform="".join(names_of([invited.says.platform])),
        link=request.path_params["link"],
        shown=read.shown,
        faults=read.faults,
        first=next((one for one in _IN_ORDER if one in read.faults), None),
        notice_digest=_digest(settings.notice),
        today=today,
        last=today + LONGEST_CONSENT,
        bases=[one.value for one in settings.member_bases],
        sectors=[one.value for one in Sector],
        scopes=_scopes(settings),
        rhythms=[one.value for one in Rhythm if one.least_close_after <= settings.close_after_days],
    )


def _scopes(settings: PortalSettings) -> list[str]:
    """What the page offers: the pulse only where there is one."""
    return [one.value for one in Scope if one is not Scope.PULSE or settings.pulse is not None]


def _invited(request: Request) -> Invited | None:
    portal = portal_of(request)
    invited = read_link(portal.settings.keys, request.path_params["link"])
    if invited is None or invited.says.region not in portal.settings.regions:
        return None
    return invited


def _withdrawing(request: Request) -> str | None:
    keys = portal_of(request).settings.keys.withdrawals
    return read_withdrawal(keys, request.path_params["link"])


@cache
def _digest(notice: str) -> str:
    return hashlib.sha256(notice.encode()).hexdigest()


SECTION = Section(
    routes=(
        Route("/i/{link}", invitation, methods=["GET"]),
        Route("/i/{link}", answered, methods=["POST"]),
        Route("/w/{link}", withdrawal, methods=["GET"]),
        Route("/w/{link}", withdrawn, methods=["POST"]),
    )
)
