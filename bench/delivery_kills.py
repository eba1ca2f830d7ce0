"""Many deliveries at once to a portal that is killed with -9 again and again.

    TIDELINE_PORTAL_PG_URL=… PYTHONPATH=.:tests python bench/delivery_kills.py [200 [12 [SEED]]]

Deliveries, kills and the seed. The login is one of the role tideline_portal, as the portal's own;
it adds no row. Nothing may be lost, nothing may be in the inbox twice.
"""

import os
import socket
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from killed_portal import KilledPortal, delivered_while_killed, must_be_there_once

from assets.core.modes import Mode
from resources.base.clock import Clock
from resources.base.keys.signed_links import written_public
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.delivery_links import DeliveryLink, link_to_deliver
from resources.stores.portal.settings import PortalSettings, written_settings


def main() -> None:
    deliveries, kills, seed = (int(one) for one in [*sys.argv[1:], "200", "12", "1"][:3])
    key, today = Ed25519PrivateKey.generate(), Clock().today()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = PortalSettings(
        mode=Mode.SYNTHETIC,
        address=f"http://127.0.0.1:{port}",
        regions={"greater_london": "Greater London"},
        inbox_recipient=str(pyrage.x25519.Identity.generate().to_public()),
        invitation_keys=(written_public(key),),
        withdrawal_keys=(written_public(key),),
        member_bases=(MemberBasis.OPT_IN,),
        cooling_off_days=0,
        close_after_days=7,
        notice_version="1",
        notice="Made up.",
        contact="the made-up team",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.yaml"
        path.write_bytes(written_settings(settings))
        portal = KilledPortal(path, os.environ["TIDELINE_PORTAL_PG_URL"], port, Path(folder))
        began = time.monotonic()
        contents, answers = delivered_while_killed(
            portal,
            lambda group: link_to_deliver(
                key, DeliveryLink(f"g-{group:08x}", today, today + timedelta(days=1))
            ),
            deliveries=deliveries,
            kills=kills,
            seed=seed,
        )
        must_be_there_once(portal, contents)
    took = round(time.monotonic() - began)
    print(f"{deliveries} delivered once each, {kills} kills, {answers} answers, {took} s")


if __name__ == "__main__":
    main()
