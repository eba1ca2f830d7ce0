from datetime import date, timedelta

import pytest

from assets.aggregation.regional_aggregates import may_close
from assets.governance.errors import ReleaseError
from assets.governance.modes import Mode, refuse_release_without_noise

DAY = date(2026, 10, 24)


@pytest.mark.parametrize("close_after_days", [1, 3, 7])
def test_a_region_day_closes_that_many_days_later(close_after_days: int) -> None:
    due = DAY + timedelta(days=close_after_days)
    assert not may_close(DAY, due - timedelta(days=1), close_after_days)
    assert may_close(DAY, due, close_after_days)
    assert may_close(DAY, due + timedelta(days=100), close_after_days)


@pytest.mark.parametrize("mode", Mode)
def test_only_made_up_data_is_released_without_noise(mode: Mode) -> None:
    if mode is Mode.SYNTHETIC:
        refuse_release_without_noise(mode)
        return
    with pytest.raises(ReleaseError, match=r"^RELEASE_NEEDS_NOISE$"):
        refuse_release_without_noise(mode)
