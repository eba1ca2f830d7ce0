"""Since when each sender of a group is seen."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from resources.base.database.tables import seen_senders


def note_seen(
    connection: sa.Connection, group_ref: str, first_day: Mapping[str, date], key_check: str
) -> None:
    """Note since when people are seen; what is known of an earlier day stays.

    Args:
        connection: of a transaction that holds the group.
        group_ref: the group.
        first_day: first day in one export, by digest of the sender.
        key_check: of the member key.
    """
    if not first_day:
        return
    row = {"group_ref": group_ref, "key_check": key_check}
    statement = insert(seen_senders).values(
        # In one order, so that two runs never wait for each other.
        [row | {"sender": sender, "first_day": day} for sender, day in sorted(first_day.items())]
    )
    earlier = sa.func.least(seen_senders.c.first_day, statement.excluded.first_day)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["group_ref", "sender"], set_={"first_day": earlier}
        )
    )
