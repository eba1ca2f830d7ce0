import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assets.forecasting.stored_forecasts import facts_of, forecast_suite
from assets.forecasting.vintages import HORIZON_DAYS, Vintages
from assets.governance.constructs import CONSTRUCTS

LAST = date(2026, 10, 1)
ROW = [0.5, 0.4, 0.6, 0.3, 0.7]
AHEAD = [(LAST + timedelta(days=n + 1)).isoformat() for n in range(HORIZON_DAYS)]


def stored(*, made_on: str | None = "2026-10-04", **rows: list[object]) -> dict[str, object]:
    """A good forecast of each construct, with other rows for the last of them."""
    good = {name: [[day, *ROW] for day in AHEAD] for name in CONSTRUCTS}
    return {"made_on": made_on, "constructs": {**good, **rows}}


def with_row(*values: object) -> dict[str, object]:
    return stored(**{CONSTRUCTS[2]: [[AHEAD[0], *values], *[[day, *ROW] for day in AHEAD[1:]]]})


def failed(content: dict[str, object]) -> set[str]:
    return set(forecast_suite()([facts_of(content, LAST)])[0])


def test_what_is_made_passes(tmp_path: Path) -> None:
    days = pd.date_range(end=LAST, periods=60).date
    drawn = np.random.default_rng(1).uniform(0.4, 0.6, 60)
    published = pd.concat(
        pd.DataFrame({"construct": name, "day": days, "value_7d": drawn}) for name in CONSTRUCTS[:2]
    )
    vintages = Vintages(tmp_path)
    assert vintages.read("greater_london", LAST) is None
    assert vintages.make(published, "greater_london", LAST, LAST + timedelta(days=3))
    content = vintages.read("greater_london", LAST)
    assert content is not None
    assert content["constructs"][CONSTRUCTS[2]] == "TOO_FEW_DAYS"
    assert failed(content) == set()


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (stored(), set()),
        (stored(**{CONSTRUCTS[2]: "TOO_FEW_DAYS"}), set()),
        (stored(**{CONSTRUCTS[2]: "SO_FEW_DAYS"}), {"codes_unknown"}),
        (stored(coping=[[day, *ROW] for day in AHEAD]), {"constructs_missing"}),
        ({"made_on": "2026-10-04", "constructs": {}}, {"constructs_missing"}),
        (stored(**{CONSTRUCTS[2]: []}), {"days_wrong"}),
        (stored(**{CONSTRUCTS[2]: [[day, *ROW] for day in AHEAD[1:]]}), {"days_wrong"}),
        (stored(**{CONSTRUCTS[2]: [[day, *ROW] for day in reversed(AHEAD)]}), {"days_wrong"}),
        (with_row(0.5, 0.4, 0.6, 0.3, math.nan), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, -math.inf, 0.7), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, None, 0.7), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, 0.3), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, 0.41, 0.7), {"bands_out_of_order"}),
        (with_row(0.61, 0.4, 0.6, 0.3, 0.7), {"bands_out_of_order"}),
        (stored(made_on=None), {"made_on_wrong"}),
        (stored(made_on="2026-10-01"), {"made_on_wrong"}),
    ],
)
def test_each_fault_is_named(content: dict[str, object], names: set[str]) -> None:
    assert failed(content) == names
