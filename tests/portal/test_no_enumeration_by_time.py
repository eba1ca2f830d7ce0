"""Nobody learns by time who is in the register, who answered, or whether a code waits.

Requests of two kinds go to the app in one order drawn beforehand, so that whatever else the machine
does falls on both alike. Compared is how often the one kind took longer than the other (the area
under the curve, 0.5 where time tells nothing), which few slow ones don't move. Of 200 each it
strays by 0.029 (standard deviation) where both are the same, and the bound is five times that.
"""

import asyncio
import hashlib
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from asked_app import Answered, asked
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_portal import made_portal, withdrawal_in
from starlette.requests import Request
from starlette.types import ASGIApp

from orchestration.cli.session import Session
from orchestration.portal import admin
from orchestration.portal.app import make_app
from orchestration.portal.limits import Limits
from orchestration.portal.state import Portal
from resources.base.clock import Clock
from resources.base.keys.link_keys import signing_keys
from resources.base.keys.signed_links import SigningKeys, sign
from resources.stores.portal.drop_box import DropBox
from resources.stores.portal.invitations import link_of
from resources.stores.requests.member_request import Asks
from resources.stores.requests.portal_side import MembersDoor
from resources.stores.requests.receipts import new_code

pytestmark = pytest.mark.slow

REQUESTS = 200
BOUND = 0.145
SEED = 20261130

Asking = tuple[str, str, bytes]
"""Method, path and body."""


def longer(one: list[float], other: list[float]) -> float:
    """How often the one takes longer than the other, of all pairs; of equal ones half."""
    pairs = sum((a > b) + (a == b) / 2 for a in one for b in other)
    return pairs / (len(one) * len(other))


def told_by_time(
    app: ASGIApp, host: str, there: Asking, not_there: Asking, expected: int = 200
) -> float:
    """How far from 0.5 the time that answers take is, 0 to 0.5."""
    took: dict[bool, list[float]] = {True: [], False: []}
    order = [True, False] * REQUESTS
    random.Random(SEED).shuffle(order)
    contents: set[tuple[int, bytes]] = set()

    async def send(asking: Asking) -> Answered:
        method, path, body = asking
        headers: list[tuple[str, str | bytes]] = [("host", host)]
        if body:
            headers.append(("content-type", "application/x-www-form-urlencoded"))
        return await asked(app, path, headers, method=method, body=body)

    async def measured() -> None:
        for which in [True, False] * 10:
            await send(there if which else not_there)
        for which in order:
            began = time.perf_counter()
            answer = await send(there if which else not_there)
            took[which].append(time.perf_counter() - began)
            contents.add((answer.status, answer.content))

    asyncio.run(measured())
    # By text, too.
    assert len(contents) == 1
    assert {status for status, _ in contents} == {expected}
    return abs(longer(took[True], took[False]) - 0.5)


def test_time_and_text_tell_nothing(
    session: Session, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.moment = datetime.now(UTC)
    with made_portal(session) as portal:
        taken, link = portal.invitation()
        leaves = withdrawal_in(portal.answer(link).text)
        assert portal.take_over() == [(taken.group_ref, "TAKEN")]
        (answered, its_link), (unanswered, _) = portal.invitation(), portal.invitation()
        assert portal.answer(its_link).status_code == 200
        # Who holds it is told that it was; who has only guessed it is not.
        forges = SigningKeys(*(Ed25519PrivateKey.generate() for _ in range(2)))
        forged = ("GET", f"/i/{link_of(forges, answered)}", b"")
        forged_too = ("GET", f"/i/{link_of(forges, unanswered)}", b"")
        drop_box = DropBox(portal.login, portal.settings.mode)
        state = Portal(portal.settings, drop_box, Clock())
        app = make_app(state, limits=Limits(per_minute=1_000_000, requests_per_hour=1_000_000))
        waits = MembersDoor(drop_box.database, portal.settings.inbox_recipient).put(
            Asks.QUESTION, text="what is kept?"
        )
        key = signing_keys(session.home.secrets).withdrawals

        def of(link: str) -> Asking:
            return "GET", f"/{link.split('/', 3)[3]}", b""

        def receipt(code: str) -> Asking:
            return "POST", "/m/receipt", f"code={code}".encode()

        nobody = ("GET", f"/w/{sign(key, 'withdraw', {'group': 'g-00000000'})}", b"")
        pairs = {
            "a group that is in the register": (of(leaves), nobody),
            "a receipt code of a request that waits": (receipt(waits), receipt(new_code())),
        }
        host = portal.settings.host
        told = {what: told_by_time(app, host, *pair) for what, pair in pairs.items()}
        told["an answered invitation that nobody signed"] = told_by_time(
            app, host, forged, forged_too, expected=403
        )
        assert {what: one for what, one in told.items() if one > BOUND} == {}

        # What a look into the register would take shows, or the above would show nothing.
        looked_up(monkeypatch, lambda group_ref: group_ref == taken.group_ref)
        app = make_app(state, limits=Limits(per_minute=1_000_000))
        assert told_by_time(app, host, of(leaves), nobody) > BOUND
        drop_box.dispose()


def looked_up(monkeypatch: pytest.MonkeyPatch, is_known: Callable[[str], bool]) -> None:
    """Let the withdrawal page do more for a group that is known: about half a millisecond."""
    withdrawing = admin._withdrawing

    def and_look(request: Request) -> str | None:
        group_ref = withdrawing(request)
        if group_ref is not None and is_known(group_ref):
            hashlib.pbkdf2_hmac("sha256", b"", b"", 1_000)
        return group_ref

    monkeypatch.setattr(admin, "_withdrawing", and_look)
