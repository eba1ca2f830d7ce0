"""How a connector fares: moments, counts and codes by group reference, for the home to read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from assets.core.errors import CATALOGUE
from resources.base.files import write_once

FILE = "health.json"
SILENT_AFTER = timedelta(minutes=10)
"""A connector that runs writes its health oftener than this."""
LAGS_AFTER = timedelta(hours=30)
"""A day is over, its export should be there: by then somebody should look."""
MANY_LATE = 10
"""So many messages of a day that came late are no chance any more."""


class GroupHealth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one group's chat fares.

    Attributes:
        pulled_at: when a pull last ended well (aware).
        supplied_until: up to when sealed exports were delivered (aware).
        records: how many the last one held.
        refused: the code of the last pull, None where it ended well.
        refusals: pulls that were refused since the last that ended well.
        late: messages of the last day that was supplied that came after it was, by order of
            magnitude: 0, or the power of ten that they are at least.
    """

    pulled_at: datetime | None = None
    supplied_until: datetime | None = None
    records: int = 0
    refused: str | None = None
    refusals: int = 0
    late: int = 0

    def after_pull(
        self, now: datetime, supplied_until: datetime, records: int, late: int = 0
    ) -> "GroupHealth":
        """After a pull that ended well.

        Args:
            now: the moment (aware).
            supplied_until: as the attribute.
            records: as the attribute.
            late: how many messages came after their day was supplied.
        """
        return GroupHealth(
            pulled_at=now,
            supplied_until=supplied_until,
            records=records,
            late=magnitude(late),
        )

    def after_refusal(self, code: str) -> "GroupHealth":
        """After a pull that was refused."""
        return msgspec.structs.replace(self, refused=code, refusals=self.refusals + 1)


def magnitude(count: int) -> int:
    """The greatest power of ten that a count reaches; 0 for none."""
    return 10 ** (len(str(count)) - 1) if count else 0


class Health(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a connector fares.

    Attributes:
        written_at: when it last wrote this (aware).
        refused: the code of what stops all of it, None where nothing does.
        groups: by group reference.
    """

    written_at: datetime
    refused: str | None = None
    groups: dict[str, GroupHealth] = {}


@dataclass(frozen=True)
class HealthFile:
    """Where it lies.

    Attributes:
        path: of the file.
    """

    path: Path

    def read(self) -> Health | None:
        """What the connector wrote last; None where it never did, or nothing that can be read."""
        try:
            found = msgspec.json.decode(self.path.read_bytes(), type=Health)
        except (OSError, msgspec.MsgspecError):
            return None
        codes = {found.refused, *(one.refused for one in found.groups.values())} - {None}
        # What is not of the catalogue the connector did not write.
        return found if codes <= CATALOGUE.keys() else None

    def write(self, health: Health) -> None:
        """Put it in place; raises `StorageError` as `write_once`."""
        write_once(self.path, msgspec.json.encode(health))
