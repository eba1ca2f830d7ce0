"""What comes out of a guarded step: an error without text, and nothing else."""

import logging
import sys
import warnings

import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from assets.core.errors import ExportError, StepFailed, TidelineError
from resources.containment.guard import guarded, without_text
from resources.containment.sealed_errors import known_origin

TEXT = "margaret rang from 07700 900123"


def _fail(error: Exception) -> None:
    raise error


class Told(Exception):  # noqa: N818
    def __str__(self) -> str:
        return TEXT

    __repr__ = __str__


class OwnError(TidelineError):
    def __init__(self, text: str = TEXT) -> None:
        super().__init__("STEP_BROKEN")
        self.args = (text,)


def _changed() -> TidelineError:
    error = ExportError("EXPORT_GONE")
    error.code, error.args = TEXT, (TEXT,)
    return error


def _with_note() -> Exception:
    error = ValueError(TEXT)
    error.add_note(TEXT)
    return error


ERRORS = {
    "message": ValueError(TEXT),
    "key": KeyError(TEXT),
    "note": _with_note(),
    "exit": SystemExit(TEXT),
    "group": ExceptionGroup(TEXT, [ValueError(TEXT)]),
    "own string": Told(),
    "class": type("Margaret", (Exception,), {})(TEXT),
    "origin": StepFailed("STEP_BROKEN", origin=TEXT),
    "origin like a place": StepFailed(
        "STEP_BROKEN", origin="Margaret@resources/containment/guard.py:3"
    ),
    "another class of ours": OwnError(),
    "changed code": _changed(),
    "generator exit": GeneratorExit(TEXT),
    "stop": StopIteration(TEXT),
}


def _everything(error: BaseException) -> str:
    told, seen = "", set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told += f"{error!r} {error} {error.__dict__} {getattr(error, '__notes__', '')}"
        told += type(error).__name__
        error = error.__cause__ or error.__context__
    return told


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("shape", ["function", "generator"])
def test_an_error_leaves_without_text(error, shape):
    def step():
        try:
            _fail(KeyError(TEXT))
        except KeyError:
            raise error  # noqa: B904

    def steps():
        yield 1
        step()

    with pytest.raises(TidelineError) as caught:
        guarded(step)() if shape == "function" else list(guarded(steps)())
    assert "argaret" not in _everything(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", [KeyboardInterrupt, DagsterExecutionInterruptedError])
def test_an_interrupt_goes_through_without_text(kind):
    @guarded
    def step():
        try:
            _fail(ValueError(TEXT))
        except ValueError:
            raise kind(TEXT)  # noqa: B904

    with pytest.raises(kind) as caught:
        step()
    assert TEXT not in _everything(caught.value)


def test_an_error_of_ours_keeps_class_and_code():
    kept = without_text(ExportError("EXPORT_GONE"))
    assert type(kept) is ExportError
    assert str(kept) == "EXPORT_GONE"


def test_a_broken_step_tells_classes_and_places():
    @guarded
    def step():
        try:
            {}[TEXT]
        except KeyError as error:
            raise RuntimeError(TEXT) from error

    with pytest.raises(StepFailed) as caught:
        step()
    broken, first, second = str(caught.value).split()
    assert broken == "STEP_BROKEN"
    assert first.startswith("RuntimeError@tests/resources/test_guard.py:")
    assert second.startswith("KeyError@tests/resources/test_guard.py:")
    assert known_origin(str(caught.value)) == str(caught.value)


def test_an_error_from_nowhere_is_still_told():
    assert str(without_text(ValueError(TEXT))) == "STEP_BROKEN ValueError@elsewhere:0"


def _tell() -> None:
    print(TEXT)  # noqa: T201
    print(TEXT, file=sys.stderr)  # noqa: T201
    warnings.warn(TEXT, stacklevel=1)
    for name in (None, "some.library", "dagster", "dagster.some"):
        logging.getLogger(name).critical("%s", TEXT, exc_info=ValueError(TEXT))


@pytest.mark.parametrize("shape", ["function", "generator", "closed generator"])
def test_nothing_is_printed(shape, capfd):
    handlers = {name: logging.StreamHandler(sys.stderr) for name in ("", "some.library", "dagster")}
    for name, handler in handlers.items():
        logging.getLogger(name).addHandler(handler)

    def steps():
        try:
            _tell()
            yield 1
        finally:
            _tell()
            raise ValueError(TEXT)

    try:
        if shape == "function":
            guarded(_tell)()
        elif shape == "generator":
            with pytest.raises(StepFailed):
                list(guarded(steps)())
        else:
            started = guarded(steps)()
            next(started)
            with pytest.raises(StepFailed):
                started.close()
    finally:
        for name, handler in handlers.items():
            logging.getLogger(name).removeHandler(handler)
    assert capfd.readouterr() == ("", "")


def test_handlers_come_back_after_a_failure(capfd):
    handler = logging.StreamHandler(sys.stderr)
    library = logging.getLogger("some.library")
    library.addHandler(handler)
    try:
        with pytest.raises(StepFailed):
            guarded(lambda: {}[TEXT])()
        library.error("heard")
    finally:
        library.removeHandler(handler)
    assert "heard" in capfd.readouterr().err


def test_results_pass_as_they_are():
    @guarded
    def counted():
        yield from (1, 2)

    assert list(counted()) == [1, 2]
    assert guarded(lambda one, *, two: (one, two))(1, two=2) == (1, 2)
