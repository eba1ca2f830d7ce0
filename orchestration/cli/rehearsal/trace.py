"""Every hop from a value on the page back to the exports: which run made it, from what."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import dagster as dg
import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import AuditError
from assets.core.names import (
    CONSENT_REGISTER,
    CONSTRUCT_MODEL,
    CONSTRUCT_RELATIONS,
    DASHBOARD,
    FORECAST,
    GROUP_SCORES,
    INBOX,
    NAME_TAGGER,
    PLATFORM_EXPORT,
    PUBLIC_RECORDS,
    REGIONAL_AGGREGATES,
    REVIEWED_FACTS,
    SCRUBBED_VECTORS,
    STUDY_REGISTER,
)
from assets.core.public_files import DATA, EVIDENCE
from assets.core.region_day import partition_key
from assets.public.records.evidence import points_of, read_evidence
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.database.tables import consent_events, regional_values, vectors
from resources.base.home import Home
from resources.stores.published.releases import Releases
from resources.stores.study.register import file_of

_BY_DAY = (FORECAST, REGIONAL_AGGREGATES, GROUP_SCORES, SCRUBBED_VECTORS, PLATFORM_EXPORT)
_MADE_OF = (
    (DASHBOARD, FORECAST),
    (DASHBOARD, CONSTRUCT_RELATIONS),
    (DASHBOARD, PUBLIC_RECORDS),
    (PUBLIC_RECORDS, REVIEWED_FACTS),
    (FORECAST, REGIONAL_AGGREGATES),
    (CONSTRUCT_RELATIONS, REGIONAL_AGGREGATES),
    (REGIONAL_AGGREGATES, GROUP_SCORES),
    (GROUP_SCORES, SCRUBBED_VECTORS),
    (GROUP_SCORES, CONSTRUCT_MODEL),
    (SCRUBBED_VECTORS, PLATFORM_EXPORT),
    (SCRUBBED_VECTORS, NAME_TAGGER),
)
"""What was made of what, so that the second was there before the first."""
_SHORT, _DIGEST = 12, 64


@dataclass(frozen=True)
class Point:
    """A published value as the page's own data file has it, with its id."""

    region: str
    day: date
    construct: str
    column: str
    value: str
    release: int
    point_id: str


@dataclass(frozen=True)
class Hop:
    """One step of the way.

    Attributes:
        asset: which.
        run: that made it; empty for what no run makes.
        told: its counts, and digests in short.
    """

    asset: str
    run: str
    told: str


def newest_point(home: Home) -> Point:
    """The newest published value of the newest release.

    Raises:
        AuditError: `REHEARSAL_NOTHING_PUBLISHED` if there is none, `LINEAGE_BROKEN` where the
            release's data are not those that its manifest names.
    """
    releases = Releases(home.public)
    pointed = releases.pointed()
    if pointed is None:
        raise AuditError("REHEARSAL_NOTHING_PUBLISHED")
    raw = (releases.folder(pointed[0]) / DATA).read_bytes()
    if releases.manifest(pointed[0])["files"][DATA]["sha256"] != sha256(raw).hexdigest():
        raise AuditError("LINEAGE_BROKEN")
    rows = [
        row
        for row in csv.DictReader(raw.decode("utf-8").splitlines())
        if row["row"] == row["status"] == "published" and (row["value_7d"] or row["estimate"])
    ]
    if not rows:
        raise AuditError("REHEARSAL_NOTHING_PUBLISHED")
    row = max(rows, key=lambda one: (one["day"], one["region"], one["construct"]))
    column = "value_7d" if row["value_7d"] else "estimate"
    day = date.fromisoformat(row["day"])
    of_row = row["region"], day, row["construct"], column, row[column]
    return Point(*of_row, pointed[0], row["point_id"])


def trace(home: Home, url: URL, instance: dg.DagsterInstance, point: Point) -> list[Hop]:
    """The way of a point, from the page back to the exports.

    Args:
        home: the home.
        url: its database.
        instance: its Dagster instance.
        point: on its page.

    Raises:
        AuditError: `LINEAGE_BROKEN` where a step is missing, its run did not succeed, what it is
            made of is younger than itself, or the database has another value than the page.
    """
    found = _records(instance, partition_key(point.region, point.day))
    _require_evidence(home, point)
    _require_same_value(url, point)
    hops = [Hop(asset, one.run_id, _told(_metadata(one))) for asset, one in found.items()]
    return [*hops, *_beginnings(home, url, point)]


def _records(instance: dg.DagsterInstance, key: str) -> dict[str, dg.EventLogRecord]:
    """What was made of each asset for one region-day, from the page on, each before its use."""
    found = {DASHBOARD: _newest(instance, DASHBOARD)}
    for made, of in _MADE_OF:
        if of not in found:
            day = key if of in _BY_DAY else None
            found[of] = _newest(instance, of, day, found[made].timestamp)
        elif found[of].timestamp > found[made].timestamp:
            raise AuditError("LINEAGE_BROKEN")
    return found


def _newest(
    instance: dg.DagsterInstance, asset: str, key: str | None = None, before: float | None = None
) -> dg.EventLogRecord:
    wanted = dg.AssetRecordsFilter(
        asset_key=dg.AssetKey(asset),
        asset_partitions=[key] if key else None,
        before_timestamp=before,
    )
    records: Sequence[dg.EventLogRecord] = instance.fetch_materializations(wanted, limit=1).records
    run = instance.get_run_by_id(records[0].run_id) if records else None
    if run is None or not run.is_success:
        raise AuditError("LINEAGE_BROKEN")
    return records[0]


def _metadata(record: dg.EventLogRecord) -> Mapping[str, object]:
    made = record.asset_materialization
    return {label: one.value for label, one in made.metadata.items()} if made else {}


def _told(metadata: Mapping[str, object]) -> str:
    return ", ".join(
        f"{label} {_short(one)}"
        for label, one in metadata.items()
        if not label.startswith("dagster") and one != 0
    )


def _short(told: object) -> str:
    """A digest by its beginning; what is none as it is."""
    text = str(told)
    return text[:_SHORT] if len(text) == _DIGEST else text


def _require_evidence(home: Home, point: Point) -> None:
    """The point's id leads to the evidence of its release."""
    folder = Releases(home.public).folder(point.release)
    cards = read_evidence((folder / EVIDENCE).read_bytes())
    if point.point_id not in {one for card in cards for one in points_of(card).values()}:
        raise AuditError("LINEAGE_BROKEN")


def _require_same_value(url: URL, point: Point) -> None:
    """The page's value is the one that the release stored, but for decimals."""
    column = regional_values.c[point.column]
    query = (
        sa.select(column)
        .where(
            regional_values.c.region == point.region,
            regional_values.c.day == point.day,
            regional_values.c.construct == point.construct,
        )
        .order_by(regional_values.c.revision.desc())
        .limit(1)
    )
    with Database(url, Role.AUDITOR).transaction() as connection:
        stored = connection.execute(query).scalar()
    decimals = len(point.value.partition(".")[2])
    if stored is None or round(stored, decimals) != float(point.value):
        raise AuditError("LINEAGE_BROKEN")


def _beginnings(home: Home, url: URL, point: Point) -> list[Hop]:
    """What no run made: the exports that supplied the day, the consents, the study register."""
    of_day = sa.select(vectors.c.export_digest).where(
        vectors.c.region == point.region, vectors.c.day == point.day
    )
    with Database(url, Role.AUDITOR).transaction() as connection:
        digests = sorted(connection.execute(of_day).scalars())
        events = connection.execute(sa.select(sa.func.count()).select_from(consent_events)).scalar()
    if not digests or not events:
        raise AuditError("LINEAGE_BROKEN")
    register = sha256(file_of(home).read_bytes()).hexdigest()
    named = " ".join(one[:_SHORT] for one in digests)
    return [
        Hop(INBOX, "", f"{len(digests)} exports: {named}"),
        Hop(CONSENT_REGISTER, "", f"events {events}"),
        Hop(STUDY_REGISTER, "", f"sha256 {register[:_SHORT]}"),
    ]
