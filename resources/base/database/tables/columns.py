"""Columns that several tables share."""

import sqlalchemy as sa

metadata = sa.MetaData()

REF = sa.String(10)
REGION = sa.String(41)
CODE = sa.String(40)
DIGEST = sa.String(64)
WORD = sa.String(24)


def at() -> sa.Column:
    """The moment of an entry."""
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)
