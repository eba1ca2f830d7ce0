"""The release, both sides of the wall."""

import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from resources.base.database.tables.columns import CODE, REF, REGION, at, metadata

_METHOD = sa.String(40)
_REASON = sa.String(24)


def draw_key() -> tuple[sa.Column, ...]:
    """What a draw is known by, as a primary key or the start of one."""
    return (
        sa.Column("region", REGION, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("method_version", _METHOD, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
    )


release_steps = sa.Table(
    "release_steps",
    metadata,
    *draw_key(),
    sa.Column("step", sa.String(8), primary_key=True),
    at(),
    sa.Column("micro_rho", sa.Integer, nullable=False),
    sa.CheckConstraint("step IN ('debited', 'stored', 'burned')"),
    sa.CheckConstraint("micro_rho > 0"),
    schema="restricted",
)
"""The release ledger: budget taken for a draw, and whether what was drawn was stored or lost."""

noisy_draws = sa.Table(
    "noisy_draws",
    metadata,
    *draw_key(),
    at(),
    sa.Column("micro_rho", sa.Integer, nullable=False),
    sa.Column("person_days", sa.BigInteger, nullable=False),
    *(sa.Column(construct, sa.BigInteger, nullable=False) for construct in CONSTRUCTS),
    schema="restricted",
)
"""Noisy totals; exact ones are never stored."""

release_reasons = sa.Table(
    "release_reasons",
    metadata,
    *draw_key(),
    at(),
    sa.Column("code", CODE, nullable=False),
    schema="restricted",
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("region", REGION),
    sa.Column("day", sa.Date),
    sa.Column("group_ref", REF),
    sa.Column("count", sa.Integer, nullable=False),
    schema="restricted",
)

regional_values = sa.Table(
    "regional_values",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("construct", sa.String(12), primary_key=True),
    sa.Column("method_version", _METHOD, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("estimate", sa.Float),
    sa.Column("standard_error", sa.Float),
    sa.Column("value_7d", sa.Float),
    sa.Column("standard_error_7d", sa.Float),
    sa.Column("detectable_change_7d", sa.Float),
    sa.Column("value_28d", sa.Float),
    sa.Column("standard_error_28d", sa.Float),
    sa.Column("detectable_change_28d", sa.Float),
    sa.Column("people_band", sa.String(8)),
    sa.Column("micro_rho", sa.Integer),
    sa.Column("status", sa.String(14), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('published', 'not_published')"),
    schema="release",
)

retractions = sa.Table(
    "retractions",
    metadata,
    *draw_key(),
    sa.Column("scope", sa.String(10), primary_key=True),
    sa.Column("reason", _REASON, nullable=False),
    at(),
    sa.CheckConstraint("scope IN ('all', 'value_7d', 'value_28d')"),
    schema="release",
)
"""What was published and no longer stands; the rows of `regional_values` themselves stay."""

method_breaks = sa.Table(
    "method_breaks",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("version_before", _METHOD, nullable=False),
    sa.Column("version_after", _METHOD, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    at(),
    schema="release",
)
"""From `day` on values are made by another method."""

method_shadows = sa.Table(
    "method_shadows",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("method_version", _METHOD, nullable=False),
    sa.Column("from_day", sa.Date, nullable=False),
    sa.Column("runs", sa.Boolean, nullable=False),
    schema="restricted",
)
"""From which day a method is tried in the shadow of the one in use, or no longer is."""
