"""The hash chain of a home's database: its daily heads, and whether all that it says is true."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from resources.base.database.as_recorded import AS_RECORDED, rows_as_recorded
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import (
    CHAINED,
    chain_entries,
    chain_heads,
    chain_links,
    chain_openings,
    chain_waiting,
    consent_events,
    ledger,
    member_batches,
    member_events,
    member_salts,
    member_waiting,
    noisy_draws,
    regional_values,
    release_steps,
    settings_events,
)
from resources.stores.chain.proof import (
    BATCH,
    Batch,
    Fault,
    Link,
    Opening,
    commitment,
    faults_of_batches,
    faults_of_heads,
    faults_of_links,
    faults_of_published_heads,
    member_commitment,
)
from resources.stores.chain.triggers import other_triggers
from resources.stores.consent.consent_state import EVENTS, states_of
from resources.stores.ledger import Kind

TRIGGER_OFF = "CHAIN_TRIGGER_OFF"
_DIGEST = 32
_DRAW = tuple(noisy_draws.primary_key.columns)
_AT_ONCE = 2_000


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes:
        faults: how often each code was found, and in which tables; empty if all is as recorded.
        rows: how many rows were looked at.
        waiting: entries that the next record links.
        lost_heads: heads that were public and that a restore lost, as was recorded then.
    """

    faults: Counter[tuple[str, str]]
    rows: int
    waiting: int
    lost_heads: int

    @property
    def codes(self) -> Sequence[str]:
        """The codes found, each once."""
        return sorted({code for code, _ in self.faults})


@dataclass(frozen=True)
class HashChain:
    """Of one database; asks for nothing but to read, except for `head` and what records.

    Attributes:
        database: in the restricted role, or the auditor's where it is verified only.
    """

    database: Database

    def head(self, day: date) -> str:
        """The head of a day, made now if there is none; 64 hex digits.

        Entries that waited are linked, and what members said since is put in a batch.

        Raises:
            StorageError: what `at_once` raises, `DATABASE_BUSY` where somebody holds the chain.
        """

        def make(connection: sa.Connection) -> str:
            query = sa.text("SELECT restricted.chain_head(:day)")
            return str(connection.execute(query, {"day": day}).scalar_one())

        return at_once(self.database, make)

    def record_lost(self, published: Iterable[tuple[str, str]], now: datetime) -> int:
        """Record heads that are public and that a database from a backup does not know.

        Returns:
            How many.
        """
        with self.database.transaction() as connection:
            known = _heads(connection)
            lost = {head for day, head in published if day not in known}
            lost -= _lost_heads(connection)
            for head in sorted(lost):
                connection.execute(
                    settings_events.insert().values(at=now, what="head_lost", digest=head)
                )
        return len(lost)

    def verify(
        self,
        today: date,
        published: Iterable[tuple[str, str]] = (),
        noted: Iterable[tuple[str, str]] = (),
    ) -> Verdict:
        """Look at every chained row, link, batch and head, as of one moment.

        Args:
            today: of a later day than tomorrow there is no head.
            published: heads in the home's own manifests, pairs of ISO date and head; those that a
                restore lost, as was recorded, are no fault.
            noted: heads that somebody has from elsewhere; of these each has to be the chain's.
        """
        faults: Counter[tuple[str, str]] = Counter()
        with self.database.transaction() as connection:
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            connection.execute(AS_RECORDED)
            for name in other_triggers(connection):
                faults[TRIGGER_OFF, name] += 1
            rows = 0
            for table in CHAINED:
                found, looked_at = _faults_of_rows(connection, table)
                rows += looked_at
                faults.update({(fault, table.fullname): count for fault, count in found.items()})
            latest = (today + timedelta(days=1)).isoformat()
            faults.update((fault, "chain") for fault in _faults_of_chain(connection, latest))
            faults.update((fault, "members") for fault in _faults_of_members(connection))
            faults.update((fault, "values") for fault in _faults_of_values(connection))
            lost = _lost_heads(connection)
            outside = [(day, head) for day, head in published if head not in lost]
            seen = faults_of_published_heads([*outside, *noted], _heads(connection))
            faults.update((fault, "published heads") for fault in seen)
            waiting = _count(connection, chain_waiting)
        return Verdict(faults, rows, waiting, len(lost))


def _faults_of_rows(connection: sa.Connection, table: sa.Table) -> tuple[Counter[Fault], int]:
    """What is wrong with a table's rows, and how many there are."""
    name = table.fullname
    query = sa.text(
        "SELECT made.salt, made.commitment, there.row_key, there.content"  # noqa: S608  (names of ours)
        f" FROM {rows_as_recorded(table)} AS there FULL JOIN ("
        "SELECT of_row, salt, commitment FROM restricted.chain_entries WHERE of_table = :name"
        ") AS made ON made.of_row = there.of_row"
    )
    faults: Counter[Fault] = Counter()
    rows, seen = 0, set[str]()
    for row in _streamed(connection, query, {"name": name}):
        rows += row.row_key is not None
        if row.row_key in seen:
            # Two rows of one key, or two entries.
            faults[Fault.ROW_NOT_CHAINED] += 1
        elif row.row_key is None:
            faults[Fault.ROW_MISSING] += 1
        elif row.salt is None:
            faults[Fault.ROW_NOT_CHAINED] += 1
        elif commitment(bytes(row.salt), name, row.row_key, row.content) != bytes(row.commitment):
            faults[Fault.ROW_CHANGED] += 1
        if row.row_key is not None:
            seen.add(row.row_key)
    return faults, rows


def _faults_of_chain(connection: sa.Connection, latest: str) -> Iterator[Fault]:
    links = sa.select(
        chain_links.c.number, chain_entries.c.commitment, chain_links.c.before, chain_links.c.link
    ).outerjoin(chain_entries, chain_entries.c.entry == chain_links.c.entry)
    link_at: dict[int, bytes] = {}

    def each() -> Iterator[Link]:
        for row in _streamed(connection, links.order_by(chain_links.c.number)):
            link_at[row.number] = bytes(row.link)
            linked = None if row.commitment is None else bytes(row.commitment)
            yield Link(row.number, linked, bytes(row.before), bytes(row.link))

    links_in_order = each()
    yield from faults_of_links(links_in_order)
    # Also those after a fault, for heads are made of them.
    deque(links_in_order, maxlen=0)
    unlinked = (
        sa.select(sa.func.count())
        .select_from(chain_entries)
        .where(
            ~sa.exists().where(chain_links.c.entry == chain_entries.c.entry),
            ~sa.exists().where(chain_waiting.c.entry == chain_entries.c.entry),
        )
    )
    if connection.execute(unlinked).scalar_one():
        yield Fault.BROKEN
    of_none = sa.select(sa.func.count()).where(
        chain_entries.c.of_table.not_in([one.fullname for one in CHAINED])
    )
    if connection.execute(of_none).scalar_one():
        yield Fault.ROW_MISSING
    query = sa.select(member_batches).order_by(member_batches.c.number)
    batches = [
        Batch(row.number, bytes(row.commitments), bytes(row.before), bytes(row.link))
        for row in connection.execute(query)
    ]
    yield from faults_of_batches(batches)
    openings = [
        Opening(row.day.isoformat(), row.number, row.batch, bytes(row.nonce))
        for row in connection.execute(sa.select(chain_openings).order_by(chain_openings.c.day))
    ]
    batch_at = {one.number: one.link for one in batches}
    yield from faults_of_heads(openings, _heads(connection), link_at, batch_at, latest)


def _faults_of_members(connection: sa.Connection) -> Iterator[Fault]:
    """Every event has its commitment; those that are gone are as many as were deleted when due."""
    committed = {
        bytes(commitments)[place : place + _DIGEST]
        for commitments in connection.execute(sa.select(member_batches.c.commitments)).scalars()
        for place in range(0, BATCH * _DIGEST, _DIGEST)
    }
    committed |= {
        bytes(one) for one in connection.execute(sa.select(member_waiting.c.commitment)).scalars()
    }
    query = sa.text(
        "SELECT made.commitment, made.salt, made.seq AS committed, there.seq, there.content"  # noqa: S608  (names of ours)
        " FROM (SELECT seq, jsonb_strip_nulls(to_jsonb(one))::text AS content"
        f" FROM {member_events.fullname} AS one) AS there"
        f" FULL JOIN {member_salts.fullname} AS made ON made.seq = there.seq"
    )
    opened = 0
    for row in _streamed(connection, query, {}):
        if row.commitment is None or bytes(row.commitment) not in committed:
            yield Fault.MEMBERS_CHANGED
            continue
        opened += 1
        content = "filler" if row.committed is None else row.content
        if content is None or member_commitment(bytes(row.salt), content) != bytes(row.commitment):
            yield Fault.MEMBERS_CHANGED
    deletions = connection.execute(
        sa.select(ledger.c.group_ref, ledger.c.at, ledger.c["count"].label("events")).where(
            ledger.c.kind == Kind.MEMBER_EVENTS_DELETED.value
        )
    ).all()
    if len(committed) - opened != sum(one.events for one in deletions):
        yield Fault.MEMBERS_CHANGED
    for group_ref in {one.group_ref for one in deletions}:
        events = connection.execute(EVENTS.where(consent_events.c.group_ref == group_ref))
        known = events.mappings().all()
        for at in (one.at for one in deletions if one.group_ref == group_ref):
            then = states_of(one for one in known if one["at"] <= at).get(group_ref)
            # Due some time after the consent has ended, however long that was then.
            if then is None or then.ended_at > at:
                yield Fault.MEMBERS_CHANGED


def _faults_of_values(connection: sa.Connection) -> Iterator[Fault]:
    """Whatever shows a value was drawn, and the draw stored."""
    drawn = sa.exists().where(
        *(noisy_draws.c[one.name] == regional_values.c[one.name] for one in _DRAW)
    )
    stored = sa.exists().where(
        *(release_steps.c[one.name] == regional_values.c[one.name] for one in _DRAW),
        release_steps.c.step == "stored",
    )
    undrawn = sa.select(sa.func.count()).where(
        regional_values.c.status == "published",
        regional_values.c.estimate.is_not(None),
        ~drawn | ~stored,
    )
    if connection.execute(undrawn.select_from(regional_values)).scalar_one():
        yield Fault.VALUE_WITHOUT_DRAW


def _heads(connection: sa.Connection) -> dict[str, str]:
    return {row.day.isoformat(): row.head for row in connection.execute(sa.select(chain_heads))}


def _lost_heads(connection: sa.Connection) -> set[str]:
    query = sa.select(settings_events.c.digest).where(settings_events.c.what == "head_lost")
    return set(connection.execute(query).scalars())


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _streamed(
    connection: sa.Connection,
    query: sa.Executable,
    values: dict[str, str] | None = None,
) -> Iterator[sa.Row]:
    """Rows, so many at a time."""
    yield from connection.execute(query, values or {}, execution_options={"yield_per": _AT_ONCE})
