"""The register of consents and members, and the home itself."""

import sqlalchemy as sa

from resources.base.database.tables.columns import DIGEST, REF, REGION, WORD, at, metadata

home = sa.Table(
    "home",
    metadata,
    sa.Column("single_row", sa.Boolean, primary_key=True, default=True),
    sa.Column("home_id", sa.String(32), nullable=False),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("messages_read", sa.BigInteger, nullable=False, default=0),
    # By which a key is known to be this home's; they open nothing.
    sa.Column("master_check", DIGEST),
    sa.Column("member_check", DIGEST),
    sa.CheckConstraint("single_row"),
    schema="restricted",
)

consent_events = sa.Table(
    "consent_events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("group_ref", REF, nullable=False, index=True),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("region", REGION),
    sa.Column("platform", sa.String(20)),
    sa.Column("employer_ref", REF),
    sa.Column("member_basis", sa.String(24)),
    sa.Column("ethics_digest", DIGEST),
    sa.Column("informed_on", sa.Date),
    sa.Column("notice_version", sa.String(20)),
    sa.Column("adult_workplace", sa.Boolean),
    sa.Column("evidence_digest", DIGEST),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    # By which way a withdrawal came, where that is not the restricted side's own.
    sa.Column("via", sa.String(10)),
    sa.CheckConstraint("kind IN ('granted', 'renewed', 'withdrawn', 'notice')"),
    sa.CheckConstraint("via IS NULL OR via = 'portal'"),
    sa.Index(
        "ix_restricted_consent_events_by_portal", "at", postgresql_where=sa.text("via = 'portal'")
    ),
    schema="restricted",
)

consent_renewals = sa.Table(
    "consent_renewals",
    metadata,
    # Of the consent event that can't stand as it was recorded.
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    at(),
    sa.Column("renew_by", sa.Date, nullable=False),
    sa.Column("no_platform", sa.Boolean, nullable=False),
    sa.Column("no_evidence", sa.Boolean, nullable=False),
    sa.CheckConstraint("no_platform OR no_evidence"),
    schema="restricted",
)
"""Consents of an earlier version that lack what a consent needed in the one of 29 November."""

consent_terms = sa.Table(
    "consent_terms",
    metadata,
    # Of the consent event whose terms these are; of a further notice the digest alone.
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    at(),
    sa.Column("notice_digest", DIGEST, nullable=False),
    sa.Column("departure_approved", sa.Boolean),
    sa.Column("sector", WORD),
    sa.Column("scopes", sa.ARRAY(WORD)),
    sa.Column("rhythm", WORD),
    sa.Column("review_by", sa.Date),
    sa.CheckConstraint(
        "num_nulls(departure_approved, sector, scopes, rhythm, review_by) IN (0, 5)"
    ),
    schema="restricted",
)
"""What the version of 2 December asks for, too."""

earlier_consents = sa.Table(
    "earlier_consents",
    metadata,
    # Of the consent event without terms.
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    at(),
    sa.Column("counts_until", sa.Date, nullable=False),
    schema="restricted",
)
"""Consents that an earlier version recorded without those terms, and how long they still count."""

consent_chats = sa.Table(
    "consent_chats",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("group_ref", REF, nullable=False, index=True),
    sa.Column("chat_digest", DIGEST, nullable=False),
    sa.Column("key_check", DIGEST, nullable=False),
    schema="restricted",
)
"""By which keyed digest a group's chat is known in a file that holds several."""

member_events = sa.Table(
    "member_events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("group_ref", REF, nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    # Digests of the name's parts and, in the same order, of the first letter of each.
    sa.Column("parts", sa.ARRAY(DIGEST), nullable=False),
    sa.Column("initials", sa.ARRAY(DIGEST), nullable=False),
    sa.Column("joined", DIGEST),
    sa.Column("number", DIGEST),
    sa.Column("key_check", DIGEST, nullable=False),
    sa.CheckConstraint("kind IN ('objected', 'opted_in', 'withdrawn', 'taken_back')"),
    sa.CheckConstraint("source IN ('command', 'chat', 'portal')"),
    schema="restricted",
)

seen_senders = sa.Table(
    "seen_senders",
    metadata,
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("sender", DIGEST, primary_key=True),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("key_check", DIGEST, nullable=False),
    schema="restricted",
)

told_names = sa.Table(
    "told_names",
    metadata,
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("name", DIGEST, primary_key=True),
    sa.Column("told_on", sa.Date, nullable=False),
    sa.Column("key_check", DIGEST, nullable=False),
    schema="restricted",
)
"""Of whom it was recorded by name that they were in the group when it was told."""

names_borne = sa.Table(
    "names_borne",
    metadata,
    sa.Column("group_ref", REF, primary_key=True),
    sa.Column("sender", DIGEST, primary_key=True),
    # Empty for a sender without a name, and for the unknown name of one seen by an earlier version.
    sa.Column("name", DIGEST, primary_key=True),
    sa.Column("first_day", sa.Date, nullable=False),
    # Whether nothing else was known of the sender when the name came up.
    sa.Column("from_first", sa.Boolean, nullable=False),
    sa.Column("key_check", DIGEST, nullable=False),
    schema="restricted",
)
"""Which sender has borne which name, since when."""
