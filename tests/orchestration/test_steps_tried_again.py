"""A step that could not reach its input is tried again; one that judges or is broken never is."""

from datetime import date
from typing import Any

import dagster as dg
import pytest

from assets.core.coded_failures import TRIED_AGAIN, TRIES_AGAIN
from assets.core.errors import CATALOGUE, StorageError
from assets.core.names import COLLECT
from assets.restricted.scoring import score_vectors
from resources.stores.inbox.inbox import Inbox

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 12)
STARTED, AGAIN = dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_UP_FOR_RETRY


def steps(house: Any, kind: dg.DagsterEventType) -> list[str]:
    """Steps of the newest run that an event of this kind tells of."""
    run = house.instance.get_runs(limit=1)[0]
    events = house.instance.all_logs(run.run_id, of_type=kind)
    return [one.step_key for one in events if one.step_key]


class Unreachable:
    """A place that does not answer so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: str, times: int) -> None:
        self.left, self.code = times, code
        self.real = Inbox.refuse_versioned
        monkeypatch.setattr(Inbox, "refuse_versioned", self.refuse)

    @property
    def refuse(self) -> Any:
        def refuse_versioned(inbox: Inbox) -> None:
            if self.left:
                self.left -= 1
                raise StorageError(self.code)
            self.real(inbox)

        return refuse_versioned


def test_a_step_that_could_not_reach_the_inbox_is_tried_again(house: Any) -> None:
    house.groups(1, DAY, DAY)
    for code, times, ends_with, again in (
        ("INBOX_NOT_REACHABLE", TRIES_AGAIN + 1, "INBOX_NOT_REACHABLE", TRIES_AGAIN),
        ("INBOX_VERSIONED", 1, "INBOX_VERSIONED", 0),
        ("DISK_FULL", 1, "DISK_FULL", 0),
        ("INBOX_NOT_REACHABLE", TRIES_AGAIN, None, TRIES_AGAIN),
    ):
        with pytest.MonkeyPatch.context() as patch:
            Unreachable(patch, code, times)
            assert house.run(COLLECT, DAY) == ends_with
        assert steps(house, AGAIN) == ["platform_export"] * again, code
    assert len(house.group_days()) == 1


@pytest.mark.usefixtures("leaky_scrubber")
def test_no_gate_and_no_check_is_tried_again(house: Any, chat: Any, monkeypatch: Any) -> None:
    house.groups(2, DAY, DAY)
    leaky = house.grant()
    house.deliver(leaky, chat(DAY, DAY, seed=2).replace(b"kettle", b"kettle leak", 1))
    real = score_vectors.person_day_sums
    monkeypatch.setattr(
        score_vectors,
        "person_day_sums",
        lambda *given: {name: (people, 10**6) for name, (people, _) in real(*given).items()},
    )
    # Blind before storing, it is not of what was stored.
    monkeypatch.setattr("assets.restricted.scoring.asset.refuse_unless_in_range", lambda *_: None)
    assert house.run(COLLECT, DAY) == "CHECK_FAILED"
    assert house.codes()[leaky] == {"SCRUB_DIGIT_FOUND"}
    started = steps(house, STARTED)
    assert steps(house, AGAIN) == []
    assert len(started) == len(set(started)) > 0


@pytest.mark.parametrize("code", sorted(TRIED_AGAIN))
def test_what_is_tried_again_is_of_input_and_output(code: str) -> None:
    assert CATALOGUE[code].exit_status == CATALOGUE["POSTGRES_NOT_REACHABLE"].exit_status
