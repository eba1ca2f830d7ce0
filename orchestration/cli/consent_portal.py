"""`tideline consent portal-settings`, `invite`, `delivery-link` and `take-over`."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from assets.core.errors import CATALOGUE, ConsentError, SetupError, refuse_as
from assets.core.platforms import PLATFORMS
from orchestration.cli import revoke_links, terms_options
from orchestration.cli.consent_terms import NEW_EMPLOYER, content_of
from orchestration.cli.console import pasteable, say, screen, table
from orchestration.cli.session import Session, open_session
from resources.stores.consent.consent_register import new_employer_ref
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.of_home import PortalOfHome

if TYPE_CHECKING:
    from resources.base.keys.signed_links import SigningKeys
    from resources.stores.portal.settings import PortalSettings
    from resources.stores.portal.take_over import Outcome

DAYS_OF_INVITATION = 14
SHOWN_AGAIN = timedelta(days=30)


def add_to(consent: typer.Typer) -> None:
    """Add the commands to the family."""
    consent.command("portal-settings")(portal_settings)
    consent.command("invite")(invite)
    consent.command("delivery-link")(delivery_link)
    consent.command("take-over")(take_over)
    consent.command("revoke-links")(revoke_links.revoke_links)


def portal_settings(
    address: Annotated[
        str, typer.Option(help="Where the portal is reached, such as https://portal.example.org.")
    ],
    notice: Annotated[Path, typer.Option(help="The text that admins and members are given.")],
    notice_version: terms_options.NOTICE_VERSION,
    ethics_reference: terms_options.ETHICS = "",
    departure_approved: terms_options.DEPARTURE = False,
    keys_of: Annotated[
        Path | None,
        typer.Option(
            "--keys-of",
            help="Where HOME/portal was lost: a copy of earlier settings, such as the portal's own."
            " Withdrawal links that it knows stay good; invitations and delivery links do not.",
        ),
    ] = None,
    no_earlier_keys: Annotated[
        bool,
        typer.Option(
            "--no-earlier-keys",
            help="Where HOME/portal was lost, and there is no copy: withdrawal links that were"
            " handed out may end. Give every group a new one.",
        ),
    ] = False,
    pulse: Annotated[
        bool, typer.Option("--pulse", help="Ask members the study register's six items.")
    ] = False,
) -> None:
    """Write what the portal is given, and say where it lies.

    The file holds public keys, regions, the notice and the study's rules: nothing secret and
    nothing of a group. Copy it to the portal's machine and start `tideline portal --settings` with
    it. Write it anew when the notice, the rules, the contact, the pulse or the inbox's key change.
    The ethics reference stays here; answers are taken over with it. Two keys beside the home sign
    links: one invites and lets deliver, one lets withdraw. The file names every key that ever let
    withdraw. With --pulse the entry `pulse` of the study register has to stand.
    """
    from pydantic import ValidationError  # noqa: PLC0415  (as the rest: help needs none of it)

    from resources.base.keys.link_keys import signing_keys  # noqa: PLC0415
    from resources.base.keys.signed_links import written_public  # noqa: PLC0415
    from resources.stores.portal.answers import Ethics  # noqa: PLC0415
    from resources.stores.portal.settings import PortalSettings, read_settings  # noqa: PLC0415
    from resources.stores.study.gate import asked_in_pulse  # noqa: PLC0415

    session = open_session()
    config, portal = session.home.config, PortalOfHome(session.home.portal)
    text = content_of(notice)
    if not text.strip():
        raise ConsentError("NOTICE_FILE_MISSING")
    if not session.register.rules.is_agreed(notice_version, text):
        raise ConsentError("NOTICE_NOT_AGREED")
    known = [portal.settings()] if portal.is_there() else []
    copied = [read_settings(keys_of)] if keys_of is not None else []
    if not (known or copied or no_earlier_keys) and session.ways_out.taking_over.any_answer():
        raise SetupError("PORTAL_SETTINGS_LOST")
    revoked = portal.revoked()
    newest = signing_keys(session.home.secrets, revoked)
    invite_by = [written_public(newest.invitations)]
    invite_by += [key for one in known for key in one.invitation_keys if key not in revoked]
    withdraw_by = [written_public(newest.withdrawals)]
    withdraw_by += [key for one in (*known, *copied) for key in one.withdrawal_keys]
    with refuse_as(SetupError("PORTAL_SETTINGS_INVALID"), ValidationError, UnicodeDecodeError):
        settings = PortalSettings(
            mode=config.mode,
            address=address.rstrip("/"),
            regions=dict(config.regions),
            inbox_recipient=config.inbox_recipient,
            inbox_days=config.inbox_lifetime_days,
            invitation_keys=tuple(dict.fromkeys(invite_by)),
            withdrawal_keys=tuple(dict.fromkeys(withdraw_by)),
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
    can answer it, and can withdraw the group for good. It also prints the link and code by which
    the group's members reach their page: the admin gives them with the notice, to members alone.
    """
    from resources.stores.portal.invitations import link_of, new_invitation  # noqa: PLC0415
    from resources.stores.requests.matching import group_code  # noqa: PLC0415
    from resources.stores.requests.receipts import plain_code  # noqa: PLC0415

    session = open_session()
    settings, keys = _settings_and_keys(session)
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
    say(f"{settings.address}/i/{link_of(keys, made)}")
    screen().print(
        f"Reserved {made.group_ref}. It may be answered once, until"
        f" {made.expires:%Y-%m-%d %H:%M} UTC; its withdrawal link never runs out.",
        markup=False,
    )
    code = group_code(session.members.marker(made.group_ref))
    screen().print(f"For its members, with the notice: code {code}, page", markup=False)
    say(f"{settings.address}/m/{plain_code(code)}")


def delivery_link(
    group: Annotated[str, typer.Argument(help="Group reference.")],
) -> None:
    """Print the link by which a group's admin delivers on the portal, as long as its consent runs.

    It carries the group reference and the days of the consent, signed; nothing personal. Whoever
    has it can deliver for the group, and see nothing of it. After a renewal print a new one.
    """
    from resources.stores.portal.delivery_links import (  # noqa: PLC0415
        DeliveryLink,
        link_to_deliver,
    )

    session = open_session()
    settings, keys = _settings_and_keys(session)
    consent = session.register.consent(group)
    code = consent.refusal(consent.valid_from, session.clock.today(), session.home.config.mode)
    if code:
        raise ConsentError(code)
    says = DeliveryLink(group, consent.valid_from, consent.valid_until)
    say(f"{settings.address}/d/{link_to_deliver(keys.invitations, says)}")


def take_over() -> None:
    """Take what admins answered on the portal into the register, by all the rules of `grant`.

    The hourly job `lifetimes` does so, too. What can't be taken over is listed with its code: what
    you can put right waits and is tried again; the rest is settled. What was settled within the
    last 30 days, by the hourly job or here, is listed as well. Withdrawals wait for none of this:
    they hold from the moment at which they were made.
    """
    session = open_session()
    now = session.clock.now()
    session.ways_out.reconciliation.require(now)
    taking_over = session.ways_out.taking_over
    earlier = taking_over.settled_since(now - SHOWN_AGAIN)
    outcomes = taking_over.run(now)
    if not outcomes:
        screen().print("Nothing waits.")
    for title, found in (("Now", outcomes), ("Settled within the last 30 days", earlier)):
        if found:
            screen().print(_outcomes(title, found))


def _outcomes(title: str, outcomes: "Sequence[Outcome]") -> Table:
    rows = table("group", "answer", "manages members", "what to do", title=title)
    for one in outcomes:
        step = "" if one.is_taken else CATALOGUE[one.code].next_step
        rows.add_row(one.group_ref, one.code, "yes" if one.manages_members else "no", step)
    return rows


def _settings_and_keys(session: Session) -> "tuple[PortalSettings, SigningKeys]":
    """What the portal was given, and the keys that sign links which it takes.

    Raises:
        SetupError: `PORTAL_SETTINGS_OUTDATED` where it would refuse every link, and what
            `PortalOfHome.settings` and `signing_keys` raise.
        StorageError: what `signing_keys` raises.
    """
    from resources.base.keys.link_keys import signing_keys  # noqa: PLC0415
    from resources.base.keys.signed_links import written_public  # noqa: PLC0415

    portal = PortalOfHome(session.home.portal)
    settings, revoked = portal.settings(), portal.revoked()
    keys = signing_keys(session.home.secrets, revoked)
    invites, lets_withdraw = written_public(keys.invitations), written_public(keys.withdrawals)
    # The settings of a backup may still name a key that was revoked since.
    if portal.names_revoked() or not (
        invites in settings.invitation_keys and lets_withdraw in settings.withdrawal_keys
    ):
        raise SetupError("PORTAL_SETTINGS_OUTDATED")
    return settings, keys


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
