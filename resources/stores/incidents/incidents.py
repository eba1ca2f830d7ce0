"""Incidents: while one is open nothing is read, scored or released.

The record is what a controller has to keep of a breach (UK GDPR, Article 33(5)): when somebody
became aware, what kind it was, what was done, when the regulator was told and how it ended. Codes,
moments and counts; what it says in words is the controller's, outside the home.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from assets.core.errors import SetupError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import incident_events

TO_TELL_THE_REGULATOR = timedelta(hours=72)
"""UK GDPR, Article 33(1): from becoming aware, unless a risk to people is unlikely."""

_SAID_BY = re.compile(r"^[a-z][a-z0-9_-]{1,19}$")


class Cause(StrEnum):
    """What happened, as far as is known when it is opened."""

    TEXT_SEEN = "text_seen"
    WRONG_ACCESS = "wrong_access"
    KEY_LOST = "key_lost"
    MACHINE_LOST = "machine_lost"
    READ_WITHOUT_CONSENT = "read_without_consent"
    WRONG_VALUE_PUBLISHED = "wrong_value_published"
    OTHER = "other"


class Outcome(StrEnum):
    """How an incident ended."""

    REPORTED = "reported"
    NOT_REPORTABLE = "not_reportable"
    FALSE_ALARM = "false_alarm"


@dataclass(frozen=True)
class Incident:
    """One incident.

    Attributes:
        ref: its random reference.
        cause: what it was opened for.
        opened_by: who opened it: initials or a role.
        opened_at: when reading stopped (aware).
        aware_at: when somebody became aware (aware); the 72 hours run from then.
        keys_destroyed: keys that waited for a release and were destroyed.
        regulator_told_at: when the regulator was told (aware); None if not yet.
        closed_at: when it was closed (aware); None while it is open.
        outcome: how it ended.
    """

    ref: str
    cause: Cause
    opened_by: str
    opened_at: datetime
    aware_at: datetime
    keys_destroyed: int = 0
    regulator_told_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def tell_by(self) -> datetime:
        """Until when the regulator has to be told (aware)."""
        return self.aware_at + TO_TELL_THE_REGULATOR


class Incidents:
    """Opens, records and closes incidents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def require_none(self) -> None:
        """Go on only if nothing stops reading now.

        Raises:
            SetupError: `INCIDENT_OPEN`.
        """
        if self.standing() is not None:
            raise SetupError("INCIDENT_OPEN")

    def standing(self) -> Incident | None:
        """The incident that is open, the newest if there are several."""
        return next((one for one in reversed(self.all()) if one.closed_at is None), None)

    def all(self) -> list[Incident]:
        """Every incident, in the order of opening."""
        with self._database.transaction() as connection:
            rows = connection.execute(sa.select(incident_events).order_by(incident_events.c.seq))
            return _incidents(rows.mappings().all())

    def open(self, cause: Cause, said_by: str, aware_at: datetime, now: datetime) -> Incident:
        """Stop all reading from this moment on, within seconds and whatever else runs.

        Raises:
            SetupError: `SAID_BY_INVALID`, `INCIDENT_MOMENT_INVALID`.
            StorageError: what `at_once` raises.
        """
        if aware_at > now:
            raise SetupError("INCIDENT_MOMENT_INVALID")
        ref = f"i-{secrets.token_hex(4)}"
        self._record("opened", ref, said_by, now, cause=cause.value, aware_at=aware_at)
        return self._of(ref)

    def keys_destroyed(self, ref: str, said_by: str, count: int, now: datetime) -> None:
        """Record that keys that waited for a release were destroyed."""
        self._require_open(ref)
        self._record("keys_destroyed", ref, said_by, now, keys_destroyed=count)

    def regulator_told(self, ref: str, said_by: str, now: datetime) -> None:
        """Record that the regulator was told.

        Raises:
            SetupError: `INCIDENT_UNKNOWN` for one that is not open, `SAID_BY_INVALID`.
        """
        self._require_open(ref)
        self._record("regulator_told", ref, said_by, now)

    def close(self, ref: str, outcome: Outcome, said_by: str, now: datetime) -> None:
        """Let reading go on, unless another incident is open; raises as `regulator_told`."""
        self._require_open(ref)
        self._record("closed", ref, said_by, now, outcome=outcome.value)

    def _of(self, ref: str) -> Incident:
        return next(one for one in self.all() if one.ref == ref)

    def _require_open(self, ref: str) -> None:
        if not any(one.ref == ref and one.closed_at is None for one in self.all()):
            raise SetupError("INCIDENT_UNKNOWN")

    def _record(self, kind: str, ref: str, said_by: str, now: datetime, **fields: object) -> None:
        if not _SAID_BY.match(said_by):
            raise SetupError("SAID_BY_INVALID")
        row = {"at": now, "kind": kind, "incident_ref": ref, "said_by": said_by, **fields}
        at_once(
            self._database,
            lambda connection: connection.execute(incident_events.insert().values(row)),
        )


def _incidents(events: Sequence[sa.RowMapping]) -> list[Incident]:
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        ref, at = event["incident_ref"], event["at"]
        known = found.setdefault(ref, {})
        match event["kind"]:
            case "opened":
                known.update(
                    ref=ref,
                    cause=Cause(event["cause"]),
                    opened_by=event["said_by"],
                    opened_at=at,
                    aware_at=event["aware_at"],
                )
            case "keys_destroyed":
                known["keys_destroyed"] = event["keys_destroyed"] + known.get("keys_destroyed", 0)
            case "regulator_told":
                known.setdefault("regulator_told_at", at)
            case _:
                known.update(closed_at=at, outcome=Outcome(event["outcome"]))
    return [Incident(**known) for known in found.values()]
