"""Ticks of sensors and schedules are stored as they are: what could carry text never leaves one."""

import re

import dagster as dg
import pytest
from dagster._utils.error import serializable_error_info_from_exc_info

from assets.core.errors import StorageError, TidelineError
from assets.core.shards import SHARD
from orchestration.restricted import restricted_definitions
from resources.containment.guard import guarded
from resources.containment.marker_scan import scan_bytes

TEXT = "margaret rang from 07700 900123"
WORD = "margaret"
PARTITION = "2026-10-05|greater_london"
START = "dagster/asset_partition_range_start"
KEY = "ab" * 32

REFUSED = {
    "skip reason": dg.SkipReason(TEXT),
    "skip reason of a word": dg.SkipReason(WORD),
    "run key": dg.RunRequest(run_key=WORD),
    "run configuration": dg.RunRequest(run_config={"ops": {WORD: {}}}),
    "tag": dg.RunRequest(tags={WORD: WORD}),
    "value of a known tag": dg.RunRequest(tags={START: TEXT}),
    "shard of words": dg.RunRequest(tags={SHARD: TEXT}),
    "group as a shard": dg.RunRequest(tags={SHARD: "g-7f3a91c2"}),
    "partition": dg.RunRequest(partition_key=TEXT),
    "cursor": dg.SensorResult(cursor=TEXT),
    "reason beside requests": dg.SensorResult(skip_reason=TEXT),
    "request in a result": dg.SensorResult(run_requests=[dg.RunRequest(run_key=WORD)]),
    "request in a list": [dg.RunRequest(run_key=KEY), dg.RunRequest(run_key=WORD)],
    "asset event": dg.SensorResult(asset_events=[dg.AssetMaterialization(WORD)]),
    "dynamic partition": dg.SensorResult(
        dynamic_partitions_requests=[
            dg.DynamicPartitionsDefinition(name="groups").build_add_request([WORD])
        ]
    ),
}


@pytest.mark.parametrize("result", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("shape", ["function", "generator"])
def test_a_result_that_could_carry_text_is_refused(result, shape):
    def ticks():
        yield result

    with pytest.raises(StorageError, match="VALUE_REFUSED"):
        guarded(lambda: result)() if shape == "function" else list(guarded(ticks)())


def test_a_cursor_set_on_the_way_is_refused():
    @guarded
    def tick(context: dg.SensorEvaluationContext):
        context.update_cursor(TEXT)

    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(instance=instance) as context,
        pytest.raises(StorageError, match="VALUE_REFUSED"),
    ):
        tick(context)


@pytest.mark.parametrize(
    "result",
    [
        dg.RunRequest(run_key=KEY, tags={START: PARTITION}),
        dg.RunRequest(run_key=KEY, tags={START: PARTITION, SHARD: "2/3"}),
        dg.RunRequest(partition_key=PARTITION),
        dg.SensorResult(run_requests=[dg.RunRequest(run_key=KEY)], cursor=f"12:{KEY}:"),
        None,
        dg.MaterializeResult(metadata={"groups": 1}),
    ],
)
def test_digests_and_partitions_pass(result):
    assert guarded(lambda: result)() is result


def test_a_sentence_of_the_code_passes():
    @guarded
    def tick():
        return dg.SkipReason("Nothing is due.")

    assert tick().skip_message == "Nothing is due."


def _told_by_a_tick(context):
    context.log.critical(TEXT)
    try:
        {}[TEXT]
    except KeyError as error:
        error.add_note(TEXT)
        raise ValueError(TEXT) from error


@pytest.mark.parametrize("kind", ["sensor", "schedule"])
def test_an_exception_of_a_tick_has_no_text(kind, capfd):
    @dg.job
    def some_job():
        pass

    tick = guarded(_told_by_a_tick)
    definition: dg.SensorDefinition | dg.ScheduleDefinition
    with dg.DagsterInstance.ephemeral() as instance:
        if kind == "sensor":
            definition = dg.SensorDefinition(name="told", evaluation_fn=tick, job=some_job)
            context = dg.build_sensor_context(instance=instance)
        else:
            definition = dg.ScheduleDefinition(
                name="told", cron_schedule="@daily", execution_fn=tick, job=some_job
            )
            context = dg.build_schedule_context(instance=instance)
        with context, pytest.raises(TidelineError) as caught:
            definition.evaluate_tick(context)
    told = str(serializable_error_info_from_exc_info(caught._excinfo))
    assert "STEP_BROKEN ValueError@tests/leak/test_tick_paths.py" in told
    assert scan_bytes(told.encode(), [TEXT.encode()]) == set()
    assert scan_bytes("".join(capfd.readouterr()).encode(), [TEXT.encode()]) == set()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning")
def test_our_sensor_asks_in_digests_and_partitions(session, planted):
    definitions = restricted_definitions(session.home, session.clock)
    sensor = definitions.resolve_sensor_def("consented_export_sensor")
    with (
        session.instance() as instance,
        dg.build_sensor_context(
            instance=instance, definitions=definitions, resources=session.resources
        ) as context,
    ):
        tick = sensor.evaluate_tick(context)
    assert len(tick.run_requests) == 2
    assert re.fullmatch(r"[0-9]+:([0-9a-f]{16})+:([0-9a-f]{16})*", tick.cursor)
    assert scan_bytes(str(tick).encode(), planted.markers) == set()
