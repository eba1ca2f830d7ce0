"""Vectors and scores of group-days, sealed."""

import sqlalchemy as sa

from resources.base.database.tables.columns import DIGEST, REF, REGION, at, metadata

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("key_id", sa.String(32), nullable=False),
    sa.Column("export_digest", DIGEST, nullable=False),
    sa.Column("vocabulary_digest", DIGEST, nullable=False),
    # The newest member event that was heeded: a newer one makes the vectors stale.
    sa.Column("members_seq", sa.BigInteger, nullable=False, default=0),
    sa.Column("destroyed", sa.Boolean, nullable=False, default=False),
    at(),
    # Of what made numbers of words; vectors of another are not scored.
    sa.Column("encoder_digest", DIGEST, nullable=False),
    # The run that made them, by which the gate's verdict on them is found.
    sa.Column("run_id", sa.String(36)),
    schema="restricted",
)

group_scores = sa.Table(
    "group_scores",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("construct", sa.String(12), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("key_id", sa.String(32), nullable=False),
    sa.Column("model_version", sa.String(40), nullable=False),
    at(),
    schema="restricted",
)

score_revisions = sa.Table(
    "score_revisions",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("construct", sa.String(12), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("key_id", sa.String(32), nullable=False),
    sa.Column("model_version", sa.String(40), nullable=False),
    at(),
    sa.CheckConstraint("revision > 0"),
    schema="restricted",
)
"""Scores of open region-days by a later model; the newest stands for the row of `group_scores`."""

rescorings = sa.Table(
    "rescorings",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("region", REGION, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("model_before", sa.String(40), nullable=False),
    sa.Column("model_after", sa.String(40), nullable=False),
    sa.Column("group_days", sa.Integer, nullable=False),
    schema="restricted",
)
"""To the ledger's entries `region_day_rescored`: from which model to which."""
