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


def test_a_step_that_could_not_reach_the_inbox_is_tried_again(house: Any, monkeypatch: Any) -> None:
    house.groups(1, DAY, DAY)
    Unreachable(monkeypatch, "INBOX_NOT_REACHABLE", TRIES_AGAIN)
    assert house.run(COLLECT, DAY) is None
    assert steps(house, AGAIN) == ["platform_export"] * TRIES_AGAIN
    assert len(house.group_days()) == 1


def test_what_does_not_come_back_ends_with_its_code(house: Any, monkeypatch: Any) -> None:
    house.groups(1, DAY, DAY)
    Unreachable(monkeypatch, "INBOX_NOT_REACHABLE", TRIES_AGAIN + 1)
    assert house.run(COLLECT, DAY) == "INBOX_NOT_REACHABLE"
    assert steps(house, AGAIN) == ["platform_export"] * TRIES_AGAIN


@pytest.mark.parametrize("code", ["INBOX_VERSIONED", "DISK_FULL"])
def test_no_other_code_is_tried_again(house: Any, monkeypatch: Any, code: str) -> None:
    house.groups(1, DAY, DAY)
    Unreachable(monkeypatch, code, 1)
    assert house.run(COLLECT, DAY) == code
    assert steps(house, AGAIN) == []


@pytest.mark.usefixtures("leaky_scrubber")
def test_no_gate_is_tried_again(house: Any, chat: Any, monkeypatch: Any) -> None:
    leaky = house.grant()
    house.deliver(leaky, chat(DAY, DAY).replace(b"kettle", b"kettle leak", 1))
    assert house.run(COLLECT, DAY) == "GROUPS_REFUSED"
    assert house.codes()[leaky] == {"SCRUB_DIGIT_FOUND"}
    assert tried_once(house)


def test_no_check_is_tried_again(house: Any, monkeypatch: Any) -> None:
    house.groups(2, DAY, DAY)
    real = score_vectors.person_day_sums
    monkeypatch.setattr(
        score_vectors,
        "person_day_sums",
        lambda *given: {name: (people, 10**6) for name, (people, _) in real(*given).items()},
    )
    # Blind before storing, it is not of what was stored.
    monkeypatch.setattr("assets.restricted.scoring.asset.refuse_unless_in_range", lambda *_: None)
    assert house.run(COLLECT, DAY) == "CHECK_FAILED"
    assert tried_once(house)


def tried_once(house: Any) -> bool:
    started = steps(house, STARTED)
    return steps(house, AGAIN) == [] and len(started) == len(set(started)) > 0


@pytest.mark.parametrize("code", sorted(TRIED_AGAIN))
def test_what_is_tried_again_is_of_input_and_output(code: str) -> None:
    assert CATALOGUE[code].exit_status == CATALOGUE["POSTGRES_NOT_REACHABLE"].exit_status
