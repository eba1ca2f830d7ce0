"""What scrubbing tells of itself: verdicts of the gate, causes, and counts. Never text."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from assets.core.errors import CATALOGUE, SetupError
from resources.base.database.connection import Database
from resources.base.database.tables import (
    KEPT_FOR_A_TIME,
    gate_verdicts,
    layer_failures,
    refused_removals,
    removed_words,
    scrubbed_messages,
)
from resources.containment.sealed_errors import NO_PLACE, SEALED, known_origin
from resources.stores import ledger

LayerKind = tuple[str, str]
LanguageOutcome = tuple[str, str]

_UNKNOWN = (SEALED, "@", NO_PLACE)
_LONGEST_ERROR, _LONGEST_PLACE = 40, 64
_NAME = re.compile(r"[a-z][a-z_]{0,23}")


@dataclass(frozen=True)
class GateVerdict:
    """What the gate found of one group-day in one run; see `tables.gate_verdicts`."""

    region: str
    day: date
    group_ref: str
    run_id: str
    with_digit: int
    on_roster: int
    not_allowed: int
    messages: int
    failed: int
    fired: int
    too_little: int
    code: str | None
    vocabulary_digest: str
    tagger_digest: str | None
    recorded_at: datetime | None = None

    @property
    def passed(self) -> bool:
        """Whether the group-day was stored."""
        return self.code is None

    @property
    def share_dropped(self) -> float:
        """Share of the messages dropped by failure or by the second detector, in [0, 1]."""
        return (self.failed + self.fired) / self.messages


@dataclass(frozen=True)
class LayerFailure:
    """An error that a layer raised, on how many messages of a group in one run.

    Attributes:
        errors: its class and those of its causes; `(sealed)` for one that no module defines.
        places: for each our file and line, `elsewhere:0` if no file of ours had a part in it.
        messages: how many messages; 0 where what a step raised concerns the group as such.
    """

    errors: tuple[str, ...]
    places: tuple[str, ...]
    messages: int

    @classmethod
    def read(cls, cause: str, messages: int) -> "LayerFailure":
        """From `KeyError@assets/x.py:3 …` as `guard.chain` writes it; all else is sealed."""
        links = [word.partition("@") for word in known_origin(cause).split()] or [_UNKNOWN]
        links = [
            link if len(link[0]) <= _LONGEST_ERROR and len(link[2]) <= _LONGEST_PLACE else _UNKNOWN
            for link in links
        ]
        return cls(
            tuple(error for error, _, _ in links), tuple(place for _, _, place in links), messages
        )

    @property
    def chain(self) -> str:
        """The error first, then its causes."""
        return ", from ".join(
            f"{error} at {place}" for error, place in zip(self.errors, self.places, strict=True)
        )


@dataclass
class RegionDayCounts:
    """Counts of one region-day.

    Attributes:
        removed: words removed by (layer, kind).
        messages: messages by (coarse language, outcome).
    """

    removed: Mapping[LayerKind, int] = field(default_factory=dict)
    messages: Mapping[LanguageOutcome, int] = field(default_factory=dict)


class ScrubRecords:
    """Stores and finds what scrubbing tells of itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_verdicts(
        self,
        verdicts: Sequence[GateVerdict],
        *,
        removed: Mapping[date, Mapping[str, int]],
        causes: Mapping[str, int],
        now: datetime,
    ) -> None:
        """Record one scrubbing of a group.

        Of a group-day that one run scrubs again, for it was cut off before it stored what came of
        it, the later verdict stands.

        Args:
            verdicts: of its days, all of one group and run.
            removed: for the days that were refused, words removed by layer.
            causes: what layers raised, as the scrubber tells it, and on how many messages.
            now: the moment.

        Raises:
            SetupError: `CODE_UNKNOWN` for a code that is not in the catalogue.
        """
        if any(one.code is not None and one.code not in CATALOGUE for one in verdicts):
            raise SetupError("CODE_UNKNOWN")
        if not verdicts:
            return
        group = {
            "group_ref": verdicts[0].group_ref,
            "run_id": verdicts[0].run_id,
            "recorded_at": now,
        }
        layers = [
            {**group, "day": one.day, "layer": _named(layer), "words": words}
            for one in verdicts
            if not one.passed
            for layer, words in removed.get(one.day, {}).items()
        ]
        failures = [
            {
                **group,
                "errors": list(read.errors),
                "places": list(read.places),
                "messages": read.messages,
            }
            for read in (LayerFailure.read(cause, number) for cause, number in causes.items())
        ]
        with self._database.transaction() as connection:
            _put(
                connection,
                gate_verdicts,
                [{**vars(one), "passed": one.passed, "recorded_at": now} for one in verdicts],
            )
            _put(connection, refused_removals, layers)
            if failures:
                connection.execute(layer_failures.insert(), failures)

    def add_unforeseen(
        self, group_ref: str, run_id: str, origins: Collection[str], now: datetime
    ) -> None:
        """Record what a step raised for a group that nobody foresaw.

        Args:
            group_ref: the group.
            run_id: of the run.
            origins: of each error, as `sealed_errors.chain` writes it; all else is sealed.
            now: the moment.
        """
        rows = [
            {
                "group_ref": group_ref,
                "run_id": run_id,
                "recorded_at": now,
                "errors": list(read.errors),
                "places": list(read.places),
                "messages": read.messages,
            }
            for read in (LayerFailure.read(one, 0) for one in origins)
        ]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(layer_failures.insert(), rows)

    def overturn(self, verdict: GateVerdict, code: str) -> None:
        """Record that a group-day which had passed the gate was refused after all.

        Args:
            verdict: as it was recorded.
            code: of the catalogue.

        Raises:
            SetupError: `CODE_UNKNOWN`.
        """
        if code not in CATALOGUE:
            raise SetupError("CODE_UNKNOWN")
        table = gate_verdicts
        with self._database.transaction() as connection:
            connection.execute(
                table.update()
                .where(
                    table.c.group_ref == verdict.group_ref,
                    table.c.day == verdict.day,
                    table.c.run_id == verdict.run_id,
                )
                .values(passed=False, code=code)
            )

    def add_counts(self, counts: Mapping[tuple[str, date], RegionDayCounts], now: datetime) -> None:
        """Add to the counts of region-days, by (region, day)."""
        with self._database.transaction() as connection:
            self.add_counts_on(connection, counts, now)

    @staticmethod
    def add_counts_on(
        connection: sa.Connection,
        counts: Mapping[tuple[str, date], RegionDayCounts],
        now: datetime,
    ) -> None:
        """As `add_counts`, in a transaction that stores what was counted."""
        removed, messages = [], []
        for (region, day), one in counts.items():
            row = {"region": region, "day": day, "recorded_at": now}
            removed += [
                {**row, "layer": _named(layer), "kind": _named(kind), "words": words}
                for (layer, kind), words in one.removed.items()
            ]
            messages += [
                {**row, "language": _named(language), "outcome": outcome, "messages": number}
                for (language, outcome), number in one.messages.items()
            ]
        _add_up(connection, removed_words, "words", removed)
        _add_up(connection, scrubbed_messages, "messages", messages)

    def verdicts(self, group_ref: str, day: date | None = None) -> list[GateVerdict]:
        """Verdicts of a group, of one day or of all, oldest first."""
        columns = [gate_verdicts.c[name] for name in GateVerdict.__dataclass_fields__]
        query = (
            sa.select(*columns)
            .where(gate_verdicts.c.group_ref == group_ref)
            .order_by(gate_verdicts.c.recorded_at, gate_verdicts.c.day)
        )
        if day is not None:
            query = query.where(gate_verdicts.c.day == day)
        with self._database.transaction() as connection:
            return [GateVerdict(*row) for row in connection.execute(query)]

    def newest_verdicts(self, region: str, days: Collection[date]) -> list[GateVerdict]:
        """The newest verdict of each group-day of these days, whichever run it comes from."""
        columns = [gate_verdicts.c[name] for name in GateVerdict.__dataclass_fields__]
        keys = (gate_verdicts.c.group_ref, gate_verdicts.c.day)
        query = (
            sa.select(*columns)
            .ext(distinct_on(*keys))
            .where(gate_verdicts.c.region == region, gate_verdicts.c.day.in_(days))
            .order_by(*keys, gate_verdicts.c.recorded_at.desc())
        )
        with self._database.transaction() as connection:
            return [GateVerdict(*row) for row in connection.execute(query)]

    def removed_of_refused(self, verdict: GateVerdict) -> Mapping[str, int]:
        """Words that each layer removed of a refused group-day."""
        query = sa.select(refused_removals.c.layer, refused_removals.c.words).where(
            refused_removals.c.group_ref == verdict.group_ref,
            refused_removals.c.day == verdict.day,
            refused_removals.c.run_id == verdict.run_id,
        )
        with self._database.transaction() as connection:
            return {row.layer: row.words for row in connection.execute(query)}

    def failures(self, group_ref: str, run_id: str) -> list[LayerFailure]:
        """What layers raised in one run of a group, on all its days, the most frequent first."""
        table = layer_failures
        query = (
            sa.select(table.c.errors, table.c.places, sa.func.sum(table.c.messages))
            .where(table.c.group_ref == group_ref, table.c.run_id == run_id)
            .group_by(table.c.errors, table.c.places)
            .order_by(sa.func.sum(table.c.messages).desc(), table.c.places)
        )
        with self._database.transaction() as connection:
            return [
                LayerFailure(tuple(errors), tuple(places), messages)
                for errors, places, messages in connection.execute(query)
            ]

    def counts(self, region: str, since: date) -> RegionDayCounts:
        """Sums of a region's days from `since` on."""
        with self._database.transaction() as connection:
            removed = _sums(connection, removed_words, ("layer", "kind"), "words", region, since)
            messages = _sums(
                connection, scrubbed_messages, ("language", "outcome"), "messages", region, since
            )
        return RegionDayCounts(removed, messages)

    def delete_expired(self, now: datetime, lifetime: timedelta) -> int:
        """Delete rows older than `lifetime`, recorded in the ledger. Returns how many."""
        with self._database.transaction() as connection:
            deleted = sum(
                connection.execute(
                    table.delete().where(table.c.recorded_at < now - lifetime)
                ).rowcount
                for table in KEPT_FOR_A_TIME
            )
            if deleted:
                ledger.record(connection, ledger.Kind.SCRUB_RECORDS_DELETED, deleted, now)
        return deleted


def _named(name: str) -> str:
    """A layer, kind or language; whatever else was handed over is not stored."""
    return name if _NAME.fullmatch(name) else "unknown"


def _put(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows, or put them in place of those with the same key."""
    if not rows:
        return
    statement = insert(table)
    keys = [one.name for one in table.primary_key]
    changed = {one: statement.excluded[one] for one in rows[0] if one not in keys}
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows)
    )


def _add_up(
    connection: sa.Connection, table: sa.Table, column: str, rows: Iterable[Mapping[str, object]]
) -> None:
    by_key: dict[tuple[object, ...], dict[str, object]] = {}
    keys = [one.name for one in table.primary_key]
    for row in rows:
        key = tuple(row[name] for name in keys)
        # Two that were both sealed to `unknown` may not meet in one statement.
        before = by_key.get(key, {}).get(column, 0)
        by_key[key] = {**row, column: before + row[column]}  # type: ignore[operator]
    if not by_key:
        return
    statement = insert(table)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=keys,
            set_={
                column: table.c[column] + statement.excluded[column],
                "recorded_at": statement.excluded.recorded_at,
            },
        ),
        # In one order, so that two regions' runs never wait for each other.
        [by_key[key] for key in sorted(by_key, key=str)],
    )


def _sums(
    connection: sa.Connection,
    table: sa.Table,
    keys: tuple[str, str],
    column: str,
    region: str,
    since: date,
) -> dict[tuple[str, str], int]:
    first, second = (table.c[name] for name in keys)
    query = (
        sa.select(first, second, sa.func.sum(table.c[column]))
        .where(table.c.region == region, table.c.day >= since)
        .group_by(first, second)
        .order_by(first, second)
    )
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(query)}
