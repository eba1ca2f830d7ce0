"""Right of the wall: the published values, read with a role that can read nothing else."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import StorageError, refuse_as
from resources.base.database.postgres import public_engine
from resources.base.database.tables import (
    evidence_cards,
    method_breaks,
    regional_values,
    retractions,
)
from resources.stores.published.evidence_cards import EvidenceCard
from resources.stores.published.newest_head import NEWEST_HEAD
from resources.stores.published.releases import TakenBack
from resources.stores.published.unchanged import refuse_changed_values

_OF_7_DAYS = ("value_7d", "standard_error_7d", "detectable_change_7d")
_OF_28_DAYS = ("value_28d", "standard_error_28d", "detectable_change_28d")
_VALUES = ("estimate", "standard_error", *_OF_7_DAYS, *_OF_28_DAYS)
COLUMNS = (
    "region",
    "day",
    "construct",
    "status",
    *_VALUES,
    "people_band",
    "micro_rho",
    "method_version",
    "revision",
    "reason",
)
BREAK_COLUMNS = ("day", "version_before", "version_after", "reason")
_RETRACTED = {"all": _VALUES, "value_7d": _OF_7_DAYS, "value_28d": _OF_28_DAYS}
_ROW = ("region", "day", "method_version", "revision")
_STANDING = ("region", "day", "construct", "status", "revision", "reason")


def state_of(published: pd.DataFrame) -> str:
    """A digest of what stands: another one after each release, revision and retraction.

    Args:
        published: of all regions, as `PublishedValues.read` gives them.

    Returns:
        64 hex digits.
    """
    standing = published[list(_STANDING)].to_numpy().tolist()
    return hashlib.sha256(json.dumps(standing, default=str).encode()).hexdigest()


class PublishedValues:
    """Reads `release.regional_values` as the public role."""

    def __init__(self, url: URL) -> None:
        self._engine = public_engine(url)

    def read(self, region: str | None = None, until: date | None = None) -> pd.DataFrame:
        """The values that stand, in (region, construct, day) order; columns `COLUMNS`.

        One row for each region, day and construct: the newest revision. What was retracted has
        no value, the status `retracted` where the whole day was, and the public reason.

        Raises:
            StorageError: `PUBLISHED_VALUES_NOT_READABLE`, `PUBLISHED_VALUES_CHANGED`.
        """
        stored = [name for name in COLUMNS if name != "reason"]
        query = sa.select(*(regional_values.c[name] for name in stored)).order_by(
            regional_values.c.region,
            regional_values.c.construct,
            regional_values.c.day,
            regional_values.c.revision,
        )
        if region is not None:
            query = query.where(regional_values.c.region == region)
        if until is not None:
            query = query.where(regional_values.c.day <= until)
        rows, withdrawn = self._fetch(
            query, sa.select(*(retractions.c[name] for name in (*_ROW, "scope", "reason")))
        )
        frame = pd.DataFrame(rows, columns=stored).drop_duplicates(
            ["region", "day", "construct"], keep="last", ignore_index=True
        )
        types: dict[str, str] = {**dict.fromkeys(_VALUES, "float"), "micro_rho": "Int64"}
        frame = frame.astype(types)
        frame["reason"] = None
        for *row, scope, reason in withdrawn:
            of_day = (frame[list(_ROW)] == row).all(axis=1) & (frame["status"] == "published")
            frame.loc[of_day, list(_RETRACTED[scope])] = float("nan")
            frame.loc[of_day, "reason"] = reason
            if scope == "all":
                frame.loc[of_day, ["people_band", "micro_rho"]] = None
                frame.loc[of_day, "status"] = "retracted"
        return frame.reindex(columns=list(COLUMNS))

    def chain_head(self) -> tuple[str, str]:
        """The newest head of the hash chain: ISO date and 64 hex digits; empty before the first.

        Raises:
            StorageError: `PUBLISHED_VALUES_NOT_READABLE`.
        """
        (rows,) = self._fetch(NEWEST_HEAD)
        return (rows[0].day.isoformat(), rows[0].head) if rows else ("", "")

    def breaks(self) -> pd.DataFrame:
        """The days from which another method made the values; columns `BREAK_COLUMNS`.

        Raises:
            StorageError: `PUBLISHED_VALUES_NOT_READABLE`.
        """
        columns = [method_breaks.c[name] for name in BREAK_COLUMNS]
        (rows,) = self._fetch(sa.select(*columns).order_by(method_breaks.c.day))
        return pd.DataFrame(rows, columns=list(BREAK_COLUMNS))

    def retractions(self) -> list[TakenBack]:
        """Every retraction, of pooled values too, in the order in which they were made.

        Raises:
            StorageError: `PUBLISHED_VALUES_NOT_READABLE`.
        """
        names = ("region", "day", "revision", "scope", "reason", "at")
        columns = [retractions.c[name] for name in names]
        order = [retractions.c[name] for name in ("at", "region", "day", "revision", "scope")]
        (rows,) = self._fetch(sa.select(*columns).order_by(*order))
        return [TakenBack(*of_day, at=at.astimezone(UTC)) for *of_day, at in map(tuple, rows)]

    def evidence(self) -> list[EvidenceCard]:
        """The card of every closed region-day, method and revision, by region, day and revision.

        Raises:
            StorageError: `PUBLISHED_VALUES_NOT_READABLE`.
        """
        columns = [evidence_cards.c[name] for name in EvidenceCard.__dataclass_fields__]
        order = [evidence_cards.c[name] for name in ("region", "day", "revision")]
        (rows,) = self._fetch(sa.select(*columns).order_by(*order))
        return [EvidenceCard(*row) for row in rows]

    def _fetch(self, *queries: sa.Select) -> list[Sequence[sa.Row]]:
        """The rows of several queries, of one moment, all of them as they were recorded."""
        refused = StorageError("PUBLISHED_VALUES_NOT_READABLE")
        with refuse_as(refused, SQLAlchemyError), self._engine.connect() as connection:
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            refuse_changed_values(connection)
            return [connection.execute(query).all() for query in queries]
