"""A home that may be read in shards, and runs that do."""

import itertools
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from assets.core.shards import Shard
from orchestration.runs import run_job
from resources.stores.study.made_up import write_made_up_register

LONDON = "greater_london"
FIRST, SECOND = Shard(1, 2), Shard(2, 2)
THIRDS = (Shard(2, 3), Shard(3, 3), Shard(1, 3))


def divided_house(open_house: Callable[..., Any], patch: pytest.MonkeyPatch) -> Any:
    """A house whose register has the entry, and into whose shards groups always fall alike."""
    house = open_house()
    write_made_up_register(house.session.home, date(2026, 9, 1), sharded=True)
    numbers = itertools.count()
    patch.setattr(
        "resources.stores.consent.consent_register.secrets",
        SimpleNamespace(token_hex=lambda _: f"{next(numbers):08x}"),
    )
    return house


def collect(house: Any, shard: Shard, first: date, last: date | None = None) -> str | None:
    """Collect a shard of days, as one run. Returns None or its code."""
    return run_job(
        house.definitions,
        "collect",
        house.instance,
        region=LONDON,
        first=first,
        last=last or first,
        shard=shard,
    )
