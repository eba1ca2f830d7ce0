from datetime import date, timedelta

import pytest

from assets.core.errors import ReleaseError
from assets.core.modes import Mode, refuse_mode_that_never_publishes
from assets.restricted.release.closing import may_close

DAY = date(2026, 10, 24)


@pytest.mark.parametrize("close_after_days", [1, 3, 7])
def test_a_region_day_closes_that_many_days_later(close_after_days: int) -> None:
    due = DAY + timedelta(days=close_after_days)
    assert not may_close(DAY, due - timedelta(days=1), close_after_days)
    assert may_close(DAY, due, close_after_days)
    assert may_close(DAY, due + timedelta(days=100), close_after_days)


@pytest.mark.parametrize("mode", Mode)
def test_discovery_never_publishes(mode: Mode) -> None:
    if mode is not Mode.DISCOVERY:
        refuse_mode_that_never_publishes(mode)
        return
    with pytest.raises(ReleaseError, match=r"^MODE_NEVER_PUBLISHES$"):
        refuse_mode_that_never_publishes(mode)
