"""Drawing a closed region-day again."""

from datetime import date
from typing import Any

import pytest

from assets.aggregation.budget import MONTH_CAP
from assets.aggregation.method import GAUSSIAN_1
from assets.aggregation.noise_scales import NoisyTotals
from assets.aggregation.regional_value import mean_score
from assets.governance.errors import ReleaseError
from resources.release_ledger import DrawKey
from resources.tables import regional_values, release_steps

LONDON = "greater_london"
MONDAY = date(2026, 9, 7)
RHO = GAUSSIAN_1.micro_rho


def test_a_revision_costs_budget_and_stands_beside_the_first(
    house: Any, drawn: list[NoisyTotals]
) -> None:
    house.join(6)
    assert house.close(MONDAY) == "published"
    first = house.value(MONDAY)
    key = house.store.newest_revision(LONDON, MONDAY)
    assert house.release.revise(key, RHO) == "published"
    rows = [row for row in house.rows(regional_values) if row.construct == "burnout"]
    assert [row.revision for row in rows] == [0, 1]
    assert rows[0] == first
    assert rows[1].estimate == mean_score(drawn[1:], "burnout")
    assert house.ledger.spent(LONDON, MONDAY).in_month == 2 * RHO


@pytest.mark.parametrize(
    "why", ["GROUPS_LEFT_SINCE", "SCORES_DELETED", "ONE_DELETED", "LOST_IN_RESTORE", "BUDGET_SPENT"]
)
def test_a_revision_that_may_not_be_is_refused_and_costs_nothing(house: Any, why: str) -> None:
    leaver, *_ = house.join(6)
    assert house.close(MONDAY) == "published"
    now = house.session.clock.now()
    if why == "GROUPS_LEFT_SINCE":
        house.withdraw(leaver)
    elif why == "SCORES_DELETED":
        house.scores.groups.clear()
    elif why == "ONE_DELETED":
        why = "SCORES_DELETED"
        house.scores.expired = frozenset({leaver})
    elif why == "LOST_IN_RESTORE":
        house.scores.lost = frozenset({MONDAY})
    else:
        assert house.ledger.debit(DrawKey(LONDON, MONDAY, "gaussian-2"), MONTH_CAP - RHO - 1, now)
    before = house.rows(release_steps), house.rows(regional_values)
    with pytest.raises(ReleaseError, match=f"^{why}$"):
        house.release.revise(house.store.newest_revision(LONDON, MONDAY), RHO)
    assert (house.rows(release_steps), house.rows(regional_values)) == before
