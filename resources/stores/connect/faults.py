"""What somebody has to look at: connectors that are silent, refused, or behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from resources.stores.connect.health import LAGS_AFTER, MANY_LATE, SILENT_AFTER, GroupHealth
from resources.stores.connect.of_home import ConnectorsOfHome
from resources.stores.connect.room_list import Room


@dataclass(frozen=True)
class GroupOfConnector:
    """How a group fares with the connector of its platform.

    Attributes:
        platform: of the connector.
        group_ref: the group; empty where the connector as a whole is meant.
        health: as the connector told last.
        lag: how long ago the last moment was that it supplied; None where nothing is due yet.
        code: what is wrong, None where nothing is.
    """

    platform: str
    group_ref: str
    health: GroupHealth
    lag: timedelta | None
    code: str | None


def groups_of_connectors(connectors: ConnectorsOfHome, now: datetime) -> Iterator[GroupOfConnector]:
    """Every group that a connector collects, and every connector that does not work as a whole.

    Args:
        connectors: of the home.
        now: the moment (aware).
    """
    for platform in connectors.platforms():
        told, rooms = connectors.health(platform), connectors.rooms(platform)
        silent = told is None or now - told.written_at > SILENT_AFTER
        whole = "CONNECTOR_SILENT" if silent else told and told.refused
        if whole and rooms:
            yield GroupOfConnector(platform, "", GroupHealth(), None, whole)
        for room in rooms:
            health = (told.groups if told else {}).get(room.group_ref, GroupHealth())
            lag = _lag(room, health, now)
            code = room.refused or health.refused
            if code is None and lag is not None and lag > LAGS_AFTER:
                code = "CONNECTOR_LAGS"
            if code is None and health.late >= MANY_LATE:
                code = "CONNECTOR_LATE"
            yield GroupOfConnector(platform, room.group_ref, health, lag, code)


def _lag(room: Room, health: GroupHealth, now: datetime) -> timedelta | None:
    if not room.may_be_read or room.starts is None or room.ends is None:
        return None
    supplied = max(room.starts, health.supplied_until or room.starts)
    return min(now, room.ends) - supplied if supplied < now else None
