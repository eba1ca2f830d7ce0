"""An invitation that can't be answered any more leads on: to withdrawing, and to whom to ask.

Whoever holds the signed link learns that an answer came by it, and nothing of the answer; for a
link that nobody signed there is one refusal, whatever it is.
"""

import asyncio

from starlette.responses import Response

from assets.core.errors import StorageError
from assets.core.london_time import LONDON
from orchestration.portal.state import Portal
from orchestration.portal.words import page
from resources.stores.portal.invitations import Invited

GONE = 410
"""The status of a page that says so."""

LONGEST_LOOK = 3.0
"""Seconds that a page waits for the records: the notice is read without them as well."""


async def page_of_ended(portal: Portal, invited: Invited) -> Response | None:
    """What is shown in place of the questions; None where they may be answered.

    Args:
        portal: which was asked.
        invited: an invitation that is signed, run out or not.
    """
    try:
        # Threads of their own: looks that hang keep nobody from sending, least of all from leaving.
        look = asyncio.to_thread(portal.drop_box.was_answered, invited)
        was_answered = await asyncio.wait_for(look, LONGEST_LOOK)
    except (StorageError, TimeoutError):
        # Whoever has not answered yet may read the notice meanwhile; sending tells the rest.
        was_answered = False
    if was_answered:
        return page_of_answered(portal, invited)
    if portal.clock.now() < invited.says.expires:
        return None
    until = invited.says.expires.astimezone(LONDON)
    return page(
        "expired.html",
        GONE,
        settings=portal.settings,
        until=f"{until.day} {until:%B %Y, %H:%M}",
        withdrawal=withdrawal_of(portal, invited),
    )


def page_of_answered(portal: Portal, invited: Invited) -> Response:
    """What says that an answer came by an invitation before."""
    return page(
        "answered.html",
        GONE,
        settings=portal.settings,
        withdrawal=withdrawal_of(portal, invited),
    )


def withdrawal_of(portal: Portal, invited: Invited) -> str:
    """The withdrawal link that an invitation carries."""
    return f"{portal.settings.address}/w/{invited.withdrawal}"
