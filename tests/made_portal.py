"""A portal of a home: served on a port, by a login of its own, as `tideline portal` serves it."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
import uvicorn
from portal_logins import login_of_portal
from sqlalchemy.engine import URL
from starlette.types import ASGIApp

from assets.core.pulse_instrument import PulseInstrument
from orchestration.cli.session import Session
from orchestration.portal.app import make_app
from orchestration.portal.limits import Limits
from orchestration.portal.serving import configuration
from orchestration.portal.state import Portal
from resources.base.clock import Clock
from resources.base.keys.link_keys import signing_keys
from resources.base.keys.signed_links import written_public
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.answers import Ethics
from resources.stores.portal.drop_box import DropBox
from resources.stores.portal.invitations import Invitation, link_of, new_invitation
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.portal.partial_deliveries import PartialDeliveries
from resources.stores.portal.settings import PortalSettings

NOTICE = "Your group is read by a program.\n\n<b>Nobody</b> reads what you write. You may object."
WITHDRAWAL = re.compile(r'href="(http://[^"]+/w/[^"]+)"')
SECONDS = 600
"""Until a wait is given up: a ceiling and no pace, for a busy machine only takes longer."""


@dataclass
class MadePortal:
    """A served portal and its home."""

    session: Session
    settings: PortalSettings
    login: URL
    home: PortalOfHome

    def invitation(self, **changes: Any) -> tuple[Invitation, str]:
        """An invitation and its link."""
        given = {
            "region": "greater_london",
            "platform": "whatsapp",
            "employer_ref": "e-0a1b2c3d",
            "expires": datetime.now(UTC) + timedelta(days=14),
        } | changes
        made = new_invitation(**given)
        keys = signing_keys(self.session.home.secrets)
        return made, f"{self.settings.address}/i/{link_of(keys, made)}"

    def form(self, page: str, **changes: Any) -> dict[str, Any]:
        """What a whole form sends of the page that was opened."""
        notice = re.search(r'name="notice" value="([0-9a-f]{64})"', page)
        assert notice is not None
        today = Clock().today()
        return {
            "notice": notice[1],
            "adult_workplace": "yes",
            "sector": "care_home",
            "informed_on": (today - timedelta(days=3)).isoformat(),
            "manages_members": "no",
            "member_basis": "opt_in",
            "scopes": ["trend_lines"],
            "rhythm": "daily",
            "valid_until": (today + timedelta(days=200)).isoformat(),
            "attested": "yes",
        } | changes

    def answer(self, link: str, **changes: Any) -> requests.Response:
        """Open an invitation and send the form."""
        opened = requests.get(link, timeout=SECONDS)
        assert opened.status_code == 200
        return requests.post(link, self.form(opened.text, **changes), timeout=SECONDS)

    def rows(self, table: sa.Table) -> list[Any]:
        """All of a table, by the restricted side."""
        with self.session.database.transaction() as connection:
            return list(connection.execute(sa.select(table)))

    def take_over(self) -> list[tuple[str, str]]:
        """As the command does. Returns references and codes."""
        now = datetime.now(UTC)
        self.session.ways_out.reconciliation.require(now)
        outcomes = self.session.ways_out.taking_over.run(now)
        return [(one.group_ref, one.code) for one in outcomes]


@contextmanager
def made_portal(
    session: Session,
    limits: Limits | None = None,
    notice: str = NOTICE,
    given: PortalSettings | None = None,
    pieces: PartialDeliveries | None = None,
    behind: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    pulse: PulseInstrument | None = None,
) -> Iterator[MadePortal]:
    """Serve a portal of a home until the end of the block.

    Args:
        session: of the home.
        limits: what a request may take; by default as much as a test asks for.
        notice: of settings that are made for it.
        given: settings that are there already, served from another address.
        pieces: where deliveries come in; None where none are taken.
        behind: puts a proxy in front of it.
        pulse: what members are asked every fortnight; None where nothing is.
    """
    with login_of_portal(session.url) as login:
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        home = PortalOfHome(session.home.portal)
        if given is None:
            settings = _settings_of(session, address, notice, pulse)
            home.save(settings, Ethics())
        else:
            settings = given.model_copy(update={"address": address})
        drop_box = DropBox(login, settings.mode)
        drop_box.require_reads_nothing()
        state = Portal(settings, drop_box, Clock(), pieces)
        app = make_app(state, limits=limits or Limits(per_minute=100_000))
        server = uvicorn.Server(configuration(behind(app)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield MadePortal(session, settings, login, home)
        finally:
            server.should_exit = True
            thread.join()
            listening.close()
            drop_box.dispose()


def _settings_of(
    session: Session, address: str, notice: str, pulse: PulseInstrument | None
) -> PortalSettings:
    keys = signing_keys(session.home.secrets)
    return PortalSettings(
        mode=session.home.config.mode,
        address=address,
        regions=dict(session.home.config.regions),
        inbox_recipient=session.home.config.inbox_recipient,
        invitation_keys=(written_public(keys.invitations),),
        withdrawal_keys=(written_public(keys.withdrawals),),
        member_bases=tuple(MemberBasis),
        cooling_off_days=session.home.config.cooling_off_days,
        close_after_days=session.home.config.close_after_days,
        notice_version="3",
        notice=notice,
        contact=session.home.config.contact,
        pulse=pulse,
    )


def withdrawal_in(page: str) -> str:
    """The withdrawal link of a receipt."""
    found = WITHDRAWAL.search(page)
    assert found is not None
    return found[1]


def day(offset: int) -> date:
    """A day so many days from today."""
    return Clock().today() + timedelta(days=offset)


def settings_file(portal: MadePortal, folder: Path) -> Path:
    """A copy of the settings, as the portal's machine has it."""
    path = folder / "settings.yaml"
    path.write_bytes(portal.home.file.read_bytes())
    return path
