"""Delivering exports: the page whose script cuts and seals them, and what it sends.

A delivery link is signed as an invitation is, and says whose exports may come and from which day
on. The page works without any record of the group.
"""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from orchestration.portal.limits import Use
from orchestration.portal.pieces import MOST_A_PIECE, Delivering, delivery_routes
from orchestration.portal.section import Section
from orchestration.portal.state import links_of, portal_of
from orchestration.portal.words import page, refused, texts
from resources.stores.portal.delivery_links import DeliveryLink, read_delivery_link

_STATIC = Path(__file__).parent / "static" / "delivery"
_EPOCH = date(1970, 1, 1)
SHARE = "/d/share"
UNREAD = 1 << 40
"""Bytes that may be announced where none is read: a refusal by length would tell nobody why."""


async def deliver(request: Request) -> Response:
    """The page of one group."""
    says, portal = _says(request), portal_of(request)
    if says is None:
        return refused(portal.settings)
    today = portal.clock.today()
    first, last = open_days(says, today, portal.settings.close_after_days)
    return page(
        "deliver.html",
        settings=portal.settings,
        first=first,
        last=last,
        days={
            "from": (first - _EPOCH).days,
            "to": (last - _EPOCH).days,
            "today": (today - _EPOCH).days,
        },
        pieces=f"/d/{request.path_params['link']}/pieces",
    )


async def start(request: Request) -> Response:
    """Where the installed page begins: its script knows this phone's links."""
    return page("deliver_start.html", settings=portal_of(request).settings)


async def worker(_: Request) -> Response:
    """The service worker, which keeps what is shared on the phone."""
    return FileResponse(_STATIC / "worker.js", media_type="text/javascript")


async def manifest(_: Request) -> Response:
    """What makes the page installable, and a place to share to."""
    return Response(_manifest(), media_type="application/manifest+json")


async def shared(_: Request) -> Response:
    """Where a share goes that no service worker took: it is answered by its head, unread."""
    return RedirectResponse("/d/?lost", 303)


def open_days(says: DeliveryLink, today: date, close_after_days: int) -> tuple[date, date]:
    """First and last day that may be delivered.

    A region-day closes `close_after_days` after it, so that no earlier one can still be open.
    """
    first = max(says.first, today - timedelta(days=close_after_days))
    return first, min(says.last, today)


@cache
def _manifest() -> str:
    words = texts()["deliver"]
    return json.dumps(
        {
            "name": words["app_name"],
            "short_name": words["app_name"],
            "start_url": "/d/",
            "scope": "/d/",
            "display": "standalone",
            "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
            "share_target": {
                "action": SHARE,
                "method": "POST",
                "enctype": "multipart/form-data",
                "params": {
                    "files": [
                        {
                            "name": "chat",
                            "accept": [
                                "application/zip",
                                "text/plain",
                                "application/json",
                                ".zip",
                                ".txt",
                                ".json",
                                ".jsonl",
                            ],
                        }
                    ]
                },
            },
        }
    )


def _says(request: Request) -> DeliveryLink | None:
    portal = portal_of(request)
    if portal.pieces is None:
        return None
    says = read_delivery_link(portal.settings.keys.invitations, request.path_params["link"])
    if says is None:
        return None
    today = portal.clock.today()
    return says if says.first <= today <= says.last else None


def _delivering(request: Request) -> Delivering | None:
    portal, says = portal_of(request), _says(request)
    if says is None or portal.pieces is None:
        return None
    if request.method == "POST" and not links_of(request).count(Use.DELIVERY, says.group_ref):
        raise HTTPException(429)
    return Delivering(says.group_ref, portal.pieces, portal.clock.now)


SECTION = Section(
    routes=(
        Route("/d/", start, methods=["GET"]),
        Route("/d/worker.js", worker, methods=["GET"]),
        Route("/d/manifest.webmanifest", manifest, methods=["GET"]),
        Route(SHARE, shared, methods=["POST"]),
        Route("/d/{link}", deliver, methods=["GET"]),
        *delivery_routes(_delivering, "/d/{link}/pieces"),
    ),
    body_bytes={"/d/": MOST_A_PIECE, SHARE: UNREAD},
)
