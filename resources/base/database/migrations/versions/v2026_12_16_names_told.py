"""Keep whom an admin named as told apart from senders, and which sender bore which name.

A name counts for the one sender who bore it from the first, so it has to be known who bears a name
as well. Under what name earlier senders came is not known: no name told of counts for them. Of
names that were recorded among the senders none counts any more; they are told of again.
"""

from alembic import op

revision = "2026_12_16"
down_revision = "2026_12_15"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE restricted.told_names (
    group_ref varchar(10) NOT NULL,
    name varchar(64) NOT NULL,
    told_on date NOT NULL,
    key_check varchar(64) NOT NULL,
    PRIMARY KEY (group_ref, name)
);
CREATE TABLE restricted.names_borne (
    group_ref varchar(10) NOT NULL,
    sender varchar(64) NOT NULL,
    name varchar(64) NOT NULL,
    first_day date NOT NULL,
    from_first boolean NOT NULL,
    key_check varchar(64) NOT NULL,
    PRIMARY KEY (group_ref, sender, name)
);
INSERT INTO restricted.names_borne (group_ref, sender, name, first_day, from_first, key_check)
    SELECT group_ref, sender, '', first_day, true, key_check FROM restricted.seen_senders;
"""


def upgrade() -> None:
    """Add both tables; earlier senders bore a name that is not known."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
