"""How what pulls chats by itself fares; a home without connectors has nothing to look at."""

from dataclasses import dataclass
from datetime import datetime

from resources.base.home import Home
from resources.stores.connect.faults import groups_of_connectors
from resources.stores.connect.of_home import ConnectorsOfHome


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


def connector_states(home: Home, now: datetime) -> list[ConnectorState]:
    """All that is not as it should be, as connectors and their lists of rooms tell it.

    Args:
        home: the home.
        now: the moment (aware).
    """
    found = groups_of_connectors(ConnectorsOfHome(home.connectors), now)
    return [
        ConnectorState(one.platform, one.group_ref, one.code)
        for one in found
        if one.code is not None
    ]
