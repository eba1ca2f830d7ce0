"""How what pulls chats by itself fares; a home without connectors has nothing to look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from resources.base.home import Home


@dataclass(frozen=True)
class ConnectorState:
    """A connector, or a group that it pulls, that is not as it should be.

    Attributes:
        platform: of the connector.
        group_ref: the group; empty where the connector as a whole is meant.
        code: of the catalogue.
    """

    platform: str
    group_ref: str
    code: str


def connector_states(home: Home, now: datetime) -> Iterable[ConnectorState]:  # noqa: ARG001
    """All that is not as it should be; this version has no connectors."""
    return ()
