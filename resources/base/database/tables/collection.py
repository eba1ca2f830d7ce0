"""What collection and scrubbing found of exports and group-days: counts and codes."""

import sqlalchemy as sa

from resources.base.database.tables.columns import CODE, DIGEST, REF, REGION, WORD, at, metadata

export_reports = sa.Table(
    "export_reports",
    metadata,
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("digest", DIGEST, primary_key=True),
    sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
    at(),
    sa.Column("code", CODE),
    sa.Column("first_entry", sa.DateTime(timezone=True)),
    sa.Column("last_entry", sa.DateTime(timezone=True)),
    sa.Column("entries", sa.Integer),
    sa.Column("speech", sa.Integer),
    sa.Column("system", sa.Integer),
    sa.Column("other", sa.Integer),
    sa.Column("date_order", sa.String(8)),
    sa.Column("privacy_on_times", sa.ARRAY(sa.DateTime(timezone=True), as_tuple=True)),
    sa.Column("covered_from", sa.DateTime(timezone=True)),
    sa.Column("covered_until", sa.DateTime(timezone=True)),
    sa.Column("deletions", sa.Integer),
    schema="restricted",
)

counted_exports = sa.Table(
    "counted_exports",
    metadata,
    sa.Column("digest", DIGEST, primary_key=True),
    at(),
    sa.Column("group_ref", REF, nullable=False),
    # At most so many it holds; counted before it was opened.
    sa.Column("messages", sa.Integer, nullable=False),
    schema="restricted",
)
"""Exports that a discovery home counted on arrival. It opens no other."""

group_days = sa.Table(
    "group_days",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("export_digest", DIGEST, nullable=False),
    at(),
    # The run that settled it; empty for what earlier versions settled.
    sa.Column("run_id", sa.String(36)),
    sa.CheckConstraint("status IN ('scored', 'too_small')"),
    schema="restricted",
)

faults = sa.Table(
    "faults",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("region", REGION, nullable=False),
    sa.Column("day", sa.Date),
    sa.Column("group_ref", REF, nullable=False),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("code", CODE, nullable=False),
    sa.Column("run_id", sa.String(36), nullable=False),
    schema="restricted",
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("code", CODE, primary_key=True),
    at(),
    sa.Column("run_id", sa.String(36), nullable=False),
    schema="restricted",
)
"""What is worth a look in a group-day and stops nothing; faults are what went wrong."""

gate_verdicts = sa.Table(
    "gate_verdicts",
    metadata,
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("region", REGION, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    # How many different words of what was left offend.
    sa.Column("with_digit", sa.Integer, nullable=False),
    sa.Column("on_roster", sa.Integer, nullable=False),
    sa.Column("not_allowed", sa.Integer, nullable=False),
    # How many messages there were, and were lost to what.
    sa.Column("messages", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("fired", sa.Integer, nullable=False),
    sa.Column("too_little", sa.Integer, nullable=False),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("code", CODE),
    sa.Column("vocabulary_digest", DIGEST, nullable=False),
    sa.Column("tagger_digest", DIGEST),
    sa.CheckConstraint("passed = (code IS NULL)"),
    schema="restricted",
)
"""One row for each scrubbing of a group-day."""

refused_removals = sa.Table(
    "refused_removals",
    metadata,
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("layer", WORD, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("words", sa.Integer, nullable=False),
    schema="restricted",
)
"""Words that each layer removed of a group-day that the gate refused, and of no other."""

layer_failures = sa.Table(
    "layer_failures",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("group_ref", REF, nullable=False, index=True),
    sa.Column("run_id", sa.String(36), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    # The error's class and its causes', and for each our file and line.
    sa.Column("errors", sa.ARRAY(sa.String(40)), nullable=False),
    sa.Column("places", sa.ARRAY(sa.String(64)), nullable=False),
    sa.Column("messages", sa.Integer, nullable=False),
    schema="restricted",
)
"""What layers raised while a group was scrubbed, and what a step raised that nobody foresaw (of no
messages): class, our file and line; all days of the run."""

removed_words = sa.Table(
    "removed_words",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("layer", WORD, primary_key=True),
    sa.Column("kind", WORD, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("words", sa.BigInteger, nullable=False),
    schema="restricted",
)
"""By region-day, not by group: what is removed of a few people could tell who they are."""

scrubbed_messages = sa.Table(
    "scrubbed_messages",
    metadata,
    sa.Column("region", REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("language", WORD, primary_key=True),
    sa.Column("outcome", WORD, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.CheckConstraint("outcome IN ('kept', 'failed', 'fired', 'too_little')"),
    schema="restricted",
)
"""Messages kept and lost by coarse language, by region-day."""
