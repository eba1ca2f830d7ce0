"""Ways of planting text in what a step hands to Dagster: paths 1, 2 and 11 to 17."""

import dagster as dg
import pandas as pd
from ways import way


class ToldIO(dg.IOManager):
    """Tells all that it is given."""

    def handle_output(self, context, obj):
        if "metadata" in str(context.name):
            context.add_output_metadata({"outcome": obj})
        else:
            raise ValueError(obj)

    def load_input(self, context):
        raise AssertionError


def _told(_, value):
    return dg.TypeCheck(False, description=str(value))


def _told_in_metadata(_, value):
    return dg.TypeCheck(False, metadata={"outcome": str(value)})


def _told_in_an_error(_, value):
    raise ValueError(value)


@way(1)
def returned_text(context, text):
    return text


@way(1)
def returned_table(context, text):
    return pd.DataFrame({"text": [text]})


@way(2, "asset")
def value_between_steps(text, guard):
    @dg.op
    @guard
    def read():
        return text

    @dg.op
    def count(told):
        return None

    @dg.graph_asset(name="value_between_steps")
    def made():
        return count(read())

    return made


@way(11, out=dg.Out(int))
def annotated_as_another_type(context, text):
    return text


@way(11, out=dg.Out(dg.DagsterType(_told, "told")))
def description_of_a_type_check(context, text):
    return text


@way(11, out=dg.Out(dg.DagsterType(_told_in_metadata, "told_in_metadata")))
def metadata_of_a_type_check(context, text):
    return text


@way(11, out=dg.Out(dg.DagsterType(_told_in_an_error, "told_in_an_error")))
def error_of_a_type_check(context, text):
    return text


@way(12)
def output_of_an_unknown_name(context, text):
    yield dg.Output(None, output_name=text.split()[0])


@way(12, out=dg.DynamicOut())
def key_of_a_dynamic_output(context, text):
    yield dg.DynamicOutput(None, mapping_key=text.split()[0])


@way(12)
def partition_of_an_event(context, text):
    context.log_event(dg.AssetMaterialization("told", partition=text))


@way(13, out=dg.Out(io_manager_key="told"))
def error_of_an_io_manager(context, text):
    return text


@way(13, out={"metadata": dg.Out(io_manager_key="told")})
def metadata_of_an_io_manager(context, text):
    return text


@way(16)
def metadata_of_an_output(context, text):
    context.add_output_metadata({"outcome": text})


@way(16)
def label_of_metadata(context, text):
    context.add_output_metadata({text: 1})


@way(16)
def metadata_of_every_kind(context, text):
    context.add_output_metadata(
        {
            "outcome": dg.MetadataValue.md(text),
            "refused": dg.MetadataValue.json({"closed": [text]}),
            "published": dg.MetadataValue.url(f"https://example.org/{text}"),
            "stored": dg.MetadataValue.path(f"/inbox/{text}"),
        }
    )


@way(16)
def description_of_a_materialization(context, text):
    context.log_event(dg.AssetMaterialization("group_scores", description=text))


@way(16)
def key_of_an_asset(context, text):
    context.log_event(dg.AssetMaterialization(text.split()[0]))


@way(16)
def observation(context, text):
    context.log_event(dg.AssetObservation("group_scores", metadata={"groups": text}))


@way(16)
def expectation(context, text):
    context.log_event(dg.ExpectationResult(success=False, description=text))


@way(16)
def event_without_a_run(context, text):
    context.instance.report_runless_asset_event(
        dg.AssetMaterialization("group_scores", metadata={"groups": text})
    )


@way(17)
def tags_of_an_event(context, text):
    context.log_event(dg.AssetMaterialization("told", tags={"told": text.split()[0]}))


def _asset(name, results, guard, *, check=False):
    specs = [dg.AssetCheckSpec("every_export_read", asset=name)] if check else []

    @dg.asset(name=name, check_specs=specs, output_required=False)
    @guard
    def made():
        yield from results()

    return made


@way(12, "asset")
def wrong_key_of_a_result(text, guard):
    def results():
        yield dg.MaterializeResult(asset_key=text.split()[0])

    return _asset("platform_export", results, guard)


@way(12, "asset")
def result_of_an_unknown_check(text, guard):
    def results():
        yield dg.AssetCheckResult(passed=True, check_name=text.split()[0])

    return _asset("scrubbed_vectors", results, guard, check=True)


@way(14, "asset")
def error_of_a_check(text, guard):
    @dg.asset(name="error_of_a_check")
    def made():
        return None

    @dg.asset_check(asset=made)
    @guard
    def told():
        raise ValueError(text)

    return [made, told]


@way(15, "asset")
def metadata_of_a_check(text, guard):
    def results():
        yield dg.AssetCheckResult(passed=False, metadata={"outcome": text})

    return _asset("group_scores", results, guard, check=True)


@way(15, "asset")
def description_of_a_check(text, guard):
    def results():
        yield dg.AssetCheckResult(passed=False, description=text)

    return _asset("regional_aggregates", results, guard, check=True)


@way(16, "asset")
def metadata_of_a_materialization(text, guard):
    def results():
        yield dg.MaterializeResult(metadata={"outcome": text})

    return _asset("metadata_of_a_materialization", results, guard)


@way(17, "asset")
def data_version_of_an_asset(text, guard):
    def results():
        yield dg.MaterializeResult(data_version=dg.DataVersion(text))

    return _asset("data_version_of_an_asset", results, guard)
