"""What the portal's pages work with."""

from dataclasses import dataclass

from starlette.requests import Request

from orchestration.portal.limits import Links
from resources.base.clock import Clock
from resources.stores.portal.drop_box import DropBox
from resources.stores.portal.partial_deliveries import PartialDeliveries
from resources.stores.portal.settings import PortalSettings


@dataclass(frozen=True)
class Portal:
    """Given to the app once.

    Attributes:
        settings: of its file.
        drop_box: where it puts down what people send.
        clock: the time.
        pieces: where sealed deliveries come in; None where none are taken.
    """

    settings: PortalSettings
    drop_box: DropBox
    clock: Clock
    pieces: PartialDeliveries | None = None


def links_of(request: Request) -> Links:
    """How much was sent by each link."""
    return request.app.state.links


def portal_of(request: Request) -> Portal:
    """The portal that a request came to."""
    return request.app.state.portal
