"""Right of the wall: the reviewed facts, read with a role that can read nothing else."""

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from assets.core.london_time import LONDON
from assets.released.reviewed_facts import Reviewed, standing
from resources.base.database.postgres import public_engine
from resources.base.database.tables import reviewed_facts
from resources.stores.published.unchanged import refuse_changed_values


class ReviewedFacts:
    """Reads `release.reviewed_facts` as the public role."""

    def __init__(self, url: URL) -> None:
        self._engine = public_engine(url)

    def read(self) -> Reviewed:
        """The facts that stand.

        Raises:
            StorageError: `PUBLISHED_VALUES_NOT_READABLE`, `PUBLISHED_VALUES_CHANGED`.
            PublicationError: `FACT_NOT_ALLOWED` for one that may not cross.
        """
        facts = reviewed_facts.c
        query = sa.select(facts.kind, facts.name, facts.value, facts.at).order_by(facts.seq)
        refused = StorageError("PUBLISHED_VALUES_NOT_READABLE")
        with refuse_as(refused, SQLAlchemyError), self._engine.connect() as connection:
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            refuse_changed_values(connection)
            rows = connection.execute(query).all()
        return standing((*fact, at.astimezone(LONDON).date()) for *fact, at in rows)
