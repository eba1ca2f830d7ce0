"""Taking back what was published, and asking that it be drawn again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest

import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import regional_values, release_reasons, retractions
from resources.stores import ledger
from resources.stores.group_locks import take_retractions
from resources.stores.release.release_ledger import CLOCK_TOLERANCE, DrawKey
from resources.stores.release.release_requests import Request, RequestKind, add_request
from resources.stores.release.release_store import ReleaseStore

_DAY = timedelta(days=1)
_POOLED = {"value_7d": 6, "value_28d": 27}
"""Pooled values, and how many days later than a day they still hold its draw."""

_FURTHEST = max(_POOLED.values()) * _DAY
_HELD = "POOLED_ONLY"
"""Restricted reason of a day whose draw shows only in its week's pooled value."""

_KEY = ("region", "day", "method_version", "revision")


class RetractionReason(StrEnum):
    """Public reasons of a retraction; a revision takes the same."""

    SCORING_ERROR = "scoring_error"
    CONSENT_ERROR = "consent_error"
    COLLECTION_ERROR = "collection_error"
    RELEASE_ERROR = "release_error"


@dataclass(frozen=True)
class Retracted:
    """What a retraction takes away that still stood.

    Attributes:
        closed: closed days of the range; not published ones are marked with the others, so that
            the marks say nothing about why a day was not published.
        published: those of them that showed values.
        value_7d: days, later ones included, whose 7-day value goes, as it pools a retracted day.
        value_28d: likewise of 28 days.
    """

    closed: tuple[date, ...] = ()
    published: tuple[date, ...] = ()
    value_7d: tuple[date, ...] = ()
    value_28d: tuple[date, ...] = ()


class Corrections:
    """Retracts region-days, and opens requests to revise them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def would_retract(self, region: str, first: date, last: date) -> Retracted:
        """What `retract` would take away, without doing it.

        Raises:
            ReleaseError: `REGION_DAY_NOT_CLOSED` if none of these days is closed.
        """
        with self._database.transaction() as connection:
            return _to_retract(_closed_days(connection, region, first, last), first, last)[0]

    def retract(
        self,
        region: str,
        first: date,
        last: date,
        reason: RetractionReason,
        person: str,
        now: datetime,
    ) -> Retracted:
        """Take back the values of days, and the pooled values of later days that hold them.

        The rows themselves stay, as does the budget that they cost. Doing it again changes nothing.

        Args:
            region: a region.
            first: first day.
            last: last day; open days of the range are passed over.
            reason: the public reason.
            person: who asked, and has been confirmed.
            now: the moment.

        A release that runs meanwhile is not waited for: it takes back what it pools itself, when it
        stores it (`ReleaseStore.close`).

        Raises:
            ReleaseError: `REGION_DAY_NOT_CLOSED` if none of these days is closed.
            StorageError: what `at_once` raises: nothing was recorded.
        """

        def record(connection: sa.Connection) -> Retracted:
            take_retractions(connection, region)
            done, rows = _to_retract(_closed_days(connection, region, first, last), first, last)
            if rows:
                connection.execute(
                    retractions.insert(),
                    [{"region": region, **row, "reason": reason.value, "at": now} for row in rows],
                )
                request = Request(
                    kind=RequestKind.RETRACTION,
                    person=person,
                    region=region,
                    day=first,
                    last_day=last,
                    reason=reason.value,
                )
                add_request(connection, request, now)
            for day in done.closed:
                ledger.record(
                    connection, ledger.Kind.REGION_DAY_RETRACTED, 1, now, region=region, day=day
                )
            return done

        return at_once(self._database, record)

    def ask_revision(
        self, region: str, day: date, reason: RetractionReason, person: str, now: datetime
    ) -> str:
        """Ask that a closed region-day be drawn again; nothing is drawn or paid yet.

        Returns:
            The request's reference, for a second person to approve.

        Raises:
            ReleaseError: `REGION_DAY_NOT_CLOSED`.
        """
        newest = self._newest(region, day)
        request = Request(
            kind=RequestKind.REVISION,
            person=person,
            region=region,
            day=day,
            revision=newest.revision,
            method_version=newest.method_version,
            reason=reason.value,
        )
        with self._database.transaction() as connection:
            return add_request(connection, request, now)

    def to_revise(self, request: Request) -> DrawKey:
        """The draw that a request asks to be made again; ask under the region-day's lock.

        Raises:
            ReleaseError: `REQUEST_DONE` if the region-day was revised since it was asked.
        """
        assert request.region is not None  # noqa: S101  (a revision's request has one)
        newest = self._newest(request.region, request.day)
        if newest.revision != request.revision:
            raise ReleaseError("REQUEST_DONE")
        return newest

    def _newest(self, region: str, day: date) -> DrawKey:
        newest = ReleaseStore(self._database).newest_revision(region, day)
        if newest is None:
            raise ReleaseError("REGION_DAY_NOT_CLOSED")
        return newest


@dataclass(frozen=True)
class _Revision:
    """One revision of a closed region-day, by its first construct: all close together."""

    method_version: str
    revision: int
    closed_at: datetime
    own: bool
    held: bool
    pooled: frozenset[str]
    retracted: Mapping[str, datetime]

    def is_in(self, later: "_Revision") -> bool:
        """Whether a later day's pooled values were made with this draw, if it was in force then."""
        gone = self.retracted.get("all")
        used = self.own if later.own else self.held
        return used and not (gone is not None and gone < later.closed_at)


def _closed_days(
    connection: sa.Connection, region: str, first: date, last: date
) -> Mapping[date, Sequence[_Revision]]:
    """Revisions, oldest first, of the closed days of a range and of those that may pool them."""

    def within(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.region == region, table.c.day.between(first, last + _FURTHEST))

    gone: dict[tuple[date, str, int], dict[str, datetime]] = defaultdict(dict)
    for row in connection.execute(sa.select(retractions).where(within(retractions))):
        gone[row.day, row.method_version, row.revision][row.scope] = row.at
    same = sa.and_(*(regional_values.c[name] == release_reasons.c[name] for name in _KEY))
    found: dict[date, list[_Revision]] = defaultdict(list)
    for row in connection.execute(
        sa.select(regional_values, release_reasons.c.code)
        .outerjoin(release_reasons, same)
        .where(within(regional_values), regional_values.c.construct == CONSTRUCTS[0])
        .order_by(regional_values.c.day, regional_values.c.revision)
    ).mappings():
        key = row["day"], row["method_version"], row["revision"]
        found[row["day"]].append(
            _Revision(
                *key[1:],
                closed_at=row["closed_at"],
                own=row["estimate"] is not None,
                held=row["code"] == _HELD,
                pooled=frozenset(scope for scope in _POOLED if row[scope] is not None),
                retracted=gone[key],
            )
        )
    return found


def _to_retract(
    closed: Mapping[date, Sequence[_Revision]], first: date, last: date
) -> tuple[Retracted, list[dict[str, object]]]:
    """What goes, and the rows that say so.

    Raises:
        ReleaseError: `REGION_DAY_NOT_CLOSED`.
    """
    if not any(first <= day <= last for day in closed):
        raise ReleaseError("REGION_DAY_NOT_CLOSED")
    newest = {day: revisions[-1] for day, revisions in closed.items()}
    going = [day for day in closed if first <= day <= last and "all" not in newest[day].retracted]
    published = [day for day in going if newest[day].own or newest[day].pooled]
    pooled: dict[str, list[date]] = {
        scope: [
            day for day in published if scope in newest[day].pooled - newest[day].retracted.keys()
        ]
        for scope in _POOLED
    }
    rows = [_row(day, newest[day], "all") for day in going]
    for day, revision in newest.items():
        if day in going or "all" in revision.retracted:
            continue
        for scope in revision.pooled - revision.retracted.keys():
            if any(
                _DAY <= day - gone <= _POOLED[scope] * _DAY
                and any(one.is_in(revision) for one in _in_force(closed[gone], revision.closed_at))
                for gone in going
            ):
                rows.append(_row(day, revision, scope))
                pooled[scope].append(day)
    done = Retracted(
        tuple(going), tuple(published), **{scope: tuple(sorted(pooled[scope])) for scope in pooled}
    )
    return done, rows


def _in_force(revisions: Sequence[_Revision], moment: datetime) -> Sequence[_Revision]:
    """A day's revisions that may have been the newest at a moment, give or take the clock."""
    ends = [later.closed_at for later in revisions[1:]]
    return [
        one
        for one, end in zip_longest(revisions, ends)
        if one.closed_at <= moment + CLOCK_TOLERANCE
        and (end is None or end >= moment - CLOCK_TOLERANCE)
    ]


def _row(day: date, revision: _Revision, scope: str) -> dict[str, object]:
    return {
        "day": day,
        "method_version": revision.method_version,
        "revision": revision.revision,
        "scope": scope,
    }
