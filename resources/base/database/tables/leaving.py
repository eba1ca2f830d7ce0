"""What groups asked to have deleted, beside their withdrawals."""

import sqlalchemy as sa

from resources.base.database.tables.columns import DIGEST, REF, at, metadata

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

exports_going = sa.Table(
    "exports_going",
    metadata,
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("arrived_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("digest", DIGEST, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("claim", sa.String(32)),
    schema="restricted",
)
"""Exports that are being deleted, under which kind of the ledger: until they are counted there.

One with a claim, drawn anew for each note, was not yet seen to be there after it was noted; it may
have gone, and been counted, before.
"""
