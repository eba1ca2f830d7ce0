"""What people asked to be corrected, and what a second person approved."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from assets.core.errors import ReleaseError
from resources.base.database.connection import Database
from resources.base.database.tables import release_approvals, release_requests

OPEN_FOR = timedelta(days=14)


class RequestKind(StrEnum):
    """What was asked for."""

    RETRACTION = "retraction"
    REVISION = "revision"
    SHADOW = "shadow"
    ADOPTION = "adoption"


NEED_TWO = frozenset({RequestKind.REVISION, RequestKind.ADOPTION})


@dataclass(frozen=True, kw_only=True)
class Request:
    """One thing asked for.

    Attributes:
        kind: what.
        person: who asked.
        day: the region-day's day, the first one of a range, or the first one of a method.
        region: of a region-day; None for a method.
        last_day: of a range.
        revision: the region-day's newest revision when it was asked.
        method_version: of a method, or of the region-day's newest revision.
        reason: public reason.
    """

    kind: RequestKind
    person: str
    day: date
    region: str | None = None
    last_day: date | None = None
    revision: int | None = None
    method_version: str | None = None
    reason: str | None = None


class ReleaseRequests:
    """Finds requests and who may approve them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def to_approve(self, ref: str, now: datetime) -> Request:
        """A request that waits for a second person.

        Raises:
            ReleaseError: `REQUEST_UNKNOWN`, `REQUEST_EXPIRED`.
        """
        return self._open(ref, now)[0]

    def for_second_person(
        self, ref: str, person: str, registered: Mapping[str, datetime], now: datetime
    ) -> Request:
        """The request, if this person may approve it.

        Args:
            ref: of the request.
            person: who would approve, and has been confirmed.
            registered: since when everyone is registered who is now.
            now: the moment.

        Raises:
            ReleaseError: `REVISION_NEEDS_TWO` for the person who asked, or if one of the two was
                not registered when it was asked or since, for a name that was registered anew may
                be anyone's; what `to_approve` raises.
        """
        request, asked_at = self._open(ref, now)
        known = {name for name, since in registered.items() if since <= asked_at}
        if person == request.person or not {person, request.person} <= known:
            raise ReleaseError("REVISION_NEEDS_TWO")
        return request

    def _open(self, ref: str, now: datetime) -> tuple[Request, datetime]:
        with self._database.transaction() as connection:
            row = (
                connection.execute(sa.select(release_requests).where(release_requests.c.ref == ref))
                .mappings()
                .one_or_none()
            )
        if row is None or row["kind"] not in NEED_TWO:
            raise ReleaseError("REQUEST_UNKNOWN")
        if now - row["at"] > OPEN_FOR:
            raise ReleaseError("REQUEST_EXPIRED")
        kind = RequestKind(row["kind"])
        names = Request.__dataclass_fields__
        request = Request(**{name: row[name] for name in names if name != "kind"}, kind=kind)
        return request, row["at"]

    def record_approval(self, ref: str, person: str, now: datetime) -> None:
        """Record who approves, before what is asked for is done."""
        with self._database.transaction() as connection:
            connection.execute(release_approvals.insert().values(at=now, ref=ref, person=person))


def add_request(connection: sa.Connection, request: Request, now: datetime) -> str:
    """Record a request within the caller's transaction.

    Returns:
        Its reference, random.
    """
    ref = f"r-{secrets.token_hex(4)}"
    connection.execute(release_requests.insert().values(ref=ref, at=now, **vars(request)))
    return ref
