"""Ways of planting text in runs, jobs, sensors and schedules: paths 20 to 30."""

import os
import warnings
from pathlib import Path

import dagster as dg
import pandas as pd
from ways import way


@way(20, "sensor")
def run_configuration(context, text):
    return dg.RunRequest(run_config={"ops": {"asked": {"config": {"told": text}}}})


@way(20, "schedule")
def run_configuration_of_a_schedule(context, text):
    return dg.RunRequest(run_config={"ops": {"asked": {"config": {"told": text}}}})


@way(21, "sensor")
def run_tag(context, text):
    return dg.RunRequest(tags={"told": text})


@way(21, "sensor")
def label_of_a_run_tag(context, text):
    return dg.RunRequest(tags={text.split()[0]: "told"})


@way(21, "sensor")
def run_key(context, text):
    return dg.RunRequest(run_key=text)


@way(21, "sensor")
def dynamic_partition(context, text):
    request = dg.DynamicPartitionsDefinition(name="groups").build_add_request([text])
    return dg.SensorResult(dynamic_partitions_requests=[request])


@way(21, "schedule")
def run_tag_of_a_schedule(context, text):
    return dg.RunRequest(run_key=None, tags={"told": text})


@way(24, "sensor")
def cursor(context, text):
    context.update_cursor(text)
    return dg.SkipReason("Nothing is due.")


@way(24, "sensor")
def cursor_of_a_result(context, text):
    return dg.SensorResult(cursor=text)


@way(25, "sensor")
def skip_reason(context, text):
    return dg.SkipReason(text)


@way(25, "schedule")
def skip_reason_of_a_schedule(context, text):
    return dg.SkipReason(text)


@way(26, "sensor")
def error_of_a_sensor(context, text):
    try:
        {}[text]
    except KeyError as error:
        error.add_note(text)
        raise ValueError(text) from error


@way(26, "schedule")
def error_of_a_schedule(context, text):
    raise ValueError(text)


@way(27, "sensor")
def log_of_a_sensor(context, text):
    context.log.info(text)
    return dg.SkipReason("Nothing is due.")


@way(27, "sensor")
def printed_by_a_sensor(context, text):
    print(text)  # noqa: T201
    return dg.SkipReason("Nothing is due.")


def _job(name, *steps, hooks=None, **resources):
    @dg.job(
        name=name, executor_def=dg.in_process_executor, resource_defs=resources, hooks=hooks or None
    )
    def made():
        for step in steps:
            step()

    return made


def _step(body, guard, **how):
    def step(context: dg.OpExecutionContext):
        return body(context)

    return dg.op(name="step", **how)(guard(step))


class _Configured(dg.ConfigurableResource):
    text: str


class _Held:
    def __init__(self, text):
        self.text = text


def _resource(text, guard, resource):
    def used(context):
        assert text in vars(context.resources.held).values()

    return _job("resource", _step(used, guard, required_resource_keys={"held"}), held=resource)


def _held_resource(text, guard):
    return _resource(text, guard, dg.ResourceDefinition.hardcoded_resource(_Held(text)))


@way(22, "job", instead=_held_resource)
def literal_of_a_resource(text, guard):
    return _resource(text, guard, _Configured(text=text).get_resource_definition())


def _closed_over(text, guard):
    return _job("configured", _step(lambda context: len(text) and None, guard))


@way(22, "job", instead=_closed_over)
def default_of_a_configuration(text, guard):
    schema = {"told": dg.Field(str, default_value=text)}
    return _job("configured", _step(lambda context: None, guard, config_schema=schema))


@way(23, "job")
def error_of_a_failure_hook(text, guard):
    def fail(context):
        raise KeyError

    @dg.failure_hook
    def told(context):
        raise ValueError(text)

    return _job("failing_hook", _step(fail, guard), hooks={told})


@way(23, "job")
def error_of_a_success_hook(text, guard):
    @dg.success_hook
    def told(context):
        raise ValueError(text)

    return _job("hook", _step(lambda context: None, guard), hooks={told})


@way(28, "job", serialised=True)
def events_that_a_worker_sends_on(text, guard):
    def fail(context):
        context.log.info(text)
        raise ValueError(text)

    return _job("worker", _step(fail, guard))


@way(29, "job", deleted=True)
def deleted_run(text, guard):
    def tell(context):
        print(text)  # noqa: T201
        return text

    return _job("deleted", _step(tell, guard))


def _validated(text, result_format):
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.simplefilter("ignore")
    import great_expectations as gx
    from great_expectations import expectations

    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas(name="told").add_dataframe_asset(name="table")
    batch = source.add_batch_definition_whole_dataframe("all").get_batch(
        {"dataframe": pd.DataFrame({"told": [text]})}
    )
    result = batch.validate(
        expectations.ExpectColumnValuesToBeInSet(column="told", value_set=["known"]),
        result_format=result_format,
    )
    assert not result.success
    Path(os.environ["DAGSTER_HOME"], "validated.json").write_text(str(result))


def _validated_for_booleans(text):
    _validated(text, "BOOLEAN_ONLY")


@way(30, "process", instead=_validated_for_booleans)
def result_of_great_expectations(text):
    _validated(text, "COMPLETE")
