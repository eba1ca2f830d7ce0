"""Whether what public code reads is still as it was recorded."""

from hashlib import sha256

import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.tables import DIGESTED, row_digests

_AS_RECORDED = (
    "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL timezone = 'UTC';"
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
"""As the trigger does; nobody's own functions stand in for PostgreSQL's."""


def refuse_changed_values(connection: sa.Connection) -> None:
    """Go on only if no published value, retraction or break was changed, taken out or put in.

    A trigger keeps a digest of each row when it is recorded. Whoever owns the database can change
    both: that is what `tideline verify` is for.

    Args:
        connection: of any role that may read `release`, in the transaction that reads the values,
            of one moment.

    Raises:
        StorageError: `PUBLISHED_VALUES_CHANGED`.
    """
    connection.execute(sa.text(_AS_RECORDED))
    found = {
        sha256(f"{table.fullname}\n{row}".encode()).hexdigest()
        for table in DIGESTED
        for row in connection.execute(
            sa.text(
                f"SELECT jsonb_strip_nulls(to_jsonb(one))::text FROM {table.fullname} AS one"  # noqa: S608  (names of ours)
            )
        ).scalars()
    }
    if found != set(connection.execute(sa.select(row_digests.c.digest)).scalars()):
        raise StorageError("PUBLISHED_VALUES_CHANGED")
