"""No word of a message is left by runs that read a shard of a region's groups each."""

from datetime import date
from typing import Any

import pytest

from assets.core.shards import SHARD, every_shard
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.stores.study.made_up import write_made_up_register

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning"),
]


def test_runs_of_shards_leave_no_word_and_name_no_group(
    session: Any,
    planted: Any,
    everywhere: Any,
    days: tuple[date, date],
    capfd: pytest.CaptureFixture[str],
) -> None:
    write_made_up_register(session.home, date(2026, 9, 1), sharded=True)
    first, last = days
    with session.instance() as instance:
        restricted = restricted_definitions(session.home, session.clock)
        codes = {
            run_job(
                restricted,
                "collect",
                instance,
                region="greater_london",
                first=first,
                last=last,
                shard=shard,
            )
            for shard in every_shard(2)
        }
        tags = [run.tags for run in instance.get_runs()]
    assert "GROUPS_REFUSED" in codes
    assert session.resources["score_store"].settled("greater_london", [first, last])
    assert everywhere("".join(capfd.readouterr())) == set()
    assert {own[SHARD] for own in tags if SHARD in own} == {"1/2", "2/2"}
    assert not any(ref in str(own) for own in tags for ref in planted.groups.values())
