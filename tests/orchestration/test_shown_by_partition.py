"""What Dagster's pages read of each region-day: checks, metadata, and the step that is red."""

import asyncio
from collections import Counter
from datetime import date, timedelta

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.asset_check_state import AssetCheckState

from assets.core.errors import code_and_remedy
from assets.core.region_day import partition_key
from orchestration.partition_definitions import region_day_partitions
from orchestration.public import public_definitions
from orchestration.runs import failure_code, run_job
from resources.base.database.tables import gate_verdicts, group_days, regional_values, vectors

pytestmark = pytest.mark.slow

LONDON = "greater_london"
FIRST = date(2026, 10, 10)
DAYS = [FIRST + timedelta(days=n) for n in range(2)]
LEAKY = DAYS[1]
CHECKS = {
    "platform_export": ["every_export_read"],
    "scrubbed_vectors": ["no_group_refused", "only_reviewed_words", "only_vectors_stored"],
    "group_scores": ["no_group_refused", "scores_in_range"],
    "regional_aggregates": ["values_as_agreed"],
}
DAMAGED = "EXPORT_EMPTY"
SCRUBBED = "SCRUB_DIGIT_FOUND"


def statuses(house, asset: str, check: str) -> dict[str, set[date]]:
    """Days by resolved status, as the pages of partitions read them."""
    key = dg.AssetCheckKey(dg.AssetKey(asset), check)
    partitions = region_day_partitions(date(2026, 9, 1), [*house.session.home.config.regions])
    state = house.instance.event_log_storage.get_asset_check_state([(key, partitions)])[key]
    assert isinstance(state, AssetCheckState)
    return {
        status.name: {date.fromisoformat(str(one)[:10]) for one in subset.get_partition_keys()}
        for status, each in state.subsets.items()
        if not (subset := each.subset_value).is_empty
    }


def latest(house, asset: str, check: str) -> tuple[str, bool]:
    """Status, and whether it counts for the newest materialisation, as lists and graph read it."""
    key = dg.AssetCheckKey(dg.AssetKey(asset), check)
    found = house.instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]

    async def ask() -> tuple[str, bool]:
        context = LoadingContextForTest(house.instance)
        status = await found.resolve_status(context)
        return status.name, await found.targets_latest_materialization(context)

    return asyncio.run(ask())


def metadata(house, asset: str, day: date) -> dict[str, object]:
    """Of the newest materialisation of a region-day."""
    (record,) = house.instance.fetch_materializations(
        dg.AssetRecordsFilter(
            asset_key=dg.AssetKey(asset), asset_partitions=[partition_key(LONDON, day)]
        ),
        limit=1,
    ).records
    found = record.asset_materialization.metadata
    return {label: value.value for label, value in found.items()}


def totals(house, asset: str) -> dict[str, object]:
    """Of the newest run that made the asset."""
    (record,) = house.instance.fetch_observations(dg.AssetKey(asset), limit=1).records
    assert record.partition_key is None
    return {label: value.value for label, value in record.asset_observation.metadata.items()}


def rows_of(house, table: sa.Table) -> list[dict[str, object]]:
    """Every row, by the names of its columns."""
    names = [one.name for one in table.columns]
    return [dict(zip(names, row, strict=True)) for row in house.rows(table)[0]]


def red_steps(house) -> set[str]:
    """Of the newest run."""
    run_id = house.instance.get_run_records(limit=1)[0].dagster_run.run_id
    return {
        one.step_key
        for one in house.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    }


@pytest.fixture
def leaky(house, chat, leaky_scrubber: None) -> dict[str, str]:
    """Three good groups, one whose export is empty, one of which a day fails the gate."""
    house.groups(3, DAYS[0], DAYS[-1])
    empty, leaky = house.grant(), house.grant()
    house.deliver(empty, b"")
    words = chat(DAYS[0], DAYS[-1], seed=7).decode().splitlines()
    of_day = [n for n, line in enumerate(words) if line.startswith(f"{LEAKY:%d/%m/%Y}")]
    words[of_day[0]] += " kettle leak"
    house.deliver(leaky, "\n".join(words).encode() + b"\n")
    return {"empty": empty, "leaky": leaky}


def equal_to_the_database(house, leaky: dict[str, str]) -> None:
    """Each region-day's metadata are what the database holds of it."""
    settled, verdicts, stored, values = (
        rows_of(house, table) for table in (group_days, gate_verdicts, vectors, regional_values)
    )
    for day in DAYS:
        statuses = Counter(one["status"] for one in settled if one["day"] == day)
        told = metadata(house, "group_scores", day)
        assert told["group_days_settled"] == statuses["scored"] == 3 + (day != LEAKY)
        newest = {one["group_ref"]: one for one in verdicts if one["day"] == day}
        told = metadata(house, "scrubbed_vectors", day)
        assert told["group_days"] == sum(one["day"] == day for one in stored)
        assert told["group_days_refused"] == sum(not one["passed"] for one in newest.values())
        told = metadata(house, "platform_export", day)
        remedy = code_and_remedy(DAMAGED)
        assert (told["groups"], told["refused"], told[leaky["empty"]]) == (5, 1, remedy)
        told = metadata(house, "regional_aggregates", day)
        published = {one["status"] for one in values if one["day"] == day} == {"published"}
        assert (told["published"], told["not_published"]) == (published, not published)


def forecast(house, *, new: int) -> None:
    """Publish: each day tells of itself, and the run of all."""
    public = public_definitions(house.session.home, house.clock)
    days = {"first": DAYS[0], "last": DAYS[-1]}
    assert run_job(public, "publish", house.instance, region=LONDON, **days) is None
    for day in DAYS:
        told = metadata(house, "forecast", day)
        assert told == {"stored": 1, "already_settled": int(not new), "still_open": 0}
    run = totals(house, "forecast")
    assert (run["run_stored"], run["run_already_settled"]) == (new, len(DAYS) - new)


def test_every_view_says_what_holds_of_each_region_day(house, leaky: dict[str, str]) -> None:
    assert house.run("collect", DAYS[0], DAYS[-1]) == "GROUPS_REFUSED"
    # The steps that refused something are red, and no other.
    assert red_steps(house) == {
        "platform_export_every_export_read",
        "scrubbed_vectors_no_group_refused",
    }
    house.clock.set_to(date(2026, 10, 16))
    assert house.run("release", DAYS[0], DAYS[-1]) is None

    everywhere, nowhere = set(DAYS), {"SUCCEEDED": set(DAYS)}
    one_day = {"FAILED": {LEAKY}, "SUCCEEDED": everywhere - {LEAKY}}
    failed = {
        ("platform_export", "every_export_read"): {"FAILED": everywhere},
        ("scrubbed_vectors", "no_group_refused"): one_day,
        ("scrubbed_vectors", "only_reviewed_words"): one_day,
    }
    for asset, checks in CHECKS.items():
        for check in checks:
            expected = failed.get((asset, check), nowhere)
            assert statuses(house, asset, check) == expected, check
            # Where any region-day did not pass, the lists and the graph say so.
            assert latest(house, asset, check) == (next(iter(expected)), True), check
    assert metadata(house, "scrubbed_vectors", LEAKY)[leaky["leaky"]] == code_and_remedy(SCRUBBED)
    assert leaky["leaky"] not in metadata(house, "scrubbed_vectors", DAYS[0])
    assert totals(house, "group_scores")["run_group_days_settled"] == 7
    assert totals(house, "regional_aggregates")["run_published"] + totals(
        house, "regional_aggregates"
    )["run_not_published"] == len(DAYS)
    equal_to_the_database(house, leaky)
    forecast(house, new=len(DAYS))

    # Again, when everything has settled: the days are as they were, the run did nothing.
    assert house.run("collect", DAYS[0], DAYS[-1]) == "GROUPS_REFUSED"
    assert red_steps(house) == {"platform_export_every_export_read"}
    assert house.run("release", DAYS[0], DAYS[-1]) is None
    equal_to_the_database(house, leaky)
    assert totals(house, "group_scores")["run_group_days_settled"] == 0
    assert totals(house, "regional_aggregates")["run_already_settled"] == len(DAYS)
    forecast(house, new=0)


@pytest.mark.parametrize(
    ("assets", "red"),
    [
        (["platform_export"], {"platform_export"}),
        (["platform_export", "scrubbed_vectors"], {"scrubbed_vectors"}),
    ],
)
def test_a_run_without_its_checks_is_red_too(house, assets: list[str], red: set[str]) -> None:
    house.groups(1, FIRST, FIRST)
    house.deliver(house.grant(), b"")
    job = house.definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection={dg.AssetKey(one) for one in assets},
        asset_check_selection={
            dg.AssetCheckKey(dg.AssetKey(one), "only_reviewed_words")
            for one in assets
            if one == "scrubbed_vectors"  # in whose own step it is
        },
    )
    result = job.execute_in_process(
        instance=house.instance, partition_key=partition_key(LONDON, FIRST), raise_on_error=False
    )
    assert failure_code(result.all_events) == "GROUPS_REFUSED"
    assert red_steps(house) == red


def test_a_check_alone_says_the_same_again(house) -> None:
    house.groups(1, FIRST, FIRST)
    house.deliver(house.grant(), b"")
    key = dg.AssetCheckKey(dg.AssetKey("platform_export"), "every_export_read")
    assert not house.materialise("platform_export", FIRST).success
    job = house.definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection=set(), asset_check_selection={key}
    )
    result = job.execute_in_process(
        instance=house.instance, partition_key=partition_key(LONDON, FIRST), raise_on_error=False
    )
    (told,) = result.get_asset_check_evaluations()
    assert (told.passed, told.partition) == (False, partition_key(LONDON, FIRST))
    assert statuses(house, "platform_export", "every_export_read") == {"FAILED": {FIRST}}
