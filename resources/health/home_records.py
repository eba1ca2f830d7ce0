"""What the home recorded of backups, releases and deliveries, and what lies in its inbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.database.tables import export_reports, ledger, regional_values
from resources.base.home import Home
from resources.stores.consent.consent_state import Consent
from resources.stores.consent.consent_terms import GROUP_REF
from resources.stores.inbox.file_names import export_named
from resources.stores.inbox.inbox import Inbox
from resources.stores.ledger import Kind
from resources.stores.published.releases import Releases


@dataclass(frozen=True)
class RegionReleases:
    """How far a region's release is.

    Attributes:
        consented_from: the first day that any group of it consented to; None without one.
        closed_until: its newest closed day; None before the first.
    """

    consented_from: date | None
    closed_until: date | None


@dataclass(frozen=True)
class ReleaseRecords:
    """What was closed and published.

    Attributes:
        regions: of each region, by key.
        closed_at: when a region-day last closed (aware); None before the first.
        published_at: when the newest release folder was put in place (aware); None before.
    """

    regions: Mapping[str, RegionReleases]
    closed_at: datetime | None
    published_at: datetime | None


@dataclass(frozen=True)
class Lying:
    """An export in the inbox.

    Attributes:
        group_ref: the group whose folder it lies in; None if that is no reference.
        arrived_at: when it came (aware).
        is_waited_for: whether its group may be read now and no run has looked at it.
    """

    group_ref: str | None
    arrived_at: datetime
    is_waited_for: bool


def newest_backup(database: Database) -> datetime | None:
    """When the home's backup was last written (aware), as the ledger has it.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_REFUSED`; as all functions here.
    """
    newest = sa.select(sa.func.max(ledger.c.at)).where(ledger.c.kind == Kind.BACKUP_WRITTEN)
    with database.transaction() as connection:
        return connection.execute(newest).scalar()


def release_records(
    home: Home, database: Database, consents: Mapping[str, Consent]
) -> ReleaseRecords:
    """What was closed and published; `consents` are those of all groups."""
    closed = sa.select(
        regional_values.c.region,
        sa.func.max(regional_values.c.day),
        sa.func.max(regional_values.c.closed_at),
    ).group_by(regional_values.c.region)
    with database.transaction() as connection:
        found = {region: (day, at) for region, day, at in connection.execute(closed)}
    return ReleaseRecords(
        {
            region: RegionReleases(
                min((c.valid_from for c in consents.values() if c.region == region), default=None),
                found[region][0] if region in found else None,
            )
            for region in home.regions
        },
        max((at for _, at in found.values()), default=None),
        _published_at(home),
    )


def _published_at(home: Home) -> datetime | None:
    releases = Releases(home.public)
    numbers = releases.numbers()
    if not numbers:
        return None
    # A folder is put in place by one rename, and is not written into but by a retraction.
    return datetime.fromtimestamp(releases.folder(numbers[-1]).stat().st_mtime).astimezone()


def lying_exports(
    home: Home,
    database: Database,
    inbox: Inbox,
    consents: Mapping[str, Consent],
    clock: Clock,
) -> list[Lying]:
    """Every export in the inbox; names are looked at, and no file is opened.

    Raises:
        StorageError: `INBOX_NOT_REACHABLE`.
    """
    with database.transaction() as connection:
        reported = set(connection.execute(sa.select(export_reports.c.digest)).scalars())
    today = clock.today()
    readable = {
        ref
        for ref, one in consents.items()
        if one.refusal(min(today, one.valid_until), today, home.config.mode) is None
    }
    lying = []
    for path in inbox.location.tree():
        named = export_named(path)
        if named is None:
            continue
        arrived_at, digest = named
        folder = inbox.location.folder_of(path)
        ref = folder if GROUP_REF.fullmatch(folder) else None
        lying.append(Lying(ref, arrived_at, ref in readable and digest not in reported))
    return lying


def lifetime_of(home: Home) -> timedelta:
    """How long an export may lie there."""
    return timedelta(days=home.config.inbox_lifetime_days)
