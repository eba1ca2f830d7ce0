"""A code leaves a step as data of its event, whatever the sentences beside it say."""

import dagster as dg
import psycopg2
import pytest
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from assets.core import coded_failures
from assets.core.coded_failures import CODE, code_of_step, coded
from assets.core.errors import StorageError
from orchestration.runs import failure_code
from resources.containment.guard import guarded


@coded
def plain(context: dg.OpExecutionContext) -> None:
    raise StorageError("DISK_FULL")


@coded
def generating(context: dg.OpExecutionContext):
    yield dg.Output(None)
    raise StorageError("DISK_FULL")


@guarded
def behind_the_guard(context: dg.OpExecutionContext) -> None:
    raise StorageError("DISK_FULL")


@guarded
def of_another(context: dg.OpExecutionContext) -> None:
    raise ValueError("POSTGRES_NOT_REACHABLE")


@coded
def uncoded(context: dg.OpExecutionContext) -> None:
    raise ValueError("DISK_FULL")


def gone() -> Exception:
    return OperationalError("SELECT 1", {}, psycopg2.OperationalError("server closed"))


def invalidated() -> Exception:
    return DBAPIError("SELECT 1", {}, ValueError(), connection_invalidated=True)


@guarded
def server_gone(context: dg.OpExecutionContext) -> None:
    raise gone()


@guarded
def server_gone_in_an_answer(context: dg.OpExecutionContext) -> None:
    raise invalidated()


@guarded
def driver_without_a_server(context: dg.OpExecutionContext) -> None:
    raise psycopg2.OperationalError("server closed")


@guarded
def broken_by_it(context: dg.OpExecutionContext) -> None:
    try:
        raise gone()
    except OperationalError:
        raise KeyError("what was being written") from None


@guarded
def broken_on_the_way_out(context: dg.OpExecutionContext) -> None:
    try:
        raise gone()
    finally:
        raise KeyError("what was being written")


def in_a_storage(context: dg.OpExecutionContext) -> None:
    """As where Dagster itself writes an event, which no guard of ours is around."""
    raise DagsterPostgresException("too many retries") from gone()


def failed(step) -> dg.DagsterEvent:
    made = dg.op(step, name="step")
    result = dg.GraphDefinition(name="one", node_defs=[made]).execute_in_process(
        raise_on_error=False
    )
    (event,) = (one for one in result.all_events if one.is_step_failure)
    return event


@pytest.mark.parametrize("step", [plain, generating, behind_the_guard])
def test_an_error_of_ours_carries_its_code(step) -> None:
    event = failed(step)
    assert code_of_step(event) == "DISK_FULL"
    assert event.step_failure_data.user_failure_data.metadata[CODE].value == "DISK_FULL"
    # Class and place stay with the cause.
    assert event.step_failure_data.error.cause.cls_name == "StorageError"


@pytest.mark.parametrize("step", [of_another, uncoded])
def test_words_of_another_error_are_no_code(step) -> None:
    assert code_of_step(failed(step)) == "STEP_BROKEN"


@pytest.mark.parametrize(
    ("step", "code", "tries"),
    [
        (server_gone, "POSTGRES_NOT_REACHABLE", 2),
        (server_gone_in_an_answer, "POSTGRES_NOT_REACHABLE", 2),
        (driver_without_a_server, "POSTGRES_NOT_REACHABLE", 2),
        (broken_on_the_way_out, "POSTGRES_NOT_REACHABLE", 2),
        (in_a_storage, "POSTGRES_NOT_REACHABLE", 0),
        # Who says that it did not come from there is believed.
        (broken_by_it, "STEP_BROKEN", 0),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_a_server_that_went_away_is_named_and_tried_again(step, code, tries, monkeypatch) -> None:
    monkeypatch.setattr(coded_failures, "SECONDS_TO_TRY_AGAIN", 0)
    made = dg.op(step, name="step")
    result = dg.GraphDefinition(name="one", node_defs=[made]).execute_in_process(
        raise_on_error=False
    )
    (event,) = (one for one in result.all_events if one.is_step_failure)
    assert code_of_step(event) == code
    assert sum(one.is_step_up_for_retry for one in result.all_events) == tries


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (gone(), "POSTGRES_NOT_REACHABLE"),
        (DagsterPostgresException("too many retries"), "POSTGRES_NOT_REACHABLE"),
        (
            DatabaseError("INSERT", {}, psycopg2.DatabaseError("server closed")),
            "POSTGRES_NOT_REACHABLE",
        ),
        (KeyError("what was being written"), "STEP_BROKEN"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_a_run_of_which_no_step_failed_says_why(
    error: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where Dagster writes, between two steps, that the first is done."""

    def broken(*_: object, **__: object) -> None:
        raise error

    @dg.op
    def step() -> None:
        pass

    graph = dg.GraphDefinition(name="one", node_defs=[step])
    monkeypatch.setattr(
        "dagster._core.execution.plan.active.ActiveExecution.verify_complete", broken
    )
    result = graph.execute_in_process(raise_on_error=False)
    assert not any(one.is_step_failure for one in result.all_events)
    assert failure_code(result.all_events) == code


def test_a_guarded_function_that_is_no_step_raises_as_it_is() -> None:
    @guarded
    def command() -> None:
        raise StorageError("DISK_FULL")

    with pytest.raises(StorageError):
        command()
