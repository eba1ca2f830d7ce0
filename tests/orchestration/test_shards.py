"""A region's groups read by several runs of shards: the same is stored as by one, whatever ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sharded import FIRST, LONDON, SECOND, THIRDS, collect, divided_house
from stored_values import stored_values

from assets.core.shards import WHOLE, Shard, shard_of
from resources.base.database.tables import group_days, vectors
from resources.base.runs.dead_runs import declare_dead, without_process
from resources.stores.vectors.vector_store import VectorStore

pytestmark = pytest.mark.slow
DAY, LAST = date(2026, 10, 12), date(2026, 10, 13)
ONE_WROTE = b"12/10/2026, 08:15 - Grace Okafora: hello\n15/10/2026, 08:15 - Grace Okafora: hi\n"


def deliver(house: Any, good: int = 4) -> list[str]:
    refs = house.groups(good, DAY, LAST)
    unreadable, few = house.grant(), house.grant()
    house.deliver(unreadable, b"no export at all")
    house.deliver(few, ONE_WROTE)
    for shard in (FIRST, SECOND, *THIRDS):
        assert any(map(shard.holds, refs))
    return [*refs, unreadable, few]


@pytest.fixture
def divided(open_house: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    return lambda: divided_house(open_house, monkeypatch)


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return {}


@pytest.fixture
def of_one_run(divided: Callable[..., Any], kept: dict[str, Any]) -> dict[str, Any]:
    """What one run stores, found out once."""
    if not kept:
        house = divided()
        refs = deliver(house)
        assert collect(house, WHOLE, DAY, LAST) == "GROUPS_REFUSED"
        kept.update(stored_values(house, refs))
    return {**kept}


def test_shards_store_what_one_run_does(
    of_one_run: dict[str, Any], divided: Callable[..., Any], opened: list[str]
) -> None:
    """In any order, with another number from one day to the next, and once more."""
    house = divided()
    refs = deliver(house)
    for shard, last in ((FIRST, DAY), *((third, LAST) for third in THIRDS)):
        opened.clear()
        collect(house, shard, DAY, last)
        assert set(opened) <= {ref for ref in refs if shard.holds(ref)}
    assert stored_values(house, refs) == of_one_run
    before = house.stored()
    assert {collect(house, one, DAY, LAST) for one in (WHOLE, FIRST)} <= {None, "GROUPS_REFUSED"}
    assert house.stored() == before


@pytest.fixture
def within(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Has something happen once in another thread, while a run stores its first group-day."""

    def act(what: Callable[[], Any]) -> list[Any]:
        real, told = VectorStore.put, []

        def put(store: VectorStore, *given: Any, **named: Any) -> Any:
            if not told:
                told.append(None)
                with ThreadPoolExecutor(1) as other:
                    told[0] = other.submit(what).result()
            return real(store, *given, **named)

        monkeypatch.setattr(VectorStore, "put", put)
        return told

    return act


def test_a_shard_is_read_while_another_is(
    of_one_run: dict[str, Any], divided: Callable[..., Any], within: Callable[..., list[Any]]
) -> None:
    house = divided()
    refs = deliver(house)
    told = within(lambda: collect(house, SECOND, DAY, LAST))
    codes = {collect(house, FIRST, DAY, LAST), *told}
    assert codes == {None, "GROUPS_REFUSED"}
    assert stored_values(house, refs) == of_one_run


def test_no_group_has_two_writers(
    divided: Callable[..., Any],
    within: Callable[..., list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same shard, one of another division with a group in common, or a run of all groups."""
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    house = divided()
    refs = house.groups(4, DAY, DAY)
    others = [WHOLE, FIRST, Shard(1, 3)]
    told = within(lambda: [collect(house, one, DAY) for one in others])
    assert collect(house, FIRST, DAY) is None
    assert told == [["REGION_DAY_BUSY"] * len(others)]
    assert house.group_days() == {(DAY, ref) for ref in refs if FIRST.holds(ref)}


def test_a_group_leaves_while_its_shard_is_read(
    divided: Callable[..., Any], within: Callable[..., list[Any]]
) -> None:
    house = divided()
    refs = house.groups(4, DAY, DAY)
    left = [next(ref for ref in refs if shard.holds(ref)) for shard in (FIRST, SECOND)]
    told = within(lambda: [house.withdraw(ref) for ref in left])
    assert collect(house, FIRST, DAY) is None
    assert collect(house, SECOND, DAY) is None
    assert told == [[None, None]]
    assert house.group_days() == {(DAY, ref) for ref in refs if ref not in left}
    assert not {row.group_ref for row in house.resources["vector_store"].find(LONDON, [DAY])} & {
        *left
    }


KILLED = """
import os, signal, sys
from datetime import datetime
from conftest import DigestEncoder
from assets.restricted.scrubbing import group_step
from orchestration.cli import app
from resources.base.clock import Clock
from resources.base import doors
from resources.stores.vectors.vector_store import VectorStore
from simulation.consents import made_up_terms
real = VectorStore.put
def put(*given, **named):
    real(*given, **named)
    with doors.opened():
        os.kill(os.getpid(), signal.SIGKILL)
VectorStore.put = put
group_step.load_narrow_encoder = DigestEncoder
Clock.now = lambda self: datetime.fromisoformat({now!r})
app()
"""


class KilledError(BaseException):
    """Nothing is done after it."""


def killed_here(house: Any, shard: Shard) -> dg.DagsterRun:
    """A run of the shard that ends with its first group-day stored."""
    real = VectorStore.put

    def put(*given: Any, **named: Any) -> Any:
        real(*given, **named)
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VectorStore, "put", put)
        with suppress(KilledError):
            assert collect(house, shard, DAY, LAST) == "STEP_BROKEN"
    return house.instance.get_runs(limit=1)[0]


def killed_as_a_process(house: Any, shard: Shard) -> dg.DagsterRun:
    """The same of a process of its own, which is found dead."""
    folder = Path(__file__).parent
    root = folder.parents[1]
    words = ["run", "--from", str(DAY), "--to", str(LAST), "--shard", str(shard)]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED.format(now=house.clock.now().isoformat()), *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (root, folder, folder.parent)))},
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]
    (dead,) = without_process(house.instance)
    assert declare_dead(house.instance, dead.run_id)
    return dead


def test_a_killed_shard_leaves_nothing_out_and_nothing_double(
    of_one_run: dict[str, Any], divided: Callable[..., Any], full: bool
) -> None:
    """In full by a signal; that a killed run is found dead is shown of runs without shards."""
    house = divided()
    refs = deliver(house)
    shard = next(one for one in (FIRST, SECOND) if one.holds(refs[0]))
    dead = (killed_as_a_process if full else killed_here)(house, shard)
    assert [len(rows) for rows in house.rows(vectors, group_days)] == [1, 0]
    # What asks for it once more gives it the tags that it had.
    again = (shard_of(dead.tags), SECOND if shard == FIRST else FIRST)
    assert {collect(house, one, DAY, LAST) for one in again} == {None, "GROUPS_REFUSED"}
    stored = stored_values(house, refs)
    for values in (stored, of_one_run):
        # Each run that reads a day says what the gate found.
        values["gate_verdicts"] = set(map(tuple, values["gate_verdicts"]))
    assert stored == of_one_run


def test_the_suite_asserts_over_what_the_shard_did(
    divided: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = divided()
    refs = house.groups(4, DAY, DAY)
    seen: list[int] = []

    def broken(counts: Sequence[Any]) -> list[str | None]:
        seen.append(len(counts))
        return ["SCRUB_DIGIT_FOUND"] * len(counts)

    assert house.materialise("scrubbed_vectors", DAY).success
    monkeypatch.setattr("assets.restricted.scrubbing.group_step.broken_promises", broken)
    assert collect(house, SECOND, DAY) == "GROUPS_REFUSED"
    found = house.resources["vector_store"].find(LONDON, [DAY])
    gone = {one.group_ref for one in found if one.destroyed}
    assert gone == {ref for ref in refs if SECOND.holds(ref)}
    assert seen == [len(gone)]
