"""A portal that is killed while many deliver: nothing lost, nothing twice."""

import socket
from pathlib import Path

import pytest
import yaml
from killed_portal import KilledPortal, delivered_while_killed, must_be_there_once
from made_portal import MadePortal, day, settings_file

from resources.base.keys.link_keys import signing_keys
from resources.stores.portal.delivery_links import DeliveryLink, link_to_deliver

pytestmark = pytest.mark.slow


def test_a_portal_that_is_killed_loses_nothing_and_puts_nothing_down_twice(
    portal: MadePortal, tmp_path: Path
) -> None:
    settings = settings_file(portal, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    written = yaml.safe_load(settings.read_bytes()) | {"address": f"http://127.0.0.1:{port}"}
    settings.write_text(yaml.safe_dump(written))
    login = portal.login.render_as_string(hide_password=False)
    killed = KilledPortal(settings, login, port, tmp_path)
    key = signing_keys(portal.session.home.secrets).invitations
    contents, answers = delivered_while_killed(
        killed,
        lambda group: link_to_deliver(key, DeliveryLink(f"g-{group:08x}", day(-1), day(9))),
        deliveries=40,
        kills=3,
    )
    must_be_there_once(killed, contents)
    assert answers > 200
