"""`tideline consent revoke-links`: for when the key that signs invitations was stolen."""

from typing import Annotated

import typer

from assets.core.errors import SetupError
from orchestration.cli.confirm import confirm
from orchestration.cli.console import pasteable, say
from orchestration.cli.session import open_session
from resources.stores.portal.of_home import PortalOfHome


def revoke_links(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Refuse every invitation and delivery link that was signed so far, for good.

    For when somebody else may have had the key that signs them (`invitation.key` beside the home),
    or who could copy it has left. Every withdrawal link goes on working, whichever key signed it.

    Do it in this order: run this, which also makes another key and writes the portal's settings
    anew; give them to the portal and start it again, for until then it takes the old links; invite
    again whom you had invited (`tideline consent invite`); print new delivery links
    (`tideline consent delivery-link`); and look through `tideline consent list` for groups that you
    have not invited.

    Answers that were not taken over yet are refused as well (INVITATION_REVOKED), for nobody can
    tell who signed their invitations. If the key comes from the environment, put another one there
    first, 32 random bytes in base64.
    """
    from resources.base.keys.link_keys import Signs, signing_keys  # noqa: PLC0415
    from resources.base.keys.signed_links import written_public  # noqa: PLC0415
    from resources.stores.portal.settings import PortalSettings  # noqa: PLC0415

    session = open_session()
    portal, secrets = PortalOfHome(session.home.portal), session.home.secrets
    settings, before = portal.settings(), signing_keys(session.home.secrets)
    invites = written_public(before.invitations)
    going = dict.fromkeys(settings.invitation_keys)
    if not Signs.INVITATIONS.is_in_environment():
        going[invites] = None
    elif invites in {*going, *portal.revoked()}:
        raise SetupError("KEY_REVOKED")
    waiting = session.ways_out.taking_over.waiting()
    confirm("Refuse every invitation and delivery link that was signed so far?", yes=yes)
    session.ways_out.revocations.revoke(going, session.clock.now())
    after = signing_keys(secrets, portal.revoked())
    withdraw_by = (written_public(after.withdrawals), *settings.withdrawal_keys)
    changed = {
        "invitation_keys": (written_public(after.invitations),),
        "withdrawal_keys": tuple(dict.fromkeys(withdraw_by)),
    }
    portal.save(
        PortalSettings.model_validate({**settings.model_dump(), **changed}), portal.ethics()
    )
    say("Revoked: the restricted side takes no answer to an earlier invitation any more.")
    if waiting:
        say(f"Answers that wait, and are refused if an earlier key signed them: {waiting}")
    say(f"Now give {pasteable(portal.file)} to the portal, and start it again.")
    say("Until then the portal takes the old links. Then invite again, and print new delivery")
    say("links. Withdrawal links stay as they are.")
