"""`tideline consent portal-settings`, `invite`, `delivery-link` and `take-over`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import CATALOGUE, ConsentError, SetupError, refuse_as
from assets.core.platforms import PLATFORMS
from orchestration.cli import terms_options
from orchestration.cli.consent_terms import NEW_EMPLOYER, content_of
from orchestration.cli.console import pasteable, say, screen, table
from orchestration.cli.session import open_session
from resources.stores.consent.consent_register import new_employer_ref
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.of_home import PortalOfHome

DAYS_OF_INVITATION = 14


def add_to(consent: typer.Typer) -> None:
    """Add the commands to the family."""
    consent.command("portal-settings")(portal_settings)
    consent.command("invite")(invite)
    consent.command("delivery-link")(delivery_link)
    consent.command("take-over")(take_over)


def portal_settings(
    address: Annotated[
        str, typer.Option(help="Where the portal is reached, such as https://portal.example.org.")
    ],
    notice: Annotated[Path, typer.Option(help="The text that admins and members are given.")],
    notice_version: terms_options.NOTICE_VERSION,
    ethics_reference: terms_options.ETHICS = "",
    departure_approved: terms_options.DEPARTURE = False,
    pulse: Annotated[
        bool, typer.Option("--pulse", help="Ask members the study register's six items.")
    ] = False,
) -> None:
    """Write what the portal is given, and say where it lies.

    The file holds public keys, regions, the notice and the study's rules: nothing secret and
    nothing of a group. Copy it to the portal's machine and start `tideline portal --settings` with
    it. Write it anew when the notice, the rules, the contact, the pulse or the inbox's key change.
    The ethics reference stays here; answers are taken over with it. With --pulse the entry `pulse`
    of the study register has to stand.
    """
    from pydantic import ValidationError  # noqa: PLC0415  (as the rest: help needs none of it)

    from resources.base.keys.signed_links import written_public  # noqa: PLC0415
    from resources.stores.portal.answers import Ethics  # noqa: PLC0415
    from resources.stores.portal.invitations import signing_key  # noqa: PLC0415
    from resources.stores.portal.settings import PortalSettings  # noqa: PLC0415
    from resources.stores.study.gate import asked_in_pulse  # noqa: PLC0415

    session = open_session()
    config, portal = session.home.config, PortalOfHome(session.home.portal)
    text = content_of(notice)
    if not text.strip():
        raise ConsentError("NOTICE_FILE_MISSING")
    if not session.register.rules.is_agreed(notice_version, text):
        raise ConsentError("NOTICE_NOT_AGREED")
    newest = written_public(signing_key(session.home.secrets))
    before = portal.settings().verifying_keys if portal.is_there() else ()
    with refuse_as(SetupError("PORTAL_SETTINGS_INVALID"), ValidationError, UnicodeDecodeError):
        settings = PortalSettings(
            mode=config.mode,
            address=address.rstrip("/"),
            regions=dict(config.regions),
            inbox_recipient=config.inbox_recipient,
            inbox_days=config.inbox_lifetime_days,
            verifying_keys=tuple(dict.fromkeys((newest, *before))),
            member_bases=session.register.rules.member_bases or tuple(MemberBasis),
            cooling_off_days=config.cooling_off_days,
            close_after_days=config.close_after_days,
            notice_version=notice_version,
            notice=text.decode("utf-8"),
            contact=config.contact,
            pulse=asked_in_pulse(session.home, session.clock.today()) if pulse else None,
        )
    portal.save(settings, Ethics(ethics_reference, departure_approved))
    say(f"Written: {pasteable(portal.file)}")
    screen().print("Give a copy to the portal: tideline portal --settings FILE", markup=False)


def invite(
    region: Annotated[
        str | None, typer.Option(help="Region key; not with --renew, which keeps the group's.")
    ] = None,
    employer: terms_options.EMPLOYER = "",
    platform: terms_options.PLATFORM = "whatsapp",
    renew: Annotated[
        str | None, typer.Option(help="Group reference, to invite for the renewal of its consent.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=90, help="How many days the invitation may be answered.")
    ] = DAYS_OF_INVITATION,
) -> None:
    """Print a link by which the admin of one group consents on the portal, once.

    It reserves a random group reference and carries that, region, platform, a random employer
    reference and its expiry, signed; nothing personal. Send it to the admin alone: whoever has it
    can answer it, and can withdraw the group for good.
    """
    from resources.base.keys.signed_links import written_public  # noqa: PLC0415
    from resources.stores.portal.invitations import (  # noqa: PLC0415
        link_of,
        new_invitation,
        signing_key,
    )

    session = open_session()
    settings = PortalOfHome(session.home.portal).settings()
    key = signing_key(session.home.secrets)
    if written_public(key) not in settings.verifying_keys:
        raise SetupError("PORTAL_SETTINGS_OUTDATED")
    if renew is not None:
        known = session.register.consent(renew)
        region, platform, employer_ref = known.region, known.platform, known.employer_ref
    else:
        others = {one.employer_ref for one in session.register.consents().values()}
        employer_ref = _employer_ref(employer, others)
    if region not in settings.regions:
        raise ConsentError("REGION_UNKNOWN")
    if platform not in PLATFORMS:
        raise ConsentError("PLATFORM_UNKNOWN")
    if not session.register.rules.permits(platform):
        raise ConsentError("PLATFORM_NOT_PERMITTED")
    expires = session.clock.now() + timedelta(days=days)
    made = new_invitation(region, platform, employer_ref, expires, renew)
    say(f"{settings.address}/i/{link_of(key, made)}")
    screen().print(
        f"Reserved {made.group_ref}. It may be answered once, until"
        f" {made.expires:%Y-%m-%d %H:%M} UTC; its withdrawal link never runs out.",
        markup=False,
    )


def delivery_link(
    group: Annotated[str, typer.Argument(help="Group reference.")],
) -> None:
    """Print the link by which a group's admin delivers on the portal, as long as its consent runs.

    It carries the group reference and the days of the consent, signed; nothing personal. Whoever
    has it can deliver for the group, and see nothing of it. After a renewal print a new one.
    """
    from resources.base.keys.signed_links import written_public  # noqa: PLC0415
    from resources.stores.portal.delivery_links import (  # noqa: PLC0415
        DeliveryLink,
        link_to_deliver,
    )
    from resources.stores.portal.invitations import signing_key  # noqa: PLC0415

    session = open_session()
    settings = PortalOfHome(session.home.portal).settings()
    key = signing_key(session.home.secrets)
    if written_public(key) not in settings.verifying_keys:
        raise SetupError("PORTAL_SETTINGS_OUTDATED")
    consent = session.register.consent(group)
    code = consent.refusal(consent.valid_from, session.clock.today(), session.home.config.mode)
    if code:
        raise ConsentError(code)
    says = DeliveryLink(group, consent.valid_from, consent.valid_until)
    say(f"{settings.address}/d/{link_to_deliver(key, says)}")


def take_over() -> None:
    """Take what admins answered on the portal into the register, by all the rules of `grant`.

    The hourly job `lifetimes` does so, too. What can't be taken over is listed with its code: what
    you can put right waits and is tried again; the rest is settled. Withdrawals wait for none of
    this: they hold from the moment at which they were made.
    """
    session = open_session()
    now = session.clock.now()
    session.ways_out.reconciliation.require(now)
    outcomes = session.ways_out.taking_over.run(now)
    if not outcomes:
        screen().print("Nothing waits.")
        return
    rows = table("group", "answer", "manages members", "what to do")
    for one in outcomes:
        step = "" if one.is_taken else CATALOGUE[one.code].next_step
        rows.add_row(one.group_ref, one.code, "yes" if one.manages_members else "no", step)
    screen().print(rows)


def _employer_ref(employer: str, known: set[str]) -> str:
    """The reference of an employer of a recorded group, or of a new one.

    Raises:
        ConsentError: `EMPLOYER_MISSING`, `EMPLOYER_UNKNOWN`.
    """
    if not employer:
        raise ConsentError("EMPLOYER_MISSING")
    if employer in known:
        return employer
    if not NEW_EMPLOYER.match(employer):
        raise ConsentError("EMPLOYER_UNKNOWN")
    return new_employer_ref()
