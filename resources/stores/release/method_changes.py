"""Changing the release method: a new one runs in shadow beside the old before it replaces it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from assets.core.errors import ReleaseError
from assets.released.method import method_of
from resources.base.database.connection import Database
from resources.base.database.tables import (
    method_breaks,
    method_shadows,
    noisy_draws,
    regional_values,
)
from resources.stores.release.release_methods import ReleaseMethods
from resources.stores.release.release_requests import Request, RequestKind, add_request

LEAST_SHADOW_DAYS = 28
"""Four weeks, so that the two can be compared on 28-day values as well."""

_DAY = timedelta(days=1)


class BreakReason(StrEnum):
    """Public reasons of a change of method."""

    METHOD_IMPROVED = "method_improved"
    SCORES_CHANGED = "scores_changed"


@dataclass(frozen=True)
class Shadow:
    """A method that runs beside the one in use.

    Attributes:
        version: of the method.
        from_day: first data day that it draws.
        days: stored draws of it since, by region; regions that published something since and have
            none are there with 0.
    """

    version: str
    from_day: date
    days: Mapping[str, int]

    @property
    def long_enough(self) -> bool:
        """Whether every region that published has `LEAST_SHADOW_DAYS`, and one did."""
        return bool(self.days) and min(self.days.values()) >= LEAST_SHADOW_DAYS


class MethodChanges:
    """Starts and ends shadows, and puts a method in the place of another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._methods = ReleaseMethods(database)

    def shadow(self) -> Shadow | None:
        """The method that runs in shadow, from whichever day; None if there is none."""
        plan = self._methods.plan(date.max)
        if plan.shadow is None:
            return None
        version = plan.shadow.version
        with self._database.transaction() as connection:
            from_day = connection.execute(
                sa.select(method_shadows.c.from_day)
                .where(method_shadows.c.method_version == version, method_shadows.c.runs)
                .order_by(method_shadows.c.seq.desc())
                .limit(1)
            ).scalar_one()
            drawn = sa.select(noisy_draws.c.region, sa.func.count()).where(
                noisy_draws.c.method_version == version, noisy_draws.c.day >= from_day
            )
            published = (
                sa.select(regional_values.c.region)
                .where(regional_values.c.status == "published", regional_values.c.day >= from_day)
                .distinct()
            )
            regions = sorted(connection.execute(published).scalars())
            rows = connection.execute(drawn.group_by(noisy_draws.c.region)).all()
        counts: dict[str, int] = {region: many for region, many in rows}  # noqa: C416  (typed)
        # Where nothing was published there was nothing to compare with.
        return Shadow(version, from_day, {region: counts.get(region, 0) for region in regions})

    def start_shadow(
        self, version: str, from_day: date, person: str, now: datetime, today: date
    ) -> None:
        """Draw by a method beside the one in use, from a day on; the two share the day's budget.

        Args:
            version: of the method.
            from_day: first day, not over yet.
            person: who asked, and has been confirmed.
            now: the moment.
            today: the day now.

        Raises:
            ReleaseError: `METHOD_UNKNOWN`, `METHOD_IN_USE`, `SHADOW_RUNS`, `METHOD_DAY_TAKEN`.
        """
        method_of(version)
        self._refuse_taken(from_day, today)
        plan = self._methods.plan(date.max)
        if plan.method.version == version:
            raise ReleaseError("METHOD_IN_USE")
        if plan.shadow is not None:
            raise ReleaseError("SHADOW_RUNS")
        request = Request(
            kind=RequestKind.SHADOW, person=person, day=from_day, method_version=version
        )
        with self._database.transaction() as connection:
            _set_shadow(connection, version, from_day, now, runs=True)
            add_request(connection, request, now)

    def stop_shadow(self, version: str, now: datetime, today: date) -> date:
        """End a shadow; days that are over keep theirs, so that all regions draw a day alike.

        Returns:
            The first day without it.

        Raises:
            ReleaseError: `METHOD_UNKNOWN`, `SHADOW_NOT_RUNNING`.
        """
        method_of(version)
        running = self._methods.plan(date.max).shadow
        if running is None or running.version != version:
            raise ReleaseError("SHADOW_NOT_RUNNING")
        with self._database.transaction() as connection:
            newest = _latest_closed(connection)
            from_day = today if newest is None else max(today, newest + _DAY)
            _set_shadow(connection, version, from_day, now, runs=False)
        return from_day

    def ask_adoption(
        self,
        version: str,
        from_day: date,
        reason: BreakReason,
        person: str,
        now: datetime,
        today: date,
    ) -> str:
        """Ask that a method draw the published values from a day on.

        Args:
            version: of the method.
            from_day: first day, not over yet.
            reason: the public reason.
            person: who asked, and has been confirmed.
            now: the moment.
            today: the day now.

        Returns:
            The request's reference, for a second person to approve.

        Raises:
            ReleaseError: `METHOD_UNKNOWN`, `METHOD_IN_USE`, `METHOD_DAY_TAKEN`,
                `SHADOW_TOO_SHORT`.
        """
        request = Request(
            kind=RequestKind.ADOPTION,
            person=person,
            day=from_day,
            method_version=version,
            reason=reason.value,
        )
        self.refuse_adoption(request, today)
        with self._database.transaction() as connection:
            return add_request(connection, request, now)

    def adopt(self, request: Request, now: datetime, today: date) -> None:
        """Do what was asked: publish the break, and end the shadow at it.

        Args:
            request: an adoption that a second person has approved.
            now: the moment.
            today: the day now.

        Raises:
            ReleaseError: what `refuse_adoption` raises.
        """
        self.refuse_adoption(request, today)
        version = _version(request)
        before = self._methods.plan(request.day).method.version
        with self._database.transaction() as connection:
            connection.execute(
                method_breaks.insert().values(
                    day=request.day,
                    version_before=before,
                    version_after=version,
                    reason=request.reason,
                    at=now,
                )
            )
            # Else it would come back as a shadow once a third method replaced it.
            _set_shadow(connection, version, request.day, now, runs=False)

    def refuse_adoption(self, request: Request, today: date) -> None:
        """Let through only an adoption that may be done today.

        Raises:
            ReleaseError: as `ask_adoption`, and `REQUEST_DONE`.
        """
        version = _version(request)
        method_of(version)
        if (request.day, version) in self.breaks():
            raise ReleaseError("REQUEST_DONE")
        if self._methods.plan(date.max).method.version == version:
            raise ReleaseError("METHOD_IN_USE")
        self._refuse_taken(request.day, today)
        shadow = self.shadow()
        if shadow is None or shadow.version != version or not shadow.long_enough:
            raise ReleaseError("SHADOW_TOO_SHORT")

    def breaks(self) -> list[tuple[date, str]]:
        """Changes of method that are set, in day order: first day, and version from then on."""
        query = sa.select(method_breaks.c.day, method_breaks.c.version_after)
        with self._database.transaction() as connection:
            rows = connection.execute(query.order_by(method_breaks.c.day)).all()
        return [(day, version) for day, version in rows]

    def _refuse_taken(self, from_day: date, today: date) -> None:
        """Refuse a first day that some region may be closing now, or by another method.

        A day that is not over can't be closing, so no run can have looked up its method before.

        Raises:
            ReleaseError: `METHOD_DAY_TAKEN`.
        """
        with self._database.transaction() as connection:
            taken = [
                _latest_closed(connection),
                connection.execute(sa.select(sa.func.max(method_breaks.c.day))).scalar(),
            ]
        if from_day < today or any(day is not None and from_day <= day for day in taken):
            raise ReleaseError("METHOD_DAY_TAKEN")


def _version(request: Request) -> str:
    assert request.method_version is not None  # noqa: S101  (an adoption's request has one)
    return request.method_version


def _latest_closed(connection: sa.Connection) -> date | None:
    return connection.execute(sa.select(sa.func.max(regional_values.c.day))).scalar()


def _set_shadow(
    connection: sa.Connection, version: str, from_day: date, now: datetime, *, runs: bool
) -> None:
    connection.execute(
        method_shadows.insert().values(at=now, method_version=version, from_day=from_day, runs=runs)
    )
