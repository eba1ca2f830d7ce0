"""A region's groups read by several runs of shards: the same is stored as by one, whatever ends."""

import io
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.schedule_definition import ScheduleExecutionData
from stored_values import stored_values

from assets.core.errors import SetupError
from assets.core.region_day import partition_key
from assets.core.shards import SHARD, WHOLE, Shard, shard_of
from assets.restricted.release.unread_groups import LONGEST_WAIT_TO_MEND
from orchestration.partition_definitions import region_day_partitions
from orchestration.partitions import RANGE_END, RANGE_START
from orchestration.runs import run_job
from orchestration.schedules import morning_collect
from orchestration.sensors import consented_export_sensor
from resources.base.database.tables import gate_verdicts, group_days, vectors
from resources.base.runs.dead_runs import declare_dead, without_process
from resources.stores.study.made_up import write_made_up_register
from resources.stores.vectors.vector_store import VectorStore
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow
LONDON = "greater_london"
DAY, LAST = date(2026, 10, 12), date(2026, 10, 14)
DAYS = [DAY + timedelta(days=n) for n in range(3)]
ONE_WROTE = b"12/10/2026, 08:15 - Grace Okafora: hello\n15/10/2026, 08:15 - Grace Okafora: hi\n"
FIRST, SECOND = Shard(1, 2), Shard(2, 2)


@pytest.fixture
def divided(open_house: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes a house that may be read in shards, into which its groups always fall alike."""

    def make() -> Any:
        house = open_house()
        write_made_up_register(house.session.home, date(2026, 9, 1), sharded=True)
        numbers = itertools.count()
        monkeypatch.setattr(
            "resources.stores.consent.consent_register.secrets",
            SimpleNamespace(token_hex=lambda _: f"{next(numbers):08x}"),
        )
        return house

    return make


def deliver(house: Any, good: int = 4) -> list[str]:
    refs = house.groups(good, DAY, LAST)
    unreadable, few = house.grant(), house.grant()
    house.deliver(unreadable, b"no export at all")
    house.deliver(few, ONE_WROTE)
    for shard in (FIRST, SECOND, Shard(1, 3), Shard(2, 3), Shard(3, 3)):
        assert any(map(shard.holds, refs))
    return [*refs, unreadable, few]


def collect(house: Any, shard: Shard = WHOLE, first: date = DAY, last: date = LAST) -> str | None:
    return run_job(
        house.definitions,
        "collect",
        house.instance,
        region=LONDON,
        first=first,
        last=last,
        shard=shard,
    )


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return {}


@pytest.fixture
def of_one_run(divided: Callable[..., Any], kept: dict[str, Any]) -> dict[str, Any]:
    """What one run stores, found out once."""
    if not kept:
        house = divided()
        refs = deliver(house)
        assert collect(house) == "GROUPS_REFUSED"
        kept.update(stored_values(house, refs, DAYS))
    return {**kept}


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([(SECOND, LAST), (FIRST, LAST)], id="any order"),
        pytest.param(
            [(FIRST, DAY), (Shard(2, 3), LAST), (Shard(3, 3), LAST), (Shard(1, 3), LAST)],
            id="another division",
        ),
    ],
)
def test_shards_store_what_one_run_does(
    of_one_run: dict[str, Any],
    divided: Callable[..., Any],
    opened: list[str],
    runs: Sequence[tuple[Shard, date]],
) -> None:
    house = divided()
    refs = deliver(house)
    for shard, last in runs:
        opened.clear()
        collect(house, shard, last=last)
        assert set(opened) <= {ref for ref in refs if shard.holds(ref)}
    assert stored_values(house, refs, DAYS) == of_one_run
    before = house.stored()
    assert {collect(house, shard) for shard in (WHOLE, FIRST)} <= {None, "GROUPS_REFUSED"}
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
    told = within(lambda: collect(house, SECOND))
    codes = {collect(house, FIRST), *told}
    assert codes == {None, "GROUPS_REFUSED"}
    assert stored_values(house, refs, DAYS) == of_one_run


@pytest.mark.parametrize("shard", [WHOLE, FIRST, Shard(1, 3)])
def test_no_group_has_two_writers(
    divided: Callable[..., Any],
    within: Callable[..., list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    shard: Shard,
) -> None:
    """The same shard, one of another division with a group in common, or a run of all groups."""
    monkeypatch.setattr("resources.stores.region_days.LOCK_TIMEOUT", "100ms")
    house = divided()
    refs = house.groups(4, DAY, DAY)
    told = within(lambda: collect(house, shard, last=DAY))
    assert collect(house, FIRST, last=DAY) is None
    assert told == ["REGION_DAY_BUSY"]
    assert house.group_days() == {(DAY, ref) for ref in refs if FIRST.holds(ref)}


def test_a_group_leaves_while_its_shard_is_read(
    divided: Callable[..., Any], within: Callable[..., list[Any]]
) -> None:
    house = divided()
    refs = house.groups(4, DAY, DAY)
    left = [next(ref for ref in refs if shard.holds(ref)) for shard in (FIRST, SECOND)]
    told = within(lambda: [house.withdraw(ref) for ref in left])
    assert collect(house, FIRST, last=DAY) is None
    assert collect(house, SECOND, last=DAY) is None
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


def test_a_killed_shard_leaves_nothing_out_and_nothing_double(
    of_one_run: dict[str, Any], divided: Callable[..., Any]
) -> None:
    house = divided()
    refs = deliver(house)
    folder = Path(__file__).parent
    root = folder.parents[1]
    shard = next(one for one in (FIRST, SECOND) if one.holds(refs[0]))
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
    assert [len(rows) for rows in house.rows(vectors, group_days)] == [1, 0]
    # What asks for it once more gives it the tags that it had.
    assert {collect(house, shard_of(dead.tags)), collect(house, other(shard))} == {
        None,
        "GROUPS_REFUSED",
    }
    stored = stored_values(house, refs, DAYS)
    for values in (stored, of_one_run):
        # Each run that reads a day says what the gate found.
        values["gate_verdicts"] = set(map(tuple, values["gate_verdicts"]))
    assert stored == of_one_run


def other(shard: Shard) -> Shard:
    return SECOND if shard == FIRST else FIRST


def outcomes(house: Any) -> dict[date, tuple[str, str | None]]:
    return house.resources["release_store"].outcomes(LONDON)


def released(house: Any, day: date = DAY) -> tuple[str, str | None] | None:
    assert house.run("release", day) is None
    return outcomes(house).get(day)


@pytest.fixture
def due(divided: Callable[..., Any]) -> Any:
    """A house whose first day would be published, if all of it were read."""
    house = divided()
    house.groups(8, DAY, LAST, people=8)
    house.clock.set_to(LAST + timedelta(days=3))
    return house


@pytest.mark.parametrize("comes", [[SECOND], [Shard(1, 3), Shard(2, 3), Shard(3, 3)], [WHOLE]])
def test_a_region_day_waits_until_all_its_groups_were_read(due: Any, comes: list[Shard]) -> None:
    assert collect(due, FIRST, last=DAY) is None
    for shard in comes:
        assert released(due) is None
        # One that fails as a whole was asked for, and has read nothing.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("assets.restricted.scrubbing.asset.stored_figures", None)
            assert collect(due, shard, last=DAY) == "STEP_BROKEN"
        assert collect(due, shard, last=DAY) is None
    assert released(due) == ("published", None)


def test_a_region_day_waits_no_longer_than_for_a_fault_to_be_mended(due: Any) -> None:
    assert collect(due, last=DAY) is None
    assert collect(due, FIRST, first=LAST) is None
    due.clock.set_to(LAST + timedelta(days=2) + LONGEST_WAIT_TO_MEND)
    assert released(due, LAST) is None
    due.clock.moment += timedelta(days=1)
    assert released(due, LAST) == ("not_published", "GROUPS_UNREAD")


def test_what_a_tag_says_wrongly_is_read_by_nobody_and_holds_nobody_up(
    due: Any, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for shard, code in ((Shard(3, 2), "SHARD_INVALID"), (Shard(1, 61), "SHARD_INVALID")):
        assert collect(due, shard, last=DAY) == code
    monkeypatch.setenv("TIDELINE_DASK", "local")
    assert collect(due, FIRST, last=DAY) == "SHARDS_WITH_DASK"
    monkeypatch.delenv("TIDELINE_DASK")
    assert opened == []
    assert collect(due, last=DAY) is None
    assert released(due) == ("published", None)


def test_without_its_entry_in_the_register_no_shard_is_read(house: Any, opened: list[str]) -> None:
    house.groups(1, DAY, DAY)
    assert collect(house, FIRST, last=DAY) == "STUDY_ENTRY_MISSING"
    assert opened == []
    assert house.rows(vectors, gate_verdicts) == [[], []]


def requests(evaluated: Any) -> list[dg.RunRequest]:
    assert isinstance(evaluated, dg.SensorResult | ScheduleExecutionData)
    return list(evaluated.run_requests or [])


def test_schedule_and_sensor_ask_for_each_shard(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("settings", "register", "inbox", "region_day_locks", "clock")
    resources = {name: session.resources[name] for name in names}
    terms = made_up_terms(date(2026, 9, 1), date(2026, 12, 31), LONDON)
    refs = [session.register.grant(terms, session.clock.now()) for _ in range(4)]

    def schedule() -> list[dg.RunRequest]:
        of_schedule = {one: resources[one] for one in ("settings", "region_day_locks", "clock")}
        context = dg.build_schedule_context(resources=of_schedule)
        return requests(morning_collect.evaluate_tick(context))

    def sensor() -> list[dg.RunRequest]:
        return requests(consented_export_sensor(dg.build_sensor_context(resources=resources)))

    for ref in refs[:2]:
        resources["inbox"].add(ref, io.BytesIO(b"Grace"), session.clock.now())
    as_ever = [{*one.tags} for one in [*schedule(), *sensor()]]
    assert as_ever == [{RANGE_START, RANGE_END}] * 3
    keys = {one.run_key for one in [*schedule(), *sensor()]}
    for of in ("2", "3"):
        monkeypatch.setenv("TIDELINE_SHARDS", of)
        morning = schedule()
        shards = [f"{number}/{of}" for number in range(1, int(of) + 1)]
        assert [one.tags[SHARD] for one in morning] == shards * 2
        # Of a shard without a new file nothing is asked.
        new = sensor()
        assert {one.tags[SHARD] for one in new} == {
            shard for shard in shards if any(map(shard_of({SHARD: shard}).holds, refs[:2]))
        }
        asked = [*morning, *new]
        assert {*map(len, (one.tags for one in asked))} == {3}
        found = {one.run_key for one in asked}
        assert len(found) == len(asked)
        assert keys.isdisjoint(found)
        keys |= found
    monkeypatch.setenv("TIDELINE_SHARDS", "none")
    for ask in (schedule, sensor):
        with pytest.raises(SetupError, match=r"^SHARDS_INVALID$"):
            ask()


def told_of(house: Any, asset: str) -> dict[str, Any]:
    """Metadata of the newest materialisation of the first day."""
    wanted = dg.AssetRecordsFilter(
        dg.AssetKey(asset), asset_partitions=[partition_key(LONDON, DAY)]
    )
    (newest,) = house.instance.fetch_materializations(wanted, limit=1).records
    found = newest.asset_materialization.metadata
    return {label: one.value for label, one in found.items()}


def verdict(house: Any, asset: str, check: str) -> str:
    """What a check says of the first day, as the pages of partitions read it."""
    key = dg.AssetCheckKey(dg.AssetKey(asset), check)
    partitions = region_day_partitions(date(2026, 9, 1), [*house.session.home.config.regions])
    state = house.instance.event_log_storage.get_asset_check_state([(key, partitions)])[key]
    (found,) = (
        status.name
        for status, each in state.subsets.items()
        if partition_key(LONDON, DAY) in each.subset_value.get_partition_keys()
    )
    return found


def test_pages_show_a_region_day_whichever_shard_ends_last(
    divided: Callable[..., Any], leaky_scrubber: None, chat: Any
) -> None:
    house = divided()
    refs = house.groups(4, DAY, DAY)
    unreadable, leaky = house.grant(), house.grant()
    house.deliver(unreadable, b"no export at all")
    words = chat(DAY, DAY, seed=7).decode().rstrip().splitlines()
    house.deliver(leaky, ("\n".join(words) + " kettle leak\n").encode())
    bad = {FIRST.holds(ref) for ref in (unreadable, leaky)}
    assert bad == {True, False}
    for shard, outstanding in ((FIRST, 1), (SECOND, 0), (FIRST, 0)):
        assert collect(house, shard, last=DAY) == "GROUPS_REFUSED"
        assert told_of(house, "group_scores")["shards_outstanding"] == outstanding
    assert told_of(house, "platform_export")["groups"] == 6
    assert told_of(house, "scrubbed_vectors")["group_days_refused"] == 1
    scores = told_of(house, "group_scores")
    assert scores["group_days_settled"] == len(refs)
    assert {unreadable, leaky} <= set(scores)
    for asset, check, found in (
        ("platform_export", "every_export_read", "FAILED"),
        ("scrubbed_vectors", "only_reviewed_words", "FAILED"),
        ("scrubbed_vectors", "no_group_refused", "FAILED"),
        ("scrubbed_vectors", "only_vectors_stored", "SUCCEEDED"),
        ("group_scores", "scores_in_range", "SUCCEEDED"),
    ):
        assert verdict(house, asset, check) == found
    named = {ref for run in house.instance.get_runs() for ref in run.tags.values() if "g-" in ref}
    assert named == set()
    assert {run.tags[SHARD] for run in house.instance.get_runs()} == {"1/2", "2/2"}


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
    assert collect(house, SECOND, last=DAY) == "GROUPS_REFUSED"
    found = house.resources["vector_store"].find(LONDON, [DAY])
    gone = {one.group_ref for one in found if one.destroyed}
    assert gone == {ref for ref in refs if SECOND.holds(ref)}
    assert seen == [len(gone)]
