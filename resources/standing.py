"""Whether what was read of a group may still be stored, asked where it is stored."""

from datetime import date, datetime

import sqlalchemy as sa

from assets.governance.london_time import LONDON
from resources.consent_register import consent_in
from resources.group_locks import hold_groups
from resources.tables import member_events


def has_left(
    connection: sa.Connection,
    group_ref: str,
    day: date,
    now: datetime,
    members_seq: int | None = None,
) -> bool:
    """Whether the group's consent stands no longer, or a member has spoken since.

    What the answer is stays so until the transaction ends.

    Args:
        connection: of the transaction that stores.
        group_ref: the group; one that the register never knew can't have left it.
        day: the day that is to be stored.
        now: the moment.
        members_seq: number of the newest member event that was heeded; None if none need be.
    """
    hold_groups(connection, [group_ref])
    consent = consent_in(connection, group_ref)
    today = now.astimezone(LONDON).date()
    if consent is not None and consent.refusal(day, today, consent.mode) is not None:
        return True
    if members_seq is None:
        return False
    newest = sa.select(sa.func.max(member_events.c.seq)).where(
        member_events.c.group_ref == group_ref
    )
    return (connection.execute(newest).scalar() or 0) > members_seq
