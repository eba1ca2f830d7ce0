"""Whether what public code reads is still as it was recorded."""

from hashlib import sha256

import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.as_recorded import AS_RECORDED, rows_as_recorded
from resources.base.database.tables import DIGESTED, row_digests


def refuse_changed_values(connection: sa.Connection) -> None:
    """Go on only if no published value, retraction, break or fact was changed, taken out or put in.

    A trigger keeps a digest of each row when it is recorded. Whoever owns the database can change
    both: that is what `tideline verify` is for.

    Args:
        connection: of any role that may read `release`, in the transaction that reads the values,
            of one moment.

    Raises:
        StorageError: `PUBLISHED_VALUES_CHANGED`.
    """
    connection.execute(AS_RECORDED)
    found = {
        sha256(f"{table.fullname}\n{row}".encode()).hexdigest()
        for table in DIGESTED
        for row in connection.execute(
            sa.text(f"SELECT content FROM {rows_as_recorded(table)} AS there")  # noqa: S608  (names of ours)
        ).scalars()
    }
    if found != set(connection.execute(sa.select(row_digests.c.digest)).scalars()):
        raise StorageError("PUBLISHED_VALUES_CHANGED")
