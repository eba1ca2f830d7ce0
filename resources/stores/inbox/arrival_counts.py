"""What a discovery home counts of each export on arrival, before it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assets.core.errors import SetupError
from assets.core.modes import DISCOVERY_MESSAGE_LIMIT
from resources.base.database.connection import Database
from resources.base.database.tables import counted_exports, home
from resources.stores.inbox.inbox import SealedExport


@dataclass(frozen=True)
class ArrivalCounts:
    """Counts up to the limit of a discovery home, over all deliveries and for good."""

    database: Database

    def left(self) -> int:
        """How many messages may still be opened."""
        with self.database.transaction() as connection:
            used = connection.execute(sa.select(home.c.messages_read)).scalar_one()
        return max(0, DISCOVERY_MESSAGE_LIMIT - used)

    def count(self, messages_at_most: Callable[[int], int]) -> int:
        """Count a file before it is opened; one delivery at a time.

        Args:
            messages_at_most: given how many messages may still be opened, says how many the file
                holds at most; raises if it holds more.

        Returns:
            How many, which count from now on whether the file can be read or not.

        Raises:
            SetupError: `DISCOVERY_LIMIT` if none are left; nothing of the file was looked at.
            TidelineError: what `messages_at_most` raises: nothing was counted.
        """
        with self.database.transaction() as connection:
            row = sa.select(home.c.messages_read).with_for_update()
            used = connection.execute(row).scalar_one()
            if used >= DISCOVERY_MESSAGE_LIMIT:
                raise SetupError("DISCOVERY_LIMIT")
            counted = messages_at_most(DISCOVERY_MESSAGE_LIMIT - used)
            connection.execute(home.update().values(messages_read=used + counted))
        return counted

    def record(self, sealed: SealedExport, messages: int, now: datetime) -> None:
        """Record that a sealed file was counted, so that it may be opened."""
        with self.database.transaction() as connection:
            connection.execute(
                counted_exports.insert().values(
                    digest=sealed.digest, at=now, group_ref=sealed.group_ref, messages=messages
                )
            )
