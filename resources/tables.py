"""The tables of Tideline: schema `restricted` left of the wall, schema `release` right of it.

No column can hold text of a message, an author, a group title or a file name.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

_REF = sa.String(10)
_REGION = sa.String(41)
_CODE = sa.String(40)
_DIGEST = sa.String(64)
_WORD = sa.String(24)


def _now() -> sa.Column:
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)


home = sa.Table(
    "home",
    metadata,
    sa.Column("single_row", sa.Boolean, primary_key=True, default=True),
    sa.Column("home_id", sa.String(32), nullable=False),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("messages_read", sa.BigInteger, nullable=False, default=0),
    sa.CheckConstraint("single_row"),
    schema="restricted",
)

consent_events = sa.Table(
    "consent_events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _now(),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("group_ref", _REF, nullable=False, index=True),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("region", _REGION),
    sa.Column("platform", sa.String(20)),
    sa.Column("employer_ref", _REF),
    sa.Column("member_basis", sa.String(24)),
    sa.Column("ethics_digest", _DIGEST),
    sa.Column("informed_on", sa.Date),
    sa.Column("notice_version", sa.String(20)),
    sa.Column("adult_workplace", sa.Boolean),
    sa.Column("evidence_digest", _DIGEST),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    sa.CheckConstraint("kind IN ('granted', 'renewed', 'withdrawn', 'notice')"),
    schema="restricted",
)

member_events = sa.Table(
    "member_events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _now(),
    sa.Column("group_ref", _REF, nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    # Digests of the name's parts and, in the same order, of the first letter of each.
    sa.Column("parts", sa.ARRAY(_DIGEST), nullable=False),
    sa.Column("initials", sa.ARRAY(_DIGEST), nullable=False),
    sa.Column("joined", _DIGEST),
    sa.Column("number", _DIGEST),
    sa.Column("key_check", _DIGEST, nullable=False),
    sa.CheckConstraint("kind IN ('objected', 'opted_in', 'withdrawn')"),
    sa.CheckConstraint("source IN ('command', 'chat')"),
    schema="restricted",
)

seen_senders = sa.Table(
    "seen_senders",
    metadata,
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("sender", _DIGEST, primary_key=True),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("key_check", _DIGEST, nullable=False),
    schema="restricted",
)

export_reports = sa.Table(
    "export_reports",
    metadata,
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("digest", _DIGEST, primary_key=True),
    sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
    _now(),
    sa.Column("code", _CODE),
    sa.Column("first_entry", sa.DateTime(timezone=True)),
    sa.Column("last_entry", sa.DateTime(timezone=True)),
    sa.Column("entries", sa.Integer),
    sa.Column("speech", sa.Integer),
    sa.Column("system", sa.Integer),
    sa.Column("other", sa.Integer),
    sa.Column("date_order", sa.String(8)),
    sa.Column("privacy_on_times", sa.ARRAY(sa.DateTime(timezone=True), as_tuple=True)),
    schema="restricted",
)

group_days = sa.Table(
    "group_days",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("export_digest", _DIGEST, nullable=False),
    _now(),
    sa.CheckConstraint("status IN ('scored', 'too_small')"),
    schema="restricted",
)

faults = sa.Table(
    "faults",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _now(),
    sa.Column("region", _REGION, nullable=False),
    sa.Column("day", sa.Date),
    sa.Column("group_ref", _REF, nullable=False),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("code", _CODE, nullable=False),
    sa.Column("run_id", sa.String(36), nullable=False),
    schema="restricted",
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("code", _CODE, primary_key=True),
    _now(),
    sa.Column("run_id", sa.String(36), nullable=False),
    schema="restricted",
)
"""What is worth a look in a group-day and stops nothing; faults are what went wrong."""

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("key_id", sa.String(32), nullable=False),
    sa.Column("export_digest", _DIGEST, nullable=False),
    sa.Column("vocabulary_digest", _DIGEST, nullable=False),
    # The newest member event that was heeded: a newer one makes the vectors stale.
    sa.Column("members_seq", sa.BigInteger, nullable=False, default=0),
    sa.Column("destroyed", sa.Boolean, nullable=False, default=False),
    _now(),
    schema="restricted",
)

group_scores = sa.Table(
    "group_scores",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("construct", sa.String(12), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("key_id", sa.String(32), nullable=False),
    sa.Column("model_version", sa.String(40), nullable=False),
    _now(),
    schema="restricted",
)

gate_verdicts = sa.Table(
    "gate_verdicts",
    metadata,
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("region", _REGION, nullable=False),
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
    sa.Column("code", _CODE),
    sa.Column("vocabulary_digest", _DIGEST, nullable=False),
    sa.Column("tagger_digest", _DIGEST),
    sa.CheckConstraint("passed = (code IS NULL)"),
    schema="restricted",
)
"""One row for each scrubbing of a group-day."""

refused_removals = sa.Table(
    "refused_removals",
    metadata,
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("layer", _WORD, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("words", sa.Integer, nullable=False),
    schema="restricted",
)
"""Words that each layer removed of a group-day that the gate refused, and of no other."""

layer_failures = sa.Table(
    "layer_failures",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("group_ref", _REF, nullable=False, index=True),
    sa.Column("run_id", sa.String(36), nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    # The error's class and its causes', and for each our file and line.
    sa.Column("errors", sa.ARRAY(sa.String(40)), nullable=False),
    sa.Column("places", sa.ARRAY(sa.String(64)), nullable=False),
    sa.Column("messages", sa.Integer, nullable=False),
    schema="restricted",
)
"""What layers raised while a group was scrubbed: class, our file and line; all days of the run."""

removed_words = sa.Table(
    "removed_words",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("layer", _WORD, primary_key=True),
    sa.Column("kind", _WORD, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("words", sa.BigInteger, nullable=False),
    schema="restricted",
)
"""By region-day, not by group: what is removed of a few people could tell who they are."""

scrubbed_messages = sa.Table(
    "scrubbed_messages",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("language", _WORD, primary_key=True),
    sa.Column("outcome", _WORD, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.CheckConstraint("outcome IN ('kept', 'failed', 'fired', 'too_little')"),
    schema="restricted",
)
"""Messages kept and lost by coarse language, by region-day."""

score_revisions = sa.Table(
    "score_revisions",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("group_ref", _REF, primary_key=True),
    sa.Column("construct", sa.String(12), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("key_id", sa.String(32), nullable=False),
    sa.Column("model_version", sa.String(40), nullable=False),
    _now(),
    sa.CheckConstraint("revision > 0"),
    schema="restricted",
)
"""Scores of open region-days by a later model; the newest stands for the row of `group_scores`."""

rescorings = sa.Table(
    "rescorings",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _now(),
    sa.Column("region", _REGION, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("model_before", sa.String(40), nullable=False),
    sa.Column("model_after", sa.String(40), nullable=False),
    sa.Column("group_days", sa.Integer, nullable=False),
    schema="restricted",
)
"""To the ledger's entries `region_day_rescored`: from which model to which."""

release_sums = sa.Table(
    "release_sums",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("construct", sa.String(12), primary_key=True),
    sa.Column("sum_milli", sa.BigInteger, nullable=False),
    sa.Column("person_days", sa.BigInteger, nullable=False),
    schema="restricted",
)

release_reasons = sa.Table(
    "release_reasons",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("code", _CODE, nullable=False),
    schema="restricted",
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _now(),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("region", _REGION),
    sa.Column("day", sa.Date),
    sa.Column("group_ref", _REF),
    sa.Column("count", sa.Integer, nullable=False),
    schema="restricted",
)

regional_values = sa.Table(
    "regional_values",
    metadata,
    sa.Column("region", _REGION, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("construct", sa.String(12), primary_key=True),
    sa.Column("method_version", sa.String(40), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("estimate", sa.Float),
    sa.Column("standard_error", sa.Float),
    sa.Column("value_7d", sa.Float),
    sa.Column("status", sa.String(14), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('published', 'not_published', 'retracted')"),
    schema="release",
)

APPEND_ONLY = (
    consent_events,
    member_events,
    faults,
    notices,
    ledger,
    rescorings,
    group_days,
    regional_values,
)
"""Rows of these are never changed or deleted: a trigger refuses it."""

KEPT_FOR_A_TIME = (
    gate_verdicts,
    refused_removals,
    layer_failures,
    removed_words,
    scrubbed_messages,
)
"""Counts of scrubbing: their rows go at the end of the scores' lifetime."""
