"""What members ask by the portal: sealed, of one size, with answers that only they can open."""

import sqlalchemy as sa

from resources.base.database.tables.columns import DIGEST, metadata

SEALED_BYTES = 10_240
"""Of every request, whatever it asks."""

ANSWER_BYTES = 4_124
"""Of every answer: 4,096 and what AES-GCM adds."""

member_requests = sa.Table(
    "member_requests",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    # The day is enough for what is due, and who reads a proxy's log finds nobody by it. It is the
    # database's own: the portal may not say when something came.
    sa.Column(
        "received_on",
        sa.Date,
        nullable=False,
        server_default=sa.text("(clock_timestamp() AT TIME ZONE 'Europe/London')::date"),
        index=True,
    ),
    sa.Column("receipt", DIGEST, nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.CheckConstraint(f"octet_length(sealed) = {SEALED_BYTES}"),
    schema="restricted",
)
"""One row for each; the portal adds, and reads nothing."""

member_answers = sa.Table(
    "member_answers",
    metadata,
    sa.Column("receipt", DIGEST, primary_key=True),
    sa.Column("answer", sa.LargeBinary, nullable=False),
    sa.CheckConstraint(f"octet_length(answer) = {ANSWER_BYTES}"),
    schema="restricted",
)
"""How each request stands, under a key that is made of its receipt code."""

requests_done = sa.Table(
    "requests_done",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    schema="restricted",
)
"""Requests that no run opens again: what is none, and what means no group of the home."""
