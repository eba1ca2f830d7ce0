"""Paths of errors into Dagster's event log, closed by the seal alone: no guard here."""

import linecache
import types

import dagster as dg
import pytest

from assets.core.errors import ExportError, StepFailed

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


NEVER_TOLD = {"hidden_exception"}
"""Paths by which Dagster stores none of the texts, seal or no seal."""


@pytest.mark.parametrize("name", PATHS)
def test_path_of_a_step(sealed, texts, name):
    run = sealed.run(name, PATHS[name], texts)
    assert len([one for one in run.all_events if one.is_step_start]) == len(texts)
    assert len(sealed.dagster.all_logs(run.run_id)) >= len(run.all_events)
    sealed.check(texts, leaks=name not in NEVER_TOLD)
