"""Who may correct what was released, what they asked for, and what a second one approved."""

import sqlalchemy as sa

from resources.base.database.tables.columns import REF, REGION, at, metadata

_NAME = sa.String(40)

release_people = sa.Table(
    "release_people",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("name", _NAME, nullable=False, index=True),
    # Without them the entry says that the person was removed.
    sa.Column("salt", sa.LargeBinary),
    sa.Column("verifier", sa.LargeBinary),
    sa.Column("log2_cost", sa.SmallInteger),
    sa.CheckConstraint("num_nulls(salt, verifier, log2_cost) IN (0, 3)"),
    schema="restricted",
)
"""People of the study team and what their pass phrases are checked against; the newest holds."""

release_requests = sa.Table(
    "release_requests",
    metadata,
    sa.Column("ref", REF, primary_key=True),
    at(),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("person", _NAME, nullable=False),
    sa.Column("region", REGION),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date),
    # Of the region-day when it was asked: once there is another, the request is done.
    sa.Column("revision", sa.Integer),
    sa.Column("method_version", sa.String(40)),
    sa.Column("reason", sa.String(24)),
    sa.CheckConstraint("kind IN ('retraction', 'revision', 'shadow', 'adoption')"),
    schema="restricted",
)
"""Retractions and shadows are done as they are asked; the others wait for a second person."""

release_approvals = sa.Table(
    "release_approvals",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("ref", REF, nullable=False),
    sa.Column("person", _NAME, nullable=False),
    schema="restricted",
)
"""Recorded before what was approved is done, so that it stays on record whatever comes of it."""
