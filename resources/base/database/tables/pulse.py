"""The pulse: what members answered, sealed, and what came of it by region."""

import sqlalchemy as sa

from resources.base.database.tables.columns import DIGEST, REGION, at, metadata

PULSE_BYTES = 2_048
"""Of every sealed answer."""

pulse_answers = sa.Table(
    "pulse_answers",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    # The day decides the fortnight; nothing finer is kept, and no group. It is the database's own:
    # who has the portal's login may not put answers where no fortnight ever ends.
    sa.Column(
        "received_on",
        sa.Date,
        nullable=False,
        server_default=sa.text("(clock_timestamp() AT TIME ZONE 'Europe/London')::date"),
        index=True,
    ),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.CheckConstraint(f"octet_length(sealed) = {PULSE_BYTES}"),
    schema="restricted",
)
"""One row for each until its fortnight is combined; the portal adds, and reads nothing."""

pulse_values = sa.Table(
    "pulse_values",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("fortnight", sa.Date, primary_key=True),
    at(),
    sa.Column("construct", sa.String(12), nullable=False),
    sa.Column("instrument", DIGEST, nullable=False),
    sa.Column("mean", sa.Float),
    sa.Column("micro_rho", sa.Integer),
    sa.CheckConstraint("mean IS NULL OR mean BETWEEN 0 AND 1"),
    schema="restricted",
)
"""What came of a region's fortnight, once for ever; an empty mean where nothing did, whyever."""
