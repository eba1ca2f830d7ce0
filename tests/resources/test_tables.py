from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import (
    APPEND_ONLY,
    CHAINED,
    DELETED_WHEN_DUE,
    WRITTEN_BY_TRIGGERS,
    consent_chats,
    consent_events,
    consent_renewals,
    consent_terms,
    counted_exports,
    earlier_consents,
    evidence,
    evidence_cards,
    faults,
    group_days,
    incident_events,
    leaving_requests,
    ledger,
    member_events,
    metadata,
    method_breaks,
    method_shadows,
    noisy_draws,
    notices,
    portal_consents,
    portal_taken,
    pulse_values,
    regional_values,
    release_approvals,
    release_people,
    release_reasons,
    release_requests,
    release_steps,
    rescorings,
    retractions,
    reviewed_facts,
    settings_events,
    when_due,
)
from resources.maintenance.database_setup import as_owner, register_home, set_up

NOW = datetime(2026, 10, 15, tzinfo=UTC)
REGION_DAY = {"region": "greater_london", "day": date(2026, 10, 1)}
DRAW = {**REGION_DAY, "method_version": "m", "revision": 0}
ROWS = {
    consent_chats: {"at": NOW, "group_ref": "g-1", "chat_digest": "c", "key_check": "k"},
    consent_events: {"at": NOW, "kind": "granted", "group_ref": "g-1", "mode": "synthetic"},
    consent_renewals: {
        "at": NOW,
        "seq": 1,
        "renew_by": date(2026, 12, 27),
        "no_platform": True,
        "no_evidence": False,
    },
    consent_terms: {"at": NOW, "seq": 1, "notice_digest": "d"},
    earlier_consents: {"at": NOW, "seq": 1, "counts_until": date(2026, 12, 27)},
    evidence: {"at": NOW, **DRAW, "recorded": "afterwards"},
    evidence_cards: {
        **DRAW,
        "closed_on": date(2026, 10, 4),
        "recorded": "afterwards",
        "published": True,
    },
    counted_exports: {"at": NOW, "digest": "d", "group_ref": "g-1", "messages": 1},
    incident_events: {
        "at": NOW,
        "kind": "opened",
        "incident_ref": "i-1",
        "said_by": "ana",
        "cause": "text_seen",
        "aware_at": NOW,
    },
    member_events: {
        "at": NOW,
        "kind": "objected",
        "source": "chat",
        "group_ref": "g-1",
        "day": date(2026, 10, 1),
        "parts": ["p"],
        "initials": ["i"],
        "key_check": "k",
    },
    leaving_requests: {"at": NOW, "kind": "exports", "group_ref": "g-1"},
    portal_consents: {
        "invitation": "i",
        "group_ref": "g-1",
        "renews": False,
        "region": "greater_london",
        "platform": "whatsapp",
        "employer_ref": "e-1",
        "expires": NOW,
        "signature": bytes(64),
        "adult_workplace": True,
        "informed_on": date(2026, 10, 1),
        "manages_members": False,
        "member_basis": "opt_in",
        "sector": "care_home",
        "scopes": ["trend_lines"],
        "rhythm": "daily",
        "valid_until": date(2026, 12, 1),
        "notice_version": "1",
        "notice_digest": "d",
    },
    portal_taken: {
        "at": NOW,
        "what": "consent",
        "key": "i",
        "group_ref": "g-1",
        "outcome": "TAKEN",
    },
    faults: {
        "at": NOW,
        **REGION_DAY,
        "group_ref": "g-1",
        "stage": "s",
        "code": "DISK_FULL",
        "run_id": "r",
    },
    notices: {
        "at": NOW,
        **REGION_DAY,
        "group_ref": "g-1",
        "code": "DRIFT_VOLUME",
        "run_id": "r",
    },
    ledger: {"at": NOW, "kind": "export_deleted", "count": 1},
    rescorings: {
        "at": NOW,
        **REGION_DAY,
        "model_before": "a",
        "model_after": "b",
        "group_days": 1,
    },
    group_days: {
        "at": NOW,
        **REGION_DAY,
        "group_ref": "g-1",
        "status": "scored",
        "export_digest": "d",
    },
    release_steps: {"at": NOW, **DRAW, "step": "debited", "micro_rho": 1},
    noisy_draws: {
        "at": NOW,
        **DRAW,
        "micro_rho": 1,
        "person_days": 30,
        **dict.fromkeys(CONSTRUCTS, 0),
    },
    release_reasons: {"at": NOW, **DRAW, "code": "TOO_FEW_GROUPS"},
    retractions: {"at": NOW, **DRAW, "scope": "all", "reason": "scoring_error"},
    method_breaks: {
        "at": NOW,
        "day": date(2026, 10, 1),
        "version_before": "m",
        "version_after": "n",
        "reason": "method_improved",
    },
    method_shadows: {
        "at": NOW,
        "method_version": "n",
        "from_day": date(2026, 10, 1),
        "runs": True,
    },
    reviewed_facts: {"at": NOW, "kind": "setting", "name": "inbox_lifetime_days", "value": 14},
    release_people: {"at": NOW, "name": "ana"},
    release_requests: {
        "at": NOW,
        **REGION_DAY,
        "ref": "r-00000000",
        "kind": "revision",
        "person": "ana",
    },
    pulse_values: {
        "at": NOW,
        "region": "greater_london",
        "fortnight": date(2026, 10, 12),
        "construct": "burnout",
        "instrument": "d",
    },
    settings_events: {"at": NOW, "what": "home", "digest": "d"},
    release_approvals: {"at": NOW, "ref": "r-00000000", "person": "bo"},
    regional_values: {
        **DRAW,
        "construct": "burnout",
        "status": "published",
        "closed_at": NOW,
    },
}


WRITTEN = [one for one in APPEND_ONLY if one not in WRITTEN_BY_TRIGGERS]
"""The others are the hash chain's: see `test_hash_chain`."""
NOT_CHAINED = {"counted_exports", "faults", "notices", "group_days"}


def test_the_append_only_tables_are_those_that_must_be() -> None:
    assert {*WRITTEN, *DELETED_WHEN_DUE} == set(ROWS)


def test_what_is_recorded_is_chained_unless_there_is_a_reason() -> None:
    assert {one.name for one in WRITTEN} - {one.name for one in CHAINED} == NOT_CHAINED
    assert set(CHAINED) <= set(WRITTEN)


@pytest.mark.parametrize("table", DELETED_WHEN_DUE, ids=lambda table: table.name)
def test_a_row_goes_only_when_it_is_said_to_be_due(database: Database, table: sa.Table) -> None:
    with database.transaction() as connection:
        connection.execute(table.insert().values(ROWS[table]))
        when_due(connection)
        assert connection.execute(table.delete()).rowcount == 1
    with (
        pytest.raises(StorageError, match=r"^DATABASE_REFUSED$"),
        database.transaction() as connection,
    ):
        connection.execute(
            sa.text(f"SET LOCAL tideline.due = 'on'; UPDATE {table.fullname} SET at = now()")
        )


def test_a_row_once_written_stays(database: Database) -> None:
    """In one database: what stays is in nobody's way."""
    for table in [*WRITTEN, *DELETED_WHEN_DUE]:
        column = next(c.name for c in table.columns if c.name in {"at", "closed_at", "closed_on"})
        with database.transaction() as connection:
            connection.execute(table.insert().values(ROWS[table]))
            before = connection.execute(sa.select(table)).all()
        for statement in (
            f"UPDATE {table.fullname} SET {column} = now()",
            f"DELETE FROM {table.fullname}",
            f"TRUNCATE {table.fullname} CASCADE",
        ):
            # The owner by the trigger; the role that commands have, where not by its rights,
            # likewise.
            for transaction in (as_owner(database.url), database.transaction()):
                assert _refused(transaction, statement), statement
            with database.transaction() as connection:
                assert connection.execute(sa.select(table)).all() == before, statement


def _refused(transaction: AbstractContextManager[sa.Connection], statement: str) -> bool:
    try:
        with transaction as connection:
            connection.execute(sa.text(statement))
    except StorageError as error:
        return error.code == "DATABASE_REFUSED"
    return False


def test_every_text_column_is_too_short_or_too_closed_for_a_message() -> None:
    lengths = {
        str(column): column.type.length
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.String)
    }
    lengths |= {
        str(column): column.type.item_type.length
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.ARRAY) and isinstance(column.type.item_type, sa.String)
    }
    assert all(length is not None and length <= 64 for length in lengths.values())
    # What takes any shape is one column, whose names and shapes are listed: see `FactBook.record`.
    shapeless = {
        str(column)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.JSON)
    }
    assert shapeless == {"reviewed_facts.value"}


def test_setting_up_again_changes_nothing(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(ledger.insert().values(ROWS[ledger]))
    assert set_up(database.url) == []
    with database.transaction() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar() == 1


@pytest.mark.parametrize(("home_id", "mode"), [("1" * 32, "synthetic"), ("0" * 32, "study")])
def test_one_database_serves_one_home(database: Database, home_id: str, mode: str) -> None:
    with pytest.raises(StorageError, match=r"^DATABASE_OF_ANOTHER_HOME$"):
        database.require(home_id, mode)
    with pytest.raises(StorageError, match=r"^DATABASE_OF_ANOTHER_HOME$"):
        register_home(database.url, home_id, mode, {})
    database.require("0" * 32, "synthetic")


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as connection:
            connection.execute(ledger.insert().values(ROWS[ledger]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.transaction() as connection:
        assert connection.execute(sa.select(ledger)).all() == []
