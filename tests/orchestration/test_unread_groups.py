"""A fault that stops some groups: their region-day waits, and is not drawn of the others."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from assets.restricted.release.unread_groups import LONGEST_WAIT_TO_MEND
from assets.restricted.scrubbing.group_step import GroupStep

pytestmark = pytest.mark.slow

LONDON = "greater_london"
DAY = date(2026, 10, 12)
BEFORE = DAY - timedelta(days=1)


class PlantedError(Exception):
    """No error of ours."""


def broken_for(refs: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    real = GroupStep._vectors
    groups = iter(refs)

    def made(self: GroupStep, *given: Any) -> Any:
        raise PlantedError(next(groups))

    real_step = GroupStep.collect_group

    def collect(self: GroupStep, region: str, group_ref: str, *given: Any) -> None:
        monkeypatch.setattr(GroupStep, "_vectors", made if group_ref in refs else real)
        real_step(self, region, group_ref, *given)

    monkeypatch.setattr(GroupStep, "collect_group", collect)


def outcomes(house: Any) -> dict[date, tuple[str, str | None]]:
    return house.resources["release_store"].outcomes(LONDON)


@pytest.mark.parametrize("mended", [True, False])
def test_a_region_day_waits_for_groups_that_a_fault_keeps_unread(
    house: Any, monkeypatch: pytest.MonkeyPatch, mended: bool
) -> None:
    refs = house.groups(7, BEFORE, DAY, people=7)
    assert house.run("collect", BEFORE) is None
    with monkeypatch.context() as patch:
        broken_for(refs[:2], patch)
        assert house.run("collect", BEFORE, DAY) == "GROUPS_REFUSED"
        assert house.codes() == {ref: {"GROUP_STEP_BROKEN"} for ref in refs[:2]}
        house.clock.set_to(DAY + timedelta(days=3) + LONGEST_WAIT_TO_MEND - timedelta(days=1))
        assert house.run("release", BEFORE, DAY) is None
    # Five other groups would do, but they are those that the fault spares.
    assert outcomes(house) == {BEFORE: ("published", None)}
    if mended:
        assert house.run("collect", BEFORE, DAY) is None
    else:
        house.clock.moment += timedelta(days=1)
    assert house.run("release", BEFORE, DAY) is None
    assert outcomes(house)[DAY] == (
        ("published", None) if mended else ("not_published", "GROUPS_UNREAD")
    )
    if not mended:
        # What everyone may see is what it is for any other reason.
        assert {row[3:] for row in house.values() if row[1] == DAY} == {
            ("not_published", None, None)
        }


def test_a_group_that_does_not_count_yet_keeps_no_day_open(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(6, DAY, DAY, people=7)
    with monkeypatch.context() as patch:
        broken_for(refs[:1], patch)
        assert house.run("collect", DAY) == "GROUPS_REFUSED"
        assert house.run("release", DAY) is None
    assert outcomes(house) == {DAY: ("published", None)}
