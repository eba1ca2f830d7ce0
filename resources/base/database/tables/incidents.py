"""Incidents: what was opened, done and closed; codes, moments and counts."""

import sqlalchemy as sa

from resources.base.database.tables.columns import REF, WORD, at, metadata

incident_events = sa.Table(
    "incident_events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("incident_ref", REF, nullable=False, index=True),
    # Who says so: initials, or a role.
    sa.Column("said_by", sa.String(20), nullable=False),
    sa.Column("cause", WORD),
    sa.Column("aware_at", sa.DateTime(timezone=True)),
    sa.Column("outcome", WORD),
    sa.Column("keys_destroyed", sa.Integer),
    sa.CheckConstraint("kind IN ('opened', 'keys_destroyed', 'regulator_told', 'closed')"),
    schema="restricted",
)
"""The 72-hour record. While one is open nothing is read, scored or released."""
