from datetime import UTC, date, datetime

from made_evidence import RELEASING

from resources.base.database.connection import Database
from resources.stores.release.budget_use import BudgetUse, budget_use
from resources.stores.release.release_ledger import DrawKey, ReleaseLedger
from resources.stores.release.release_store import ReleaseStore

REGION, EAST, VERSION = "greater_london", "east_of_england", "gaussian-1"
NOW = datetime(2027, 1, 15, 9, tzinfo=UTC)


def test_budget_by_month_and_year_of_the_data_day(database: Database) -> None:
    ledger = ReleaseLedger(database)
    for month, of_month, revision, cost in (
        (9, 1, 0, 50_000),
        (9, 30, 0, 50_000),
        (9, 1, 1, 25_000),
        (10, 1, 0, 50_000),
    ):
        key = DrawKey(REGION, date(2026, month, of_month), VERSION, revision)
        assert ledger.debit(key, cost, NOW)
    ReleaseStore(database).close(
        DrawKey(REGION, date(2026, 10, 1), VERSION),
        [],
        drawn=None,
        reason="DRAW_LOST",
        now=NOW,
        releasing=RELEASING,
        burned=50_000,
    )
    assert ledger.debit(DrawKey(REGION, date(2027, 1, 1), VERSION), 50_000, NOW)
    found = budget_use(database, (REGION, EAST), (2026, 11))
    assert found == [
        BudgetUse(EAST, 2026, None),
        BudgetUse(EAST, 2026, 11),
        BudgetUse(REGION, 2026, None, 175_000, 4, 1),
        BudgetUse(REGION, 2026, 9, 125_000, 3, 0),
        BudgetUse(REGION, 2026, 10, 50_000, 1, 1),
        BudgetUse(REGION, 2026, 11),
        BudgetUse(REGION, 2027, None, 50_000, 1, 0),
        BudgetUse(REGION, 2027, 1, 50_000, 1, 0),
    ]
    assert {(one.month is None, one.cap) for one in found} == {
        (True, 18_300_000),
        (False, 1_550_000),
    }
    spent = ledger.spent(REGION, date(2026, 9, 15))
    assert (spent.in_month, spent.in_year) == (125_000, 175_000)
