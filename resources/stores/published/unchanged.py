"""Whether published values still are those that were verified last."""

from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from assets.core.errors import StorageError
from resources.base.database.tables import regional_values, verifications

_ORDER = ("region", "day", "construct", "method_version", "revision")


def digest_of_values(connection: sa.Connection, until: datetime) -> str:
    """A digest of every published value that was closed up to a moment, 64 hex digits.

    Args:
        connection: of any role that may read `release`.
        until: the moment (aware).
    """
    connection.execute(sa.text("SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1"))
    rows = connection.execute(
        sa.select(sa.cast(sa.func.to_jsonb(sa.literal_column("regional_values")), sa.Text))
        .select_from(regional_values)
        .where(regional_values.c.closed_at <= until)
        .order_by(*(regional_values.c[name] for name in _ORDER))
    ).scalars()
    digest = sha256()
    for row in rows:
        digest.update(f"{row}\n".encode())
    return digest.hexdigest()


def refuse_changed_values(connection: sa.Connection) -> None:
    """Go on only if what was verified last is as it was; what came since is verified next.

    Raises:
        StorageError: `PUBLISHED_VALUES_CHANGED`.
    """
    last = connection.execute(
        sa.select(verifications.c.at, verifications.c.digest)
        .order_by(verifications.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and digest_of_values(connection, last.at) != last.digest:
        raise StorageError("PUBLISHED_VALUES_CHANGED")
