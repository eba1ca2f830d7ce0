"""Ways of planting text in an error of a step: paths 3 to 10."""

import importlib
import json
import linecache
import types
from pathlib import Path

import dagster as dg
import pandas as pd
import pydantic
import sqlalchemy as sa
from ways import way


@way(3)
def message(context, text):
    raise ValueError(text)


@way(3)
def missing_key(context, text):
    return {}[text]


@way(3)
def number_of_pandas(context, text):
    pd.to_numeric(pd.Series([text]))


@way(3)
def day_of_pandas(context, text):
    pd.to_datetime(pd.Series([text]), format="%Y-%m-%d")


@way(3)
def missing_column(context, text):
    pd.DataFrame({"a": [1]})[text]


@way(3)
def number(context, text):
    int(text)


@way(3)
def own_representation(context, text):
    class Told(Exception):  # noqa: N818
        def __str__(self):
            return text

        __repr__ = __str__

    raise Told


@way(3)
def assertion(context, text):
    assert not text, f"unexpected {text}"


@way(3)
def missing_file(context, text):
    Path("/nowhere", text).read_text()


@way(3)
def missing_module(context, text):
    importlib.import_module(text.split()[0])


@way(3)
def refused_by_pydantic(context, text):
    pydantic.TypeAdapter(int).validate_python(text)


@way(3)
def parameters_of_a_statement(context, text):
    with sa.create_engine("sqlite://").connect() as connection:
        connection.execute(sa.text("SELECT :a FROM nowhere"), {"a": text})


@way(3, by_default=False)
def encoding(context, text):
    (text + "\udc80").encode("ascii")


@way(3, by_default=False)
def damaged_json(context, text):
    json.loads(f'{{"{text}": ')


@way(4)
def context_of_an_error(context, text):
    try:
        _missing(text)
    except KeyError:
        raise RuntimeError  # noqa: B904  (the path in question)


@way(4)
def cause_of_an_error(context, text):
    try:
        _missing(text)
    except KeyError as error:
        raise RuntimeError from error


@way(4)
def note_of_an_error(context, text):
    error = ValueError()
    error.add_note(text)
    raise error


@way(5, by_default=False)
def locals_of_a_frame(context, text):
    told = text.upper()
    raise ValueError(len(told))


@way(6, by_default=False)
def hidden_error(context, text):
    try:
        _missing(text)
    except KeyError:
        raise RuntimeError from None


@way(7)
def title_of_a_group_of_errors(context, text):
    raise ExceptionGroup(text, [ValueError()])


@way(7, by_default=False)
def members_of_a_group_of_errors(context, text):
    raise ExceptionGroup("several", [ValueError(text), ExceptionGroup("more", [KeyError(text)])])


@way(8)
def requested_retry(context, text):
    if context.retry_number == 0:
        raise dg.RetryRequested(max_retries=1) from ValueError(text)


@way(8, retry_policy=dg.RetryPolicy(max_retries=1))
def retry_by_policy(context, text):
    if context.retry_number == 0:
        raise ValueError(text)


@way(9)
def exit_of_the_system(context, text):
    raise SystemExit(text)


@way(10)
def description_of_a_failure(context, text):
    raise dg.Failure(description=text)


@way(10)
def metadata_of_a_failure(context, text):
    raise dg.Failure(metadata={"outcome": text})


@way(0)
def class_made_at_run_time(context, text):
    raise type(text.split()[0], (Exception,), {})


@way(0)
def function_made_at_run_time(context, text):
    code = _raiser.__code__
    name = text.split()[0]
    types.FunctionType(code.replace(co_name=name, co_qualname=name), globals())()


@way(0)
def compiled_file_name(context, text):
    exec(compile("raise ValueError", text, "exec"))


@way(0)
def source_line(context, text):
    file = "<told>"
    linecache.cache[file] = (1, None, [f"raise ValueError # {text}\n"], file)
    exec(compile("raise ValueError", file, "exec"))


@way(0, "alone")
def interrupt(context, text):
    raise KeyboardInterrupt(text) from ValueError(text)


def _missing(text):
    raise KeyError(text)


def _raiser():
    raise ValueError
