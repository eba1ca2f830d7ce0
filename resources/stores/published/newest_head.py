"""The newest head of the hash chain, which every role may know."""

import sqlalchemy as sa

from resources.base.database.tables import chain_heads

NEWEST_HEAD = sa.select(chain_heads).order_by(chain_heads.c.day.desc()).limit(1)
"""Its day and its 64 hex digits; no row before the first."""


def newest_head(connection: sa.Connection) -> str | None:
    """64 hex digits; None before the first."""
    row = connection.execute(NEWEST_HEAD).one_or_none()
    return None if row is None else row.head
