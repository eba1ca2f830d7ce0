"""One link can't be used without end, whoever has it, and keeps nobody else from theirs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from made_portal import SECONDS, day, made_portal, withdrawal_in

from orchestration.cli.session import Session
from orchestration.portal.limits import Limits, Links, Use
from resources.base.database.tables import consent_events, portal_consents
from resources.base.keys.link_keys import signing_keys
from resources.maintenance.database_setup import as_owner
from resources.stores.inbox.location import InboxLocation
from resources.stores.portal.delivery_links import DeliveryLink, link_to_deliver
from resources.stores.portal.partial_deliveries import PartialDeliveries

FEW = Limits(per_minute=1000, answers_per_hour=2, withdrawals_per_hour=2, pieces_per_minute=3)


@pytest.mark.slow
def test_a_link_is_used_so_often_and_others_are_not_kept_by_it(
    session: Session, clock: Any, tmp_path: Path
) -> None:
    clock.moment = datetime.now(UTC)
    pieces = PartialDeliveries(tmp_path / "pieces", InboxLocation("memory://a"), timedelta(days=1))
    with made_portal(session, FEW, pieces=pieces) as portal:
        (_, one), (_, other) = portal.invitation(), portal.invitation()
        assert [portal.answer(one, attested="").status_code for _ in range(3)] == [400, 400, 429]
        assert requests.get(one, timeout=SECONDS).status_code == 200
        receipt = portal.answer(other)
        assert receipt.status_code == 200
        leaves = withdrawal_in(receipt.text)

        def withdraw() -> requests.Response:
            return requests.post(leaves, {"withdraw": "now"}, timeout=SECONDS)

        # What was not recorded is not counted: whoever tries again gets out.
        right = "INSERT ON restricted.consent_events"
        with as_owner(session.url) as connection:
            connection.execute(sa.text(f"REVOKE {right} FROM tideline_portal"))
        assert [withdraw().status_code for _ in range(3)] == [503] * 3
        with as_owner(session.url) as connection:
            connection.execute(sa.text(f"GRANT {right} TO tideline_portal"))
        assert [withdraw().status_code for _ in range(2)] == [200] * 2
        often = withdraw()
        assert often.status_code == 429
        assert "your group is withdrawn" in often.text
        assert len(portal.rows(consent_events)) == 2
        assert len(portal.rows(portal_consents)) == 1

        key = signing_keys(session.home.secrets).invitations
        ways = [
            link_to_deliver(key, DeliveryLink(f"g-0000000{group}", day(-1), day(9)))
            for group in range(2)
        ]
        begun = [
            requests.post(f"{portal.settings.address}/d/{way}/pieces", timeout=SECONDS).status_code
            for way in (ways[0], ways[0], ways[0], ways[0], ways[1])
        ]
        assert begun == [201, 201, 201, 429, 201]


def test_uses_are_forgotten_within_an_hour_and_counted_apart() -> None:
    now = 0.0
    links = Links(FEW, seconds=lambda: now)
    assert [links.count(Use.ANSWER, "a") for _ in range(3)] == [True, True, False]
    assert links.count(Use.ANSWER, "b")
    assert links.may_be_used(Use.WITHDRAWAL, "a")
    assert [links.count(Use.WITHDRAWAL, "a") for _ in range(2)] == [True, True]
    assert not links.may_be_used(Use.WITHDRAWAL, "a")
    now = 3601.0
    assert links.may_be_used(Use.WITHDRAWAL, "a")
    assert links.count(Use.ANSWER, "a")
