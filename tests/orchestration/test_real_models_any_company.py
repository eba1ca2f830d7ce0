"""The whole pipeline with its own models: groups one at a time are groups all at once, exactly."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.corpora import HELD_OUT, read_own
from assets.restricted.scoring.construct_model.model import load_construct_model
from resources.models.narrow_encoder import load_narrow_encoder

pytestmark = pytest.mark.slow

LONDON = "greater_london"
DAY, EVE = date(2026, 10, 12), date(2026, 8, 24)
GROUPS, PEOPLE, EACH = 3, 6, 2


@pytest.fixture
def real_models(cheap_models: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "assets.restricted.scrubbing.group_step.load_narrow_encoder", load_narrow_encoder
    )
    monkeypatch.setattr(
        "assets.restricted.scoring.asset.load_construct_model", load_construct_model
    )


def chat_of(group: int) -> bytes:
    """Held-out messages of every length, six people writing two each."""
    own = iter(read_own(HELD_OUT).texts[group * PEOPLE * EACH :])
    names = [f"Grace Okafor{letter}" for letter in "abcdef"]
    lines = [f"{EVE:%d/%m/%Y}, {8 + n:02d}:15 - {name}: hello" for n, name in enumerate(names)]
    for turn in range(EACH):
        lines += [
            f"{DAY:%d/%m/%Y}, {8 + turn:02d}:{n:02d} - {name}: {' '.join(next(own).split())}"
            for n, name in enumerate(names)
        ]
    after = DAY + timedelta(days=1)
    return "\n".join([*lines, f"{after:%d/%m/%Y}, 09:00 - {names[0]}: morning"]).encode()


def scores(house: Any, refs: list[str]) -> list[Any]:
    of_day = house.resources["score_store"].of_region_day(LONDON, DAY)
    return [of_day[ref] for ref in refs]


def test_groups_one_at_a_time_are_groups_all_at_once(
    open_house: Callable[..., Any], real_models: None
) -> None:
    one_at_a_time = open_house()
    apart = []
    for group in reversed(range(GROUPS)):
        apart.append(one_at_a_time.grant())
        one_at_a_time.deliver(apart[-1], chat_of(group))
        assert one_at_a_time.run("collect", DAY) is None
    told_apart = scores(one_at_a_time, apart[::-1])

    all_at_once = open_house()
    together = [all_at_once.grant() for _ in range(GROUPS)]
    for group, ref in enumerate(together):
        all_at_once.deliver(ref, chat_of(group))
    assert all_at_once.run("collect", DAY) is None
    assert scores(all_at_once, together) == told_apart
    assert len({one.sum_milli for own in told_apart for one in own}) > len(CONSTRUCTS)
