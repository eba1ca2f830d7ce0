"""What groups asked to have deleted, beside their withdrawals."""

import sqlalchemy as sa

from resources.base.database.tables.columns import REF, at, metadata

leaving_requests = sa.Table(
    "leaving_requests",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("group_ref", REF, nullable=False, index=True),
    sa.CheckConstraint("kind IN ('exports', 'surveys')"),
    schema="restricted",
)
"""All exports, or surveys, of the group that came up to `at` are to go, and are read no more."""
