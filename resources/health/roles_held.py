"""Whether the database's roles may do their own only."""

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import refuse_as
from resources.base.database.connection import database_error
from resources.base.database.rights_held import Excess, excess_rights


def roles_excess(url: URL) -> list[Excess]:
    """What they may do beyond that.

    Args:
        url: of the home's database, in whatever role.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_REFUSED`.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    with refuse_as(database_error, SQLAlchemyError), engine.connect() as connection:
        return excess_rights(connection)
