import copy
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.public.forecasting.backtest import WEEKS_AHEAD
from assets.public.forecasting.checks import facts_of, forecast_suite
from assets.public.forecasting.vintage_content import HORIZON_DAYS
from assets.public.forecasting.vintages import Vintages

LAST = date(2026, 10, 1)
MADE_AT = datetime(2026, 10, 4, 6, tzinfo=UTC)
ROW = [0.5, 0.4, 0.6, 0.3, 0.7]
THIRD = CONSTRUCTS[2]


def rows(ahead):
    return [[(LAST + timedelta(days=days)).isoformat(), *ROW] for days in ahead]


def made(**changed: object) -> dict[str, object]:
    table = {"days": rows(range(1, HORIZON_DAYS + 1)), "weeks": rows(WEEKS_AHEAD)}
    good = {"method": "local_level", "method_version": "1", **table, "no_change": table}
    return copy.deepcopy({**good, **changed})


def stored(third: object = None, **changed: object) -> dict[str, object]:
    """A good vintage, with another forecast of the third construct or other facts."""
    content = {
        "made_at": MADE_AT.isoformat(),
        "made_on": "2026-10-04",
        "backfilled": False,
        "column": "value_7d",
        "constructs": {name: made() for name in CONSTRUCTS[:2]} | {THIRD: third or made()},
    }
    return {**content, **changed}


def with_row(*values: object) -> dict[str, object]:
    own = made()
    own["days"][3][1:] = values
    return stored(own)


def failed(content: dict[str, object]) -> set[str]:
    return set(forecast_suite()([facts_of(content, LAST)])[0])


def test_what_is_made_passes(tmp_path: Path) -> None:
    days = pd.date_range(end=LAST, periods=60).date
    drawn = np.random.default_rng(1).uniform(0.4, 0.6, 60)
    known = {"region": "greater_london", "status": "published", "method_version": "1"}
    published = pd.concat(
        pd.DataFrame(
            {"construct": name, "day": days, "value_7d": drawn, "estimate": drawn, "revision": 0}
        ).assign(**known)
        for name in CONSTRUCTS[:2]
    )
    vintages = Vintages(tmp_path)
    assert vintages.read("greater_london", LAST) is None
    assert vintages.make(published, "greater_london", LAST, MADE_AT)
    content = vintages.read("greater_london", LAST)
    assert content is not None
    assert content["constructs"][THIRD] == "TOO_FEW_DAYS"
    assert failed(content) == set()


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (stored(), set()),
        (stored("TOO_FEW_DAYS"), set()),
        (stored("SO_FEW_DAYS"), {"codes_unknown"}),
        (stored(made(method="crystal_ball")), {"methods_unknown"}),
        (stored(column="estimate"), {"methods_unknown"}),
        (stored(constructs={}), {"constructs_missing"}),
        (stored(constructs={**stored()["constructs"], "coping": made()}), {"constructs_missing"}),
        (stored(made(days=[])), {"days_wrong"}),
        (stored(made(weeks=rows([7, 14, 21]))), {"days_wrong"}),
        (stored(made(days=rows(range(2, 16)))), {"days_wrong"}),
        (stored(made(no_change={})), {"days_wrong"}),
        (with_row(0.5, 0.4, 0.6, 0.3, math.nan), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, -math.inf, 0.7), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, None, 0.7), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, 0.3), {"not_finite"}),
        (with_row(0.5, 0.4, 0.6, 0.41, 0.7), {"bands_out_of_order"}),
        (with_row(0.61, 0.4, 0.6, 0.3, 0.7), {"bands_out_of_order"}),
        (stored(made_at=None), {"made_at_wrong"}),
        (stored(made_at="2026-10-04T06:00:00"), {"made_at_wrong"}),
        (stored(made_on="2026-10-05"), {"made_at_wrong"}),
        (stored(backfilled=True), {"made_at_wrong"}),
        (stored(made_at="2026-10-01T06:00:00+00:00", made_on="2026-10-01"), {"made_at_wrong"}),
    ],
)
def test_each_fault_is_named(content: dict[str, object], names: set[str]) -> None:
    assert failed(content) == names
