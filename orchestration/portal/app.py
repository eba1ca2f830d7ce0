"""The portal's app, made of its sections."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from orchestration.portal import admin, delivery, members, pulse
from orchestration.portal.door import TOO_OFTEN, Door
from orchestration.portal.limits import Asked, Limits, Links
from orchestration.portal.section import Section
from orchestration.portal.state import Portal, portal_of
from orchestration.portal.words import page, refused

SECTIONS = (admin.SECTION, delivery.SECTION, members.SECTION, pulse.SECTION)
STATIC = Path(__file__).parent / "static"


def make_app(
    portal: Portal, sections: Sequence[Section] = SECTIONS, limits: Limits | None = None
) -> ASGIApp:
    """The app, with all that guards it.

    Args:
        portal: what its pages work with.
        sections: its parts.
        limits: what a request may take.
    """
    routes = [route for one in sections for route in one.routes]
    app = Starlette(
        routes=[
            *routes,
            Route("/alive", _alive),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={404: _refused, 405: _refused},
    )
    # What a path without a slash leads to would be built of the request's own words.
    app.router.redirect_slashes = False
    limits = limits or Limits()
    app.state.portal = portal
    app.state.links = Links(limits)
    body_bytes = {start: most for one in sections for start, most in one.body_bytes.items()}
    return Door(app, portal.settings.address, limits, body_bytes, _often(portal))


def _often(portal: Portal) -> Mapping[Asked, bytes]:
    """Pages for who asks too often, made once: a flood is answered without making any."""
    told = {Asked.AS_MEMBER: "members", Asked.IN_PULSE: "pulse"}
    return {
        asked: bytes(
            page(
                "often.html", TOO_OFTEN, settings=portal.settings, who=told.get(asked, "pages")
            ).body
        )
        for asked in Asked
    }


async def _alive(_: Request) -> Response:
    """For whoever watches whether it runs; it says nothing else."""
    return PlainTextResponse("alive\n")


async def _refused(request: Request, _: Exception) -> Response:
    return refused(portal_of(request).settings)
