"""A fault that stops some groups: their region-day waits, and is not drawn of the others."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from assets.restricted.collection import group_exports
from assets.restricted.release.unread_groups import LONGEST_WAIT_TO_MEND
from assets.restricted.scrubbing.group_step import GroupStep

pytestmark = pytest.mark.slow

LONDON = "greater_london"
DAY = date(2026, 10, 12)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


class PlantedError(Exception):
    """No error of ours."""


def in_scrubbing(house: Any, chat: Any, refs: Sequence[str], patch: pytest.MonkeyPatch) -> str:
    """Break the step of these groups, once their messages are read. Gives the code."""
    real, asked = GroupStep.collect_group, [""]
    made = GroupStep._vectors

    def collect(self: GroupStep, region: str, group_ref: str, *given: Any) -> None:
        asked[0] = group_ref
        real(self, region, group_ref, *given)

    def vectors(self: GroupStep, *given: Any) -> Any:
        if asked[0] in refs:
            raise PlantedError
        return made(self, *given)

    patch.setattr(GroupStep, "collect_group", collect)
    patch.setattr(GroupStep, "_vectors", vectors)
    return "GROUP_STEP_BROKEN"


def in_a_reader(house: Any, chat: Any, refs: Sequence[str], patch: pytest.MonkeyPatch) -> str:
    """Deliver a newer export of these groups, on which the reader breaks. Gives the code."""
    real = group_exports.read_export
    house.clock.moment += timedelta(hours=1)
    for number, ref in enumerate(refs):
        house.deliver(ref, chat(BEFORE, AFTER, people=8, seed=20 + number))

    def read(source: Any, *given: Any, **named: Any) -> Any:
        if b"Okaforh" in source.read():
            raise PlantedError
        source.seek(0)
        return real(source, *given, **named)

    patch.setattr(group_exports, "read_export", read)
    return "EXPORT_READER_BROKEN"


def outcomes(house: Any) -> dict[date, tuple[str, str | None]]:
    return house.resources["release_store"].outcomes(LONDON)


def test_a_region_day_waits_for_groups_that_a_fault_keeps_unread(house: Any, chat: Any) -> None:
    """One day's fault is mended, the next one's is not in time."""
    refs = house.groups(6, BEFORE, AFTER)
    assert house.run("collect", BEFORE) is None
    with pytest.MonkeyPatch.context() as patch:
        code = in_scrubbing(house, chat, refs[:1], patch)
        assert house.run("collect", BEFORE, DAY) == "GROUPS_REFUSED"
        assert house.codes() == {refs[0]: {code}}
        house.clock.set_to(last_to_wait_for(DAY))
        assert house.run("release", BEFORE, DAY) is None
    # Five other groups would do, but they are those that the fault spares.
    assert outcomes(house) == {BEFORE: ("published", None)}
    assert house.run("collect", DAY) is None
    assert house.run("release", DAY) is None
    assert outcomes(house)[DAY] == ("published", None)

    with pytest.MonkeyPatch.context() as patch:
        code = in_a_reader(house, chat, refs[:1], patch)
        assert house.run("collect", AFTER) == "GROUPS_REFUSED"
        assert code in house.codes()[refs[0]]
        house.clock.set_to(last_to_wait_for(AFTER))
        assert house.run("release", AFTER) is None
    assert AFTER not in outcomes(house)
    house.clock.moment += timedelta(days=1)
    assert house.run("release", AFTER) is None
    assert outcomes(house)[AFTER] == ("not_published", "GROUPS_UNREAD")
    # What everyone may see is what it is for any other reason.
    assert {row[3:] for row in house.values() if row[1] == AFTER} == {("not_published", None, None)}


def last_to_wait_for(day: date) -> date:
    return day + timedelta(days=3) + LONGEST_WAIT_TO_MEND - timedelta(days=1)


def test_a_group_that_does_not_count_yet_keeps_no_day_open(
    house: Any, chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(6, DAY, DAY)
    with monkeypatch.context() as patch:
        in_scrubbing(house, chat, refs[:1], patch)
        assert house.run("collect", DAY) == "GROUPS_REFUSED"
        assert house.run("release", DAY) is None
    assert outcomes(house) == {DAY: ("published", None)}
