"""Paths of assets, checks and hooks into the event log, closed by the seal alone."""

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.events.log import EventLogEntry

from resources.containment.sealed_event_log import SealedPostgresEventLogStorage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning"),
    pytest.mark.filterwarnings("ignore:.*[Dd]eprecat.*:Warning"),
]


def test_the_instance_has_the_sealed_log(sealed):
    assert type(sealed.dagster.event_log_storage) is SealedPostgresEventLogStorage


@dg.failure_hook
def _telling_hook(context: dg.HookContext):
    context.log.critical(str(context.op_exception))
    raise RuntimeError(str(context.op_exception))


def _wrong_key(text):
    yield dg.MaterializeResult(asset_key=text, metadata={text: text})


def _result_of_an_unknown_check(text):
    yield dg.AssetCheckResult(passed=True, check_name=text)


def _check_with_text(text):
    yield dg.AssetCheckResult(
        passed=False, description=text, metadata={text: text, "refused": text}
    )
    yield dg.MaterializeResult(metadata={"groups": text, text: 1}, tags={text: text})


def _evaluation_and_totals(text):
    yield dg.MaterializeResult()
    yield dg.AssetObservation(
        "group_scores",
        description=text,
        metadata={f"run_{text}": 1, "run_groups": text, "refused": f"EXPORT_GONE: {text}"},
        partition=text,
    )
    yield dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("group_scores"),
        check_name="every_export_read",
        passed=False,
        description=text,
        metadata={text: text, f"EXPORT_GONE: {text}": 1, "checked": text},
        partition=text,
    )
    yield dg.Output(None, output_name="group_scores_every_export_read")


def _data_version(text):
    yield dg.AssetCheckResult(passed=True)
    yield dg.MaterializeResult(data_version=dg.DataVersion(text))


def _told_after_the_check(text):
    yield dg.AssetCheckResult(passed=True)
    raise ValueError(text)


@pytest.mark.parametrize(
    "body",
    [
        _wrong_key,
        _result_of_an_unknown_check,
        _check_with_text,
        _evaluation_and_totals,
        _data_version,
        _told_after_the_check,
    ],
)
def test_path_of_an_asset(sealed, texts, body):
    for text in texts.values():

        @dg.asset(
            name="group_scores",
            check_specs=[dg.AssetCheckSpec("every_export_read", asset="group_scores")],
            output_required=False,
        )
        def made():
            yield from body(text)  # noqa: B023  (run before the next)

        dg.materialize([made], instance=sealed.dagster, raise_on_error=False)
    sealed.check(texts)


def test_evaluations_that_are_stored_together(sealed, texts):
    run = sealed.run("together", _fail, texts)
    entries = [
        EventLogEntry(
            error_info=None,
            level=20,
            user_message=text,
            run_id=run.run_id,
            timestamp=1.0,
            step_key="group_scores",
            job_name="collect",
            dagster_event=DagsterEvent(
                DagsterEventType.ASSET_CHECK_EVALUATION.value,
                "collect",
                message=text,
                step_key="group_scores",
                event_specific_data=dg.AssetCheckEvaluation(
                    asset_key=dg.AssetKey("group_scores"),
                    check_name="every_export_read",
                    passed=True,
                    metadata={text: text, "checked": text},
                    description=text,
                    partition=f"2026-10-0{number}",
                ),
            ),
        )
        for number, text in enumerate(texts.values(), 1)
    ]
    log = sealed.dagster.event_log_storage
    log.store_event_batch(entries)
    key = dg.AssetCheckKey(dg.AssetKey("group_scores"), "every_export_read")
    stored = log.get_asset_check_execution_history(key, limit=99)
    of_run = [one.partition for one in stored if one.run_id == run.run_id]
    assert len(of_run) == len(entries)
    # Told again, as by a step that is tried again: in place of what was told before.
    log.store_event_batch(entries)
    again = log.get_asset_check_execution_history(key, limit=99)
    assert [one.partition for one in again if one.run_id == run.run_id] == of_run
    sealed.check(texts)


def _fail(context, text):
    raise ValueError(text)


def test_hook(sealed, texts):
    run = sealed.run("hook", _fail, texts, hooks={_telling_hook})
    assert any(one.event_type_value == "HOOK_ERRORED" for one in run.all_events)
    sealed.check(texts)


def test_key_of_a_dynamic_output(sealed):
    text = "margaret_rang_twice"

    @dg.op(out=dg.DynamicOut())
    def fan_out():
        yield dg.DynamicOutput(None, mapping_key=text)

    @dg.op
    def of_each(one):
        raise ValueError

    @dg.job(executor_def=dg.in_process_executor)
    def fanned():
        fan_out().map(of_each)

    fanned.execute_in_process(instance=sealed.dagster, raise_on_error=False)
    sealed.check({"key": text})


def test_an_event_that_cannot_be_sealed_leaves_a_bare_entry(sealed, texts, monkeypatch):
    def refuse(_event):
        raise TypeError(str(texts))

    monkeypatch.setattr("resources.containment.sealed_event_log.serialize_value", refuse)
    run = sealed.run("bare", _fail, texts)
    stored = sealed.dagster.all_logs(run.run_id)
    assert stored
    assert {(one.user_message, one.dagster_event) for one in stored} == {("(sealed)", None)}
    sealed.check(texts)
