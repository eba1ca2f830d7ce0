"""Who asks, where proxies stand between: by their word alone, and nobody locks out another."""

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from asked_app import asked
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import ASGIApp

from assets.core.errors import SetupError
from assets.core.modes import Mode
from orchestration.portal.app import make_app
from orchestration.portal.limits import Limits, house_of
from orchestration.portal.serving import configuration
from orchestration.portal.state import Portal
from resources.base.clock import Clock
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.portal.drop_box import DropBox
from resources.stores.portal.settings import PortalSettings

HOST = "portal.example.org"
KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
SETTINGS = PortalSettings(
    mode=Mode.SYNTHETIC,
    address=f"https://{HOST}",
    regions={"greater_london": "Greater London"},
    inbox_recipient="age1qqqq",
    invitation_keys=(KEY,),
    withdrawal_keys=(KEY,),
    member_bases=(MemberBasis.OPT_IN,),
    cooling_off_days=0,
    close_after_days=7,
    notice_version="1",
    notice="Made up.",
    contact="the made-up team",
)
ANNA, BEN, EVE = "198.51.100.7", "203.0.113.9", "192.0.2.66"
FRONT, INNER = "10.0.0.1", "10.0.0.2"


class Served:
    """The portal as uvicorn serves it, without a socket: two requests a minute for each client."""

    def __init__(self, *proxies: str) -> None:
        portal = Portal(SETTINGS, cast("DropBox", SimpleNamespace()), Clock())
        served = configuration(make_app(portal, limits=Limits(per_minute=2)), proxies=proxies)
        served.load()
        self._app = cast("ASGIApp", served.loaded_app)

    def ask(self, peer: str, *forwarded: str | bytes) -> int:
        """A request from a peer with these headers. Returns the status."""
        headers = [("host", HOST), *(("x-forwarded-for", value) for value in forwarded)]
        return asyncio.run(asked(self._app, "/alive", headers, client=peer)).status


CASES: Mapping[str, tuple[tuple[str, ...], Sequence[tuple[str, ...]], list[int]]] = {
    "a stranger says to be others, and is counted as itself": (
        (FRONT,),
        [(EVE, ANNA), (EVE, BEN), (EVE, "8.8.8.8"), (FRONT, ANNA)],
        [200, 200, 429, 200],
    ),
    "without a proxy named, one on this machine is believed and no other": (
        (),
        [("127.0.0.1", ANNA)] * 3 + [("127.0.0.1", BEN), ("::1", BEN), (FRONT, BEN)],
        [200, 200, 429, 200, 200, 200],
    ),
    "a proxy named, this machine is believed no more": (
        (FRONT,),
        [("127.0.0.1", ANNA), ("127.0.0.1", BEN), ("127.0.0.1", EVE)],
        [200, 200, 429],
    ),
    "each client of a proxy is counted for itself": (
        (FRONT,),
        [(FRONT, ANNA), (FRONT, ANNA), (FRONT, ANNA), (FRONT, BEN), (FRONT, f"{BEN}:4711")],
        [200, 200, 429, 200, 200],
    ),
    "what a client says before its proxy does is not believed": (
        (FRONT,),
        [(FRONT, f"{ANNA}, {EVE}")] * 3 + [(FRONT, ANNA), (FRONT, f"{BEN}, {EVE}")],
        [200, 200, 429, 200, 429],
    ),
    "nor in a header of its own": (
        (FRONT,),
        [(FRONT, ANNA, EVE)] * 3 + [(FRONT, ANNA)],
        [200, 200, 429, 200],
    ),
    "two proxies, of which the inner one is the peer": (
        (FRONT, INNER),
        [(INNER, f"{EVE}, {ANNA}, {FRONT}")] * 3 + [(INNER, f"{BEN}, {FRONT}"), (INNER, EVE)],
        [200, 200, 429, 200, 200],
    ),
    "of two proxies one is not named: its clients are one": (
        (INNER,),
        [(INNER, f"{ANNA}, {FRONT}"), (INNER, f"{BEN}, {FRONT}"), (INNER, f"{EVE}, {FRONT}")],
        [200, 200, 429],
    ),
    "a network of proxies": (
        ("10.0.0.0/24", "2001:db8:1::/48"),
        [("10.0.0.200", ANNA), ("2001:db8:1::5", ANNA), ("10.0.0.3", ANNA), ("10.0.1.3", ANNA)],
        [200, 200, 429, 200],
    ),
    "a proxy of the fourth version at a socket of the sixth": (
        (FRONT, "10.1.0.0/16"),
        [
            (f"::ffff:{FRONT}", ANNA),
            ("::ffff:10.1.2.3", ANNA),
            (FRONT, f"::ffff:{ANNA}"),
            ("::ffff:10.2.0.1", BEN),
        ],
        [200, 200, 429, 200],
    ),
    "no header: it is the proxy that asks": (
        (FRONT,),
        [(FRONT,), (FRONT, ""), (FRONT,), (FRONT, ANNA)],
        [200, 200, 429, 200],
    ),
    "nonsense is refused and counted as nobody": (
        (FRONT,),
        [(FRONT, "unknown"), (FRONT, f"{ANNA}, _hidden")] * 3 + [(FRONT,), (FRONT, ANNA)],
        [400] * 6 + [200, 200],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_who_is_counted(case: str) -> None:
    proxies, asked, statuses = CASES[case]
    served = Served(*proxies)
    assert [served.ask(*one) for one in asked] == statuses


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
@example([b"," * 3000])
@example([f"{ANNA}:{'9' * 5000}".encode()])
@example([b"[::1", b"[" + b"a" * 300 + b"]:x"])
@example([b"fe80::1%eth0, fe80::1%" + b"\xff" * 40])
def test_no_header_is_an_error_or_locks_out_others(values: list[bytes]) -> None:
    served = Served(FRONT)
    said = {served.ask(FRONT, *values) for _ in range(3)}
    assert said <= {200, 400, 429}
    victim = "100.64.3.2"
    assert served.ask(FRONT, *values, f"{victim}") == 200
    assert served.ask(FRONT, victim) == 200


def test_the_environment_makes_nobody_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    served = Served()
    assert [served.ask(EVE, one) for one in (ANNA, BEN, "8.8.8.8")] == [200, 200, 429]


@pytest.mark.parametrize(
    "proxy", ["", "*", "proxy.example.org", "10.0.0.1/24", "0.0.0.0/0", "::/0", "10.0.0.1:80"]
)
def test_what_is_no_address_is_no_proxy(proxy: str) -> None:
    with pytest.raises(SetupError, match=r"^PROXY_INVALID$"):
        Served(proxy)


@pytest.mark.parametrize(
    ("client", "house"),
    [
        (ANNA, ANNA),
        (f"::ffff:{ANNA}", ANNA),
        (f"64:ff9b::{ANNA}", ANNA),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::3", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        ("unknown", None),
        ("010.0.0.1", None),
    ],
)
def test_one_house_is_counted_as_one(client: str, house: str | None) -> None:
    assert house_of(client) == house
