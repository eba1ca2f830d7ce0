"""What the portal puts down, and what became of it."""

import sqlalchemy as sa

from resources.base.database.tables.columns import CODE, DIGEST, REF, REGION, WORD, metadata

portal_consents = sa.Table(
    "portal_consents",
    metadata,
    sa.Column("invitation", sa.String(32), primary_key=True),
    # The database's own clock: the portal may not say when something was answered.
    sa.Column(
        "at",
        sa.DateTime(timezone=True),
        nullable=False,
        server_default=sa.func.clock_timestamp(),
        index=True,
    ),
    sa.Column("group_ref", REF, nullable=False, index=True),
    # What the invitation says, and the signature by which that is checked again.
    sa.Column("renews", sa.Boolean, nullable=False),
    sa.Column("region", REGION, nullable=False),
    sa.Column("platform", sa.String(20), nullable=False),
    sa.Column("employer_ref", REF, nullable=False),
    sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("adult_workplace", sa.Boolean, nullable=False),
    sa.Column("informed_on", sa.Date, nullable=False),
    sa.Column("manages_members", sa.Boolean, nullable=False),
    sa.Column("member_basis", WORD, nullable=False),
    sa.Column("sector", WORD, nullable=False),
    sa.Column("scopes", sa.ARRAY(WORD), nullable=False),
    sa.Column("rhythm", WORD, nullable=False),
    sa.Column("valid_until", sa.Date, nullable=False),
    sa.Column("notice_version", sa.String(20), nullable=False),
    sa.Column("notice_digest", DIGEST, nullable=False),
    sa.CheckConstraint("octet_length(signature) = 64"),
    sa.CheckConstraint("cardinality(scopes) <= 8"),
    schema="restricted",
)
"""Answers to invitations, one each. Nothing is read by them before they are taken over."""

portal_taken = sa.Table(
    "portal_taken",
    metadata,
    sa.Column("what", sa.String(10), primary_key=True),
    # An invitation, or the number of a withdrawal among the consent events.
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("group_ref", REF, nullable=False),
    sa.Column("outcome", CODE, nullable=False),
    sa.CheckConstraint("what IN ('consent', 'withdrawal')"),
    schema="restricted",
)
"""What the restricted side did with it: `TAKEN`, `NOTED`, or the code by which it was refused."""
