"""Paths of values and logs into Dagster's event log, closed by the seal alone: no guard here."""

import dagster as dg
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning"),
    pytest.mark.filterwarnings("ignore:.*[Dd]eprecat.*:Warning"),
]
PATHS = {}


def path(function):
    PATHS[function.__name__] = function
    return function


@path
def every_log_level(context, text):
    for log in (context.log, dg.get_dagster_logger(), dg.get_dagster_logger("a.library")):
        for level in ("debug", "info", "warning", "error", "critical"):
            getattr(log, level)(text)
        log.critical("%s", text, exc_info=ValueError(text), extra={"text": text})


@path
def output_metadata(context, text):
    context.add_output_metadata({text: text, "outcome": text, f"dagster/{text}": text})


@path
def metadata_of_every_kind(context, text):
    context.add_output_metadata(
        {
            "outcome": dg.MetadataValue.md(text),
            "refused": dg.MetadataValue.json(
                {text: text, "closed": [text, {text: 1}], "stored": text}
            ),
            "published": dg.MetadataValue.url(f"https://example.org/{text}"),
            "still_open": dg.MetadataValue.path(f"/inbox/{text}"),
            "checked": dg.MetadataValue.python_artifact(_class_called(text)),
            "stored": dg.MetadataValue.table(
                [dg.TableRecord({text: text, "closed": text})],
                dg.TableSchema(
                    [
                        dg.TableColumn(
                            text,
                            text,
                            text,
                            dg.TableColumnConstraints(other=[text]),
                            tags={text: text},
                        )
                    ],
                    dg.TableConstraints([text]),
                ),
            ),
            "closed": dg.TableColumnLineage({text: [dg.TableColumnDep(dg.AssetKey(text), text)]}),
            "groups": dg.MetadataValue.asset(dg.AssetKey([text])),
            "outcome_": dg.MetadataValue.job(text, "here", repository_name=text),
            "pid": dg.MetadataValue.notebook(text),
        }
    )


def _class_called(text):
    return type(text, (), {"__module__": text})


@path
def forged_structure_in_json(context, text):
    data = {"__class__": "AssetKey", "path": [text], text: text}
    context.add_output_metadata({"refused": dg.MetadataValue.json({"outcome": data})})


@path
def unknown_class_in_json(context, text):
    context.add_output_metadata({"refused": dg.MetadataValue.json({"__class__": text})})


@path
def unknown_enum_in_json(context, text):
    context.add_output_metadata({"refused": dg.MetadataValue.json({"__enum__": f"{text}.{text}"})})


@path
def mapping_items_in_json(context, text):
    data = {"__mapping_items__": [[text, text]], "__set__": [text]}
    context.add_output_metadata({"refused": dg.MetadataValue.json(data)})


@path
def large_number(context, text):
    number = int("".join(filter(str.isdigit, text)).ljust(11, "7"))
    context.add_output_metadata(
        {"groups": number, "closed": float(number), "refused": {"outcome": number}, text: number}
    )


@path
def materialization(context, text):
    context.log_event(
        dg.AssetMaterialization(
            asset_key=[text, text],
            description=text,
            metadata={text: text},
            partition=text,
            tags={"dagster/data_version": text, f"dagster/input_event_pointer/{text}": text},
        )
    )


@path
def observation(context, text):
    context.log_event(
        dg.AssetObservation(
            asset_key=text, description=text, metadata={"groups": text}, partition=text
        )
    )


@path
def expectation(context, text):
    context.log_event(
        dg.ExpectationResult(success=False, label=text, description=text, metadata={text: text})
    )


@path
def check_evaluation(context, text):
    context.log_event(
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(text),
            check_name=text,
            passed=False,
            metadata={text: dg.MetadataValue.text(text)},
            description=text,
            partition=text,
        )
    )


@path
def runless_event(context, text):
    context.instance.report_runless_asset_event(
        dg.AssetMaterialization("group_scores", description=text, metadata={"groups": text})
    )


@path
def engine_event(context, text):
    context.instance.report_engine_event(text, context.run, step_key=None)


@path
def output_of_the_wrong_type(context, text):
    return dg.Output(text, metadata={text: text}, data_version=dg.DataVersion(text))


@path
def type_check(context, text):
    return text


@path
def io_manager(context, text):
    return text


def _told(_, value):
    return dg.TypeCheck(False, description=str(value), metadata={str(value): str(value)})


class _Told(dg.IOManager):
    def handle_output(self, context, obj):
        context.add_output_metadata({obj: obj, "outcome": obj})
        context.log.critical(obj)
        raise ValueError(obj)

    def load_input(self, context):
        raise AssertionError


OUTS = {
    "output_of_the_wrong_type": dg.Out(int),
    "type_check": dg.Out(dg.DagsterType(_told, "told")),
    "io_manager": dg.Out(io_manager_key="told"),
}


RESOURCES = {"told": dg.IOManagerDefinition.hardcoded_io_manager(_Told())}


@pytest.mark.parametrize("name", PATHS)
def test_path_of_a_step(sealed, texts, name):
    run = sealed.run(name, PATHS[name], texts, out=OUTS.get(name), resources=RESOURCES)
    assert len([one for one in run.all_events if one.is_step_start]) == len(texts)
    assert len(sealed.dagster.all_logs(run.run_id)) >= len(run.all_events)
    sealed.check(texts)
