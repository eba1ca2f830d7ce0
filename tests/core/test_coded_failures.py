"""A code leaves a step as data of its event, whatever the sentences beside it say."""

import dagster as dg
import pytest

from assets.core.coded_failures import CODE, code_of_step, coded
from assets.core.errors import StorageError
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


def test_a_guarded_function_that_is_no_step_raises_as_it_is() -> None:
    @guarded
    def command() -> None:
        raise StorageError("DISK_FULL")

    with pytest.raises(StorageError):
        command()
