"""Right of the wall: the published values, read with a role that can read nothing else."""

from datetime import date

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.governance.errors import StorageError
from resources.postgres import public_engine
from resources.tables import regional_values

COLUMNS = (
    "region",
    "day",
    "construct",
    "estimate",
    "standard_error",
    "value_7d",
    "status",
    "method_version",
    "revision",
)


class PublishedValues:
    """Reads `release.regional_values` as the public role."""

    def __init__(self, url: URL) -> None:
        self._engine = public_engine(url)

    def read(self, region: str | None = None, until: date | None = None) -> pd.DataFrame:
        """Rows of closed region-days in (region, construct, day) order; columns `COLUMNS`.

        Raises:
            StorageError: `PUBLISHED_VALUES_NOT_READABLE`.
        """
        columns = [regional_values.c[name] for name in COLUMNS]
        query = sa.select(*columns).order_by(
            regional_values.c.region, regional_values.c.construct, regional_values.c.day
        )
        if region is not None:
            query = query.where(regional_values.c.region == region)
        if until is not None:
            query = query.where(regional_values.c.day <= until)
        rows = None
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(query).all()
        except SQLAlchemyError:
            pass
        if rows is None:
            raise StorageError("PUBLISHED_VALUES_NOT_READABLE")
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        return frame.astype({"estimate": float, "standard_error": float, "value_7d": float})
