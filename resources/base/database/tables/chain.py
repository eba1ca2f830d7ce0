"""The hash chain: what was recorded stays as it was, or everybody can see that it did not.

Triggers write all of it; no role may. `resources.stores.chain` says what it is made of.
"""

import sqlalchemy as sa

from resources.base.database.tables.columns import DIGEST, WORD, at, metadata

_HASH = sa.LargeBinary

chain_entries = sa.Table(
    "chain_entries",
    metadata,
    sa.Column("entry", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("of_table", sa.String(40), nullable=False),
    # A digest of the row's key.
    sa.Column("of_row", DIGEST, nullable=False),
    sa.Column("salt", _HASH, nullable=False),
    sa.Column("commitment", _HASH, nullable=False),
    sa.Index("ix_restricted_chain_entries_of_table_of_row", "of_table", "of_row"),
    schema="restricted",
)
"""A salted commitment to each row of a chained table."""

chain_links = sa.Table(
    "chain_links",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.BigInteger, nullable=False, unique=True),
    sa.Column("before", _HASH, nullable=False, unique=True),
    sa.Column("link", _HASH, nullable=False, unique=True),
    schema="restricted",
)
"""The entries in their order, each link made of the one before."""

chain_waiting = sa.Table(
    "chain_waiting",
    metadata,
    sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
    schema="restricted",
)
"""Entries made while another transaction held the chain: the next one links them."""

member_salts = sa.Table(
    "member_salts",
    metadata,
    sa.Column("commitment", _HASH, primary_key=True),
    # Of the member event; none for a filler.
    sa.Column("seq", sa.BigInteger, unique=True),
    sa.Column("salt", _HASH, nullable=False),
    schema="restricted",
)
"""What opens a commitment to a member event. It goes with the event, and the chain stays valid."""

member_waiting = sa.Table(
    "member_waiting",
    metadata,
    sa.Column("commitment", _HASH, primary_key=True),
    schema="restricted",
)
"""Commitments to member events that no batch has yet."""

member_batches = sa.Table(
    "member_batches",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("commitments", _HASH, nullable=False),
    sa.Column("before", _HASH, nullable=False, unique=True),
    sa.Column("link", _HASH, nullable=False, unique=True),
    schema="restricted",
)
"""One a day, of so many commitments; fillers stand for those that there were not."""

chain_openings = sa.Table(
    "chain_openings",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    # Of the last link and of the last batch that the day's head is made of; 0 for none yet.
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("batch", sa.BigInteger, nullable=False),
    sa.Column("nonce", _HASH, nullable=False),
    schema="restricted",
)
"""What the heads are made of."""

chain_heads = sa.Table(
    "chain_heads",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("head", DIGEST, nullable=False),
    schema="release",
)
"""One a day, whatever happened on it; all that is public of the chain."""

settings_events = sa.Table(
    "settings_events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("what", WORD, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.CheckConstraint("what IN ('home', 'study', 'models', 'head_lost')"),
    schema="restricted",
)
"""By which configuration, register and models the home works, from when on.

`head_lost` is of a head that was public and that a database from a backup does not know.
"""

row_digests = sa.Table(
    "row_digests",
    metadata,
    sa.Column("digest", DIGEST, primary_key=True),
    schema="release",
)
"""Of each row of `DIGESTED` as it was recorded, for the public side to compare."""
