"""The one door in the wall for what is no value: reviewed facts."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from resources.base.database.tables.columns import DIGEST, at, metadata

reviewed_facts = sa.Table(
    "reviewed_facts",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at(),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("name", sa.String(40), nullable=False),
    # Of a name and shape that `assets.released.reviewed_facts` lists.
    sa.Column("value", JSONB, nullable=False),
    # Of the register whose approval covers the words.
    sa.Column("register_digest", DIGEST),
    sa.CheckConstraint("kind IN ('words', 'setting', 'model', 'quarter')"),
    sa.CheckConstraint("(kind = 'words') = (register_digest IS NOT NULL)"),
    sa.CheckConstraint("octet_length(value::text) <= 65536"),
    schema="release",
)
"""What a register, home and models say for everybody to read; of each name the newest stands."""
