"""The release tables: a region-day closes once, and what was published is never drawn again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from assets.core.london_time import LONDON
from assets.released.noise_scales import NoisyTotals
from resources.base.database.connection import Database
from resources.base.database.tables import (
    noisy_draws,
    regional_values,
    release_reasons,
    retractions,
)
from resources.stores import ledger
from resources.stores.consent.consent_register import consent_in, newest_event
from resources.stores.group_locks import hold_register, take_retractions
from resources.stores.published.newest_head import newest_head
from resources.stores.release.closing import Closing
from resources.stores.release.evidence import Closed, Releasing, record_evidence
from resources.stores.release.release_ledger import DrawKey, Step, add_step, refuse_changed_register

_KEY = ("region", "day", "method_version", "revision")


@dataclass(frozen=True, kw_only=True)
class RegionalValue:
    """One row of `regional_aggregates` (design: 'Contracts').

    Attributes:
        construct: burnout, resilience or resistance.
        status: `published` or `not_published`.
        estimate: the day's own value, in [0, 1]; None where it is not published.
        standard_error: of the estimate, from public constants.
        value_7d: pooled over the published days among the last seven.
        standard_error_7d: of it.
        detectable_change_7d: smallest change told from chance between two such values.
        value_28d: pooled over the published days among the last 28.
        standard_error_28d: of it.
        detectable_change_28d: as for seven days.
        people_band: coarse band of people a day.
        micro_rho: what the draw cost, the noise's known size.
    """

    construct: str
    status: str
    estimate: float | None = None
    standard_error: float | None = None
    value_7d: float | None = None
    standard_error_7d: float | None = None
    detectable_change_7d: float | None = None
    value_28d: float | None = None
    standard_error_28d: float | None = None
    detectable_change_28d: float | None = None
    people_band: str | None = None
    micro_rho: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReleasedValue(RegionalValue):
    """A row of `regional_aggregates` as it was stored."""

    region: str
    day: date
    method_version: str
    revision: int

    @property
    def key(self) -> DrawKey:
        """What it was drawn by."""
        return DrawKey(self.region, self.day, self.method_version, self.revision)


@dataclass(frozen=True)
class StoredDraw:
    """A noisy draw and what became of it.

    Attributes:
        key: of the draw.
        drawn: the noisy totals.
        published: whether the day's own values were published by it.
        reason: restricted code of why not, if not.
    """

    key: DrawKey
    drawn: NoisyTotals
    published: bool
    reason: str | None


@dataclass(frozen=True)
class Heeded:
    """What a region-day's values were made from.

    Attributes:
        register_seq: number of the newest consent event that was heeded.
        groups: references of the groups of the draw.
        pooled: the earlier draws in each pooled value, by its name.
    """

    register_seq: int
    groups: frozenset[str] = frozenset()
    pooled: Mapping[str, Collection[DrawKey]] = field(default_factory=dict)


class ReleaseStore:
    """Closes region-days, and finds what earlier ones were made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(
        self,
        key: DrawKey,
        values: Sequence[RegionalValue],
        *,
        drawn: NoisyTotals | None,
        reason: str | None,
        now: datetime,
        releasing: Releasing,
        burned: int | None = None,
        heeded: Heeded | None = None,
    ) -> None:
        """Store a region-day's values for good, in one transaction with what they were drawn from.

        Args:
            key: the region-day, method and revision.
            values: one row for each construct; none for a method that runs in shadow.
            drawn: the noisy totals, if noise was drawn.
            reason: restricted code of why the day's own values are not published, else None.
            now: the moment of closing.
            releasing: who closes it, for its evidence.
            burned: budget of a draw that was lost, if one was.
            heeded: what the values were made from; None if from nothing.

        Raises:
            ReleaseError: `REGISTER_CHANGED` where nothing was drawn and the consent register is
                not as it was, `GROUP_LEFT_DURING_DRAW` if a group of the draw has left since;
                nothing changes.
            StorageError: `DATABASE_REFUSED` if it is closed already; nothing changes.
        """
        with self._database.transaction() as connection:
            take_retractions(connection, key.region)
            if heeded is not None:
                _refuse_if_left(connection, key, heeded, now, drawn=drawn is not None)
            if values:
                connection.execute(
                    regional_values.insert(),
                    [{**vars(key), "closed_at": now, **vars(value)} for value in values],
                )
            if drawn is not None:
                connection.execute(
                    noisy_draws.insert().values(
                        **vars(key),
                        at=now,
                        micro_rho=drawn.micro_rho,
                        person_days=drawn.person_days,
                        **drawn.sums_milli,
                    )
                )
                add_step(connection, key, Step.STORED, drawn.micro_rho, now)
            if burned is not None:
                add_step(connection, key, Step.BURNED, burned, now)
            if reason:
                connection.execute(
                    release_reasons.insert().values(**vars(key), at=now, code=reason)
                )
            cost = drawn.micro_rho if drawn is not None else burned
            record_evidence(
                connection,
                key,
                releasing,
                _closed(values, heeded, cost),
                now,
                chain_head=newest_head(connection),
            )
            if heeded is not None and values:
                _complete_retractions(connection, key, values, heeded, now)
            kind = _kind(key, burned=burned is not None, shadow=not values)
            ledger.record(connection, kind, 1, now, region=key.region, day=key.day)

    def draws(self, region: str, version: str, first: date, last: date) -> list[StoredDraw]:
        """Draws of a method from `first` to `last`, in day order; of each day the newest revision.

        A day that was retracted, or whose newest revision drew nothing, is left out.
        """
        query = (
            sa.select(
                regional_values.c.day,
                regional_values.c.revision,
                regional_values.c.estimate,
                noisy_draws.c.micro_rho,
                noisy_draws.c.person_days,
                *(noisy_draws.c[construct] for construct in CONSTRUCTS),
                release_reasons.c.code,
                retractions.c.scope,
            )
            .outerjoin(noisy_draws, _same(noisy_draws))
            .outerjoin(release_reasons, _same(release_reasons))
            .outerjoin(retractions, sa.and_(_same(retractions), retractions.c.scope == "all"))
            .where(
                regional_values.c.region == region,
                regional_values.c.method_version == version,
                regional_values.c.construct == CONSTRUCTS[0],
                regional_values.c.day.between(first, last),
            )
            .order_by(regional_values.c.day, regional_values.c.revision)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query).mappings().all()
        newest = {row["day"]: row for row in rows}
        return [
            StoredDraw(
                DrawKey(region, row["day"], version, row["revision"]),
                _noisy_totals(row),
                published=row["estimate"] is not None,
                reason=row["code"],
            )
            for row in newest.values()
            if row["micro_rho"] is not None and row["scope"] is None
        ]

    def drawn(self, region: str, days: Collection[date]) -> Mapping[DrawKey, NoisyTotals]:
        """Every noisy draw of these days, whatever became of it."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(noisy_draws).where(
                    noisy_draws.c.region == region, noisy_draws.c.day.in_(days)
                )
            ).mappings()
            return {
                DrawKey(region, row["day"], row["method_version"], row["revision"]): _noisy_totals(
                    row
                )
                for row in rows
            }

    def closings(self, region: str) -> list[Closing]:
        """Every closed day of the region and when it closed first, in day order."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(regional_values.c.day, sa.func.min(regional_values.c.closed_at))
                .where(regional_values.c.region == region)
                .group_by(regional_values.c.day)
                .order_by(regional_values.c.day)
            ).all()
        return [Closing(*row) for row in rows]

    def values(self, region: str, days: Collection[date]) -> list[ReleasedValue]:
        """Every released value of these days, in (day, construct, revision) order."""
        columns = [regional_values.c[name] for name in ReleasedValue.__dataclass_fields__]
        with self._database.transaction() as connection:
            rows = connection.execute(
                sa.select(*columns)
                .where(regional_values.c.region == region, regional_values.c.day.in_(days))
                .order_by(
                    regional_values.c.day,
                    regional_values.c.construct,
                    regional_values.c.method_version,
                    regional_values.c.revision,
                )
            ).mappings()
            return [ReleasedValue(**row) for row in rows]

    def newest_revision(self, region: str, day: date) -> DrawKey | None:
        """The newest revision of a closed region-day; None while it is open."""
        with self._database.transaction() as connection:
            row = connection.execute(
                sa.select(regional_values.c.method_version, regional_values.c.revision)
                .where(regional_values.c.region == region, regional_values.c.day == day)
                .order_by(regional_values.c.revision.desc())
                .limit(1)
            ).one_or_none()
        return DrawKey(region, day, *row) if row else None

    def outcomes(self, region: str) -> Mapping[date, tuple[str, str | None]]:
        """What became of every closed day of the region, by its newest revision.

        Returns:
            By day `published`, `not_published` or `retracted`, and the restricted reason if any.
        """
        query = (
            sa.select(
                regional_values.c.day,
                regional_values.c.status,
                release_reasons.c.code,
                retractions.c.scope,
            )
            .outerjoin(release_reasons, _same(release_reasons))
            .outerjoin(retractions, sa.and_(_same(retractions), retractions.c.scope == "all"))
            .where(regional_values.c.region == region, regional_values.c.construct == CONSTRUCTS[0])
            .order_by(regional_values.c.day, regional_values.c.revision)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return {row[0]: ("retracted" if row[3] else row[1], row[2]) for row in rows}


def _closed(values: Sequence[RegionalValue], heeded: Heeded | None, cost: int | None) -> Closed:
    return Closed(
        groups=heeded.groups if heeded is not None else frozenset(),
        micro_rho=cost,
        published=values[0].status == "published" if values else None,
        shown_micro_rho=values[0].micro_rho if values else None,
    )


def _refuse_if_left(
    connection: sa.Connection, key: DrawKey, heeded: Heeded, now: datetime, *, drawn: bool
) -> None:
    """Refuse to store what somebody who has left since is in.

    Raises:
        ReleaseError: as `ReleaseStore.close`.
    """
    if not drawn:
        refuse_changed_register(connection, heeded.register_seq)
        return
    hold_register(connection)
    if newest_event(connection) == heeded.register_seq:
        return
    today = now.astimezone(LONDON).date()
    for group_ref in heeded.groups:
        consent = consent_in(connection, group_ref)
        if consent is None or consent.refusal(key.day, today, consent.mode) is not None:
            raise ReleaseError("GROUP_LEFT_DURING_DRAW")


def _complete_retractions(
    connection: sa.Connection,
    key: DrawKey,
    values: Sequence[RegionalValue],
    heeded: Heeded,
    now: datetime,
) -> None:
    """Take back pooled values that hold a draw which was retracted while they were made."""
    for scope, draws in heeded.pooled.items():
        if not draws or all(getattr(one, scope) is None for one in values):
            continue
        place = sa.tuple_(*(retractions.c[name] for name in _KEY))
        gone = connection.execute(
            sa.select(retractions.c.reason, retractions.c.at)
            .where(
                retractions.c.scope == "all",
                place.in_([tuple(vars(one).values()) for one in draws]),
            )
            .order_by(retractions.c.at.desc())
            .limit(1)
        ).one_or_none()
        if gone is not None:
            connection.execute(
                retractions.insert().values(
                    **vars(key), scope=scope, reason=gone.reason, at=max(gone.at, now)
                )
            )


def _noisy_totals(row: sa.RowMapping) -> NoisyTotals:
    return NoisyTotals(
        row["person_days"], {name: row[name] for name in CONSTRUCTS}, row["micro_rho"]
    )


def _same(other: sa.Table) -> sa.ColumnElement[bool]:
    """The same region-day, method and revision as a row of `regional_values`."""
    return sa.and_(*(regional_values.c[name] == other.c[name] for name in _KEY))


def _kind(key: DrawKey, *, burned: bool, shadow: bool) -> ledger.Kind:
    if burned:
        return ledger.Kind.DRAW_BURNED
    if shadow:
        return ledger.Kind.SHADOW_DRAWN
    return ledger.Kind.REGION_DAY_REVISED if key.revision else ledger.Kind.REGION_DAY_CLOSED
