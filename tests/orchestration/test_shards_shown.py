"""What a region-day waits for and shows where its groups are read in shards."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.schedule_definition import ScheduleExecutionData
from dagster._core.errors import ScheduleExecutionError
from sharded import FIRST, LONDON, SECOND, THIRDS, collect, divided_house

from assets.core.errors import SetupError
from assets.core.region_day import partition_key
from assets.core.shards import SHARD, Shard, shard_of
from assets.restricted.release.unread_groups import LONGEST_WAIT_TO_MEND
from orchestration.partition_definitions import region_day_partitions
from orchestration.schedules import morning_collect
from orchestration.sensors import consented_export_sensor
from resources.base.database.tables import gate_verdicts, vectors
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow
DAY, LAST = date(2026, 10, 12), date(2026, 10, 13)


def outcomes(house: Any) -> dict[date, tuple[str, str | None]]:
    return house.resources["release_store"].outcomes(LONDON)


def released(house: Any, day: date = DAY) -> tuple[str, str | None] | None:
    assert house.run("release", day) is None
    return outcomes(house).get(day)


def test_a_region_day_waits_until_all_its_groups_were_read(
    open_house: Callable[..., Any], opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    due = divided_house(open_house, monkeypatch)
    # Its first day would be published, if all of it were read.
    due.groups(8, DAY, LAST, people=6)
    due.clock.set_to(LAST + timedelta(days=3))
    what_a_tag_says_wrongly_is_read_by_nobody(due, opened)
    assert collect(due, FIRST, DAY, LAST) is None
    assert released(due) is None
    left = {ref for ref in due.resources["register"].consents(LONDON) if not FIRST.holds(ref)}
    for shard in THIRDS:
        own = {ref for ref in left if shard.holds(ref)}
        if own == left != set():
            # The last that is missing was asked for, and fails as a whole.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("assets.restricted.scrubbing.asset.stored_figures", None)
                assert collect(due, shard, DAY) == "STEP_BROKEN"
            assert released(due) is None
        assert collect(due, shard, DAY) is None
        left -= own
    assert released(due) == ("published", None)
    it_waits_no_longer_than_for_a_fault_to_be_mended(due)


def what_a_tag_says_wrongly_is_read_by_nobody(due: Any, opened: list[str]) -> None:
    for shard, code in ((Shard(3, 2), "SHARD_INVALID"), (Shard(1, 61), "SHARD_INVALID")):
        assert collect(due, shard, DAY) == code
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIDELINE_DASK", "local")
        assert collect(due, FIRST, DAY) == "SHARDS_WITH_DASK"
    assert opened == []


def it_waits_no_longer_than_for_a_fault_to_be_mended(due: Any) -> None:
    """The last day, of which one of two shards was read."""
    due.clock.set_to(LAST + timedelta(days=2) + LONGEST_WAIT_TO_MEND)
    assert released(due, LAST) is None
    due.clock.moment += timedelta(days=1)
    assert released(due, LAST) == ("not_published", "GROUPS_UNREAD")


def test_without_its_entry_in_the_register_no_shard_is_read(house: Any, opened: list[str]) -> None:
    house.groups(1, DAY, DAY)
    assert collect(house, FIRST, DAY) == "STUDY_ENTRY_MISSING"
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
        with dg.build_schedule_context(resources=of_schedule) as context:
            return requests(morning_collect.evaluate_tick(context))

    def sensor() -> list[dg.RunRequest]:
        with dg.build_sensor_context(resources=resources) as context:
            return requests(consented_export_sensor(context))

    for ref in refs[:2]:
        resources["inbox"].add(ref, io.BytesIO(b"Grace"), session.clock.now())
    assert len(schedule()) + len(sensor()) == 3
    assert not any(SHARD in one.tags for one in [*schedule(), *sensor()])
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
        assert not any(ref in str(one.tags) for one in asked for ref in refs)
        found = {one.run_key for one in asked}
        assert len(found) == len(asked)
        assert keys.isdisjoint(found)
        keys |= found
    monkeypatch.setenv("TIDELINE_SHARDS", "none")
    with pytest.raises(ScheduleExecutionError) as told:
        schedule()
    assert str(told.value.__cause__) == "SHARDS_INVALID"
    with pytest.raises(SetupError, match=r"^SHARDS_INVALID$"):
        sensor()


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
    open_house: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    leaky_scrubber: None,
    chat: Any,
) -> None:
    house = divided_house(open_house, monkeypatch)
    refs = house.groups(4, DAY, DAY)
    unreadable, leaky = house.grant(), house.grant()
    house.deliver(unreadable, b"no export at all")
    words = chat(DAY, DAY, seed=7).decode().rstrip().splitlines()
    house.deliver(leaky, ("\n".join(words) + " kettle leak\n").encode())
    bad = {FIRST.holds(ref) for ref in (unreadable, leaky)}
    assert bad == {True, False}
    for shard, outstanding in ((FIRST, 1), (SECOND, 0), (FIRST, 0)):
        assert collect(house, shard, DAY) == "GROUPS_REFUSED"
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
