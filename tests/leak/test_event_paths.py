"""Every path by which Dagster's event log takes text, closed by the seal alone: no guard here."""

import json
import linecache
import secrets
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.instance import DagsterInstance
from dagster._serdes import serialize_value

from assets.governance.errors import ExportError, StepFailed
from orchestration.cli.session import INSTANCE_TEMPLATE
from resources.canary import _environment
from resources.database import Database
from resources.marker_scan import scan_bytes, scan_database, scan_folder
from resources.postgres import dagster_url
from resources.sealed_event_log import SealedPostgresEventLogStorage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning"),
    pytest.mark.filterwarnings("ignore:.*[Dd]eprecat.*:Warning"),
]


@dataclass(frozen=True)
class Instance:
    dagster: DagsterInstance
    database: Database
    folder: Path


@pytest.fixture(scope="module")
def sealed(postgres_server, tmp_path_factory) -> Iterator[Instance]:
    """An instance under the project's own dagster.yaml, in a database of its own."""
    name, folder = f"t_{secrets.token_hex(6)}", tmp_path_factory.mktemp("sealed")
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    database = Database(postgres_server.set(database=name))
    (folder / "dagster.yaml").write_text(INSTANCE_TEMPLATE.read_text())
    with (
        _environment(
            DAGSTER_PG_URL=dagster_url(database.url),
            DAGSTER_HOME=str(folder),
            DAGSTER_EVENT_BATCH_SIZE="500",
        ),
        dg.DagsterInstance.from_config(str(folder)) as instance,
    ):
        yield Instance(instance, database, folder)
    database.dispose()
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def shapes() -> dict[str, str]:
    """Texts that look like what may be stored, new ones at each call."""
    word = "".join(secrets.choice("bdfghjklmnprstvz") for _ in range(9))
    digits = "".join(secrets.choice("123456789") for _ in range(9))
    return {
        "sentence": f"{word.title()} rang from number {digits[:3]}",
        "name": word.title(),
        "upper": word.upper(),
        "identifier": f"_{word}_{word}",
        "short_hex": secrets.token_hex(5) + "ab",
        "long_hex": secrets.token_hex(8),
        "telephone": f"07{digits}",
        "card": f"4{digits}{digits[:6]}",
        "day_and_word": f"2026-10-05 {word}",
        "day_and_region": f"2026-10-05|{word}",
        "no_day": f"{digits[:4]}-99-{digits[4:6]}",
        "reference": f"g-{word}",
        "code": f"STEP_BROKEN {word}",
        "place": f"{word.title()}@resources/guard.py:3",
        "label": f"dagster/{word}",
        "version": f"seeds-{digits}",
        "accents": f"Zoë{word}",
    }


Body = Callable[[dg.OpExecutionContext, str], object]
PATHS: dict[str, Body] = {}


def path(function: Body) -> Body:
    PATHS[function.__name__] = function
    return function


@path
def exception_message(context, text):
    raise ValueError(text)


@path
def exception_with_colons(context, text):
    raise ValueError(f"what: {text}")


@path
def key_of_a_key_error(context, text):
    return {}[text]


@path
def representation(context, text):
    class Told(Exception):  # noqa: N818
        def __str__(self):
            return text

        __repr__ = __str__

    raise Told


@path
def context_of_an_exception(context, text):
    try:
        _missing(text)
    except KeyError:
        raise RuntimeError  # noqa: B904  (the path in question)


@path
def cause_of_an_exception(context, text):
    try:
        _missing(text)
    except KeyError as error:
        raise RuntimeError from error


@path
def hidden_exception(context, text):
    try:
        _missing(text)
    except KeyError:
        raise RuntimeError from None


@path
def note(context, text):
    error = ValueError()
    error.add_note(text)
    raise error


@path
def members_of_a_group(context, text):
    raise ExceptionGroup(text, [ValueError(text), ExceptionGroup(text, [KeyError(text)])])


@path
def retry(context, text):
    if context.retry_number == 0:
        raise dg.RetryRequested(max_retries=1) from ValueError(text)
    raise ValueError(text)


@path
def system_exit(context, text):
    raise SystemExit(text)


@path
def failure(context, text):
    raise dg.Failure(description=text, metadata={text: text, "outcome": text})


@path
def class_made_at_run_time(context, text):
    raise type("".join(filter(str.isidentifier, text)) or "x", (Exception,), {})(text)


@path
def class_with_a_borrowed_module(context, text):
    raise type(text, (ValueError,), {"__module__": "builtins", "__qualname__": "ValueError"})


@path
def function_made_at_run_time(context, text):
    code = _raiser.__code__.replace(co_name=text, co_qualname=text)
    types.FunctionType(code, globals())()


@path
def compiled_file_name(context, text):
    exec(compile("raise ValueError", text, "exec"))


@path
def compiled_source_line(context, text):
    file = f"<{text}>"
    linecache.cache[file] = (1, None, [f"raise ValueError # {text}\n"], file)
    exec(compile("raise ValueError", file, "exec"))


def _missing(text):
    raise KeyError(text)


def _raiser():
    raise ValueError


@path
def origin_of_a_step_failed(context, text):
    raise StepFailed("STEP_BROKEN", origin=text)


@path
def changed_code_of_our_error(context, text):
    error = ExportError("EXPORT_GONE")
    error.code, error.args = text, (text,)
    raise error


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


def _job(
    name: str, body: Body, texts: dict[str, str], hooks: set | None = None
) -> dg.JobDefinition:
    """A job with a step for each text."""

    def op_of(shape: str, text: str):
        @dg.op(name=f"{name}_{shape}", out=OUTS.get(name, dg.Out()))
        def step(context: dg.OpExecutionContext):
            return body(context, text)

        return step

    steps = [op_of(shape, text) for shape, text in texts.items()]

    @dg.job(
        name=f"leaky_{name}",
        executor_def=dg.in_process_executor,
        resource_defs={"told": dg.IOManagerDefinition.hardcoded_io_manager(_Told())},
        hooks=hooks,
    )
    def leaky():
        for step in steps:
            step()

    return leaky


@pytest.fixture
def events_before(monkeypatch) -> list[str]:
    """What the seal was given, as Dagster would have stored it."""
    kept: list[str] = []
    seal = SealedPostgresEventLogStorage.sealed

    def keep(storage, event):
        kept.append(serialize_value(event))
        return seal(storage, event)

    monkeypatch.setattr(SealedPostgresEventLogStorage, "sealed", keep)
    return kept


def _check(sealed: Instance, texts: dict[str, str], before: list[str], *, leaks: bool) -> None:
    """Nothing of the texts is stored; without the seal it would be; nor of any other shape."""
    markers = [text.encode() for text in texts.values()]
    assert scan_bytes("".join(before).encode(), markers) == (set(markers) if leaks else set())
    with sealed.database.transaction() as connection:
        assert scan_database(connection, markers) == set()
    assert scan_folder(sealed.folder, markers) == set()
    seal = sealed.dagster.event_log_storage._seal
    for text in texts.values():
        for shape, other in shapes().items():
            told = [
                json.loads(one.replace(_in_json(text), _in_json(other)))
                for one in before
                if _in_json(text) in one
            ]
            stored = json.dumps([seal.seal_event(one) for one in told], ensure_ascii=False)
            assert scan_bytes(stored.encode(), [other.encode()]) == set(), shape


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _some_shapes(name: str) -> dict[str, str]:
    """Three of the shapes, others for each path; `_check` tries all of them without a run."""
    every = list(shapes().items())
    start = sum(name.encode())
    return dict(every[(start + 6 * n) % len(every)] for n in range(3))


def test_the_instance_has_the_sealed_log(sealed):
    assert type(sealed.dagster.event_log_storage) is SealedPostgresEventLogStorage


@pytest.mark.parametrize("name", PATHS)
def test_path_of_a_step(sealed, events_before, name):
    texts = _some_shapes(name)
    run = _job(name, PATHS[name], texts).execute_in_process(
        instance=sealed.dagster, raise_on_error=False
    )
    assert len([one for one in run.all_events if one.is_step_start]) == len(texts)
    assert len(sealed.dagster.all_logs(run.run_id)) >= len(run.all_events)
    _check(sealed, texts, events_before, leaks=name not in NEVER_TOLD)


NEVER_TOLD = {"hidden_exception"}
"""Paths by which Dagster stores none of the texts themselves, seal or no seal."""


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
        _data_version,
        _told_after_the_check,
    ],
)
def test_path_of_an_asset(sealed, events_before, body):
    texts = _some_shapes(body.__name__)
    for text in texts.values():

        @dg.asset(
            name="group_scores",
            check_specs=[dg.AssetCheckSpec("every_export_read", asset="group_scores")],
            output_required=False,
        )
        def made():
            yield from body(text)  # noqa: B023  (run before the next)

        dg.materialize([made], instance=sealed.dagster, raise_on_error=False)
    _check(sealed, texts, events_before, leaks=True)


def test_hook(sealed, events_before):
    texts = _some_shapes("hook")
    job = _job("hook", PATHS["exception_message"], texts, hooks={_telling_hook})
    run = job.execute_in_process(instance=sealed.dagster, raise_on_error=False)
    assert any(one.event_type_value == "HOOK_ERRORED" for one in run.all_events)
    _check(sealed, texts, events_before, leaks=True)


def test_key_of_a_dynamic_output(sealed, events_before):
    text = shapes()["identifier"]

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
    _check(sealed, {"identifier": text}, events_before, leaks=True)


def test_an_event_that_cannot_be_stored_leaves_a_bare_entry(sealed, events_before, monkeypatch):
    text = shapes()["sentence"]

    def refuse(_event):
        raise TypeError(text)

    monkeypatch.setattr("resources.sealed_event_log.serialize_value", refuse)
    run = _job("bare", PATHS["exception_message"], {"sentence": text}).execute_in_process(
        instance=sealed.dagster, raise_on_error=False
    )
    stored = sealed.dagster.all_logs(run.run_id)
    assert stored
    assert {(one.user_message, one.dagster_event) for one in stored} == {("(sealed)", None)}
    _check(sealed, {"sentence": text}, events_before, leaks=True)
