"""What the seal lets into the event log, and that nothing else gets in by any leaf."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationPlanned,
)
from dagster._core.definitions.freshness import FreshnessState, FreshnessStateChange
from dagster._core.definitions.partitions.subset import DefaultPartitionsSubset
from dagster._core.events import (
    AssetObservationData,
    DagsterEvent,
    DagsterEventType,
    StepMaterializationData,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.execution.plan.objects import (
    ErrorSource,
    StepFailureData,
    StepSuccessData,
    UserFailureData,
)
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID
from dagster._serdes import deserialize_value, serialize_value
from dagster._utils.error import SerializableErrorInfo
from hypothesis import given
from hypothesis import strategies as st

from assets.core.coded_failures import failure_of
from assets.core.errors import StepFailed, code_and_remedy
from resources.base.runs.dead_runs import why
from resources.containment.seal import LARGEST_COUNT, EventSeal
from resources.containment.sealed_errors import SEALED, class_name, known_origin, seal_error
from resources.containment.sealed_messages import message_of, region_name

NAMES = ("group_scores", "every_export_read", "collect", "greater_london")
SEAL = EventSeal(NAMES)
RUN_ID = "6f1d5c2e-7f1b-4f0e-9c53-0a6a0f3b1d22"
DIGEST = "ab" * 32


def _entry(kind: DagsterEventType, data: Any) -> dict[str, Any]:
    event = DagsterEvent(
        event_type_value=kind.value,
        job_name="collect",
        step_key="group_scores",
        event_specific_data=data,
        message="told",
    )
    entry = EventLogEntry(
        error_info=None,
        level=40,
        user_message="told",
        run_id=RUN_ID,
        timestamp=1.0,
        step_key="group_scores",
        job_name="collect",
        dagster_event=event,
    )
    return json.loads(serialize_value(entry))


def _error(name: str, message: str = "told") -> SerializableErrorInfo:
    frame = '  File "/told/by.py", line 3, in told\n    told = 1\n'
    inner = SerializableErrorInfo(message, [frame], "KeyError", None, None)
    return SerializableErrorInfo(message, [frame], name, inner, inner)


ENTRIES = [
    _entry(
        DagsterEventType.ASSET_MATERIALIZATION,
        StepMaterializationData(
            dg.AssetMaterialization(
                "group_scores",
                description="told",
                metadata={
                    "groups": 4,
                    "model_version": "seeds-1-0123456789ab",
                    "refused": {"g-0123abcd": "EXPORT_GONE", "told": ["told", {"told": "told"}]},
                    "stored": dg.MetadataValue.table([dg.TableRecord({"told": "told"})]),
                    "told": "told",
                },
                partition="2026-10-05|greater_london",
                tags={"dagster/data_version": DIGEST, "told": "told"},
            )
        ),
    ),
    _entry(
        DagsterEventType.STEP_FAILURE,
        StepFailureData(_error("ValueError"), None, error_source=ErrorSource.USER_CODE_ERROR),
    ),
    _entry(
        DagsterEventType.ASSET_CHECK_EVALUATION,
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey("group_scores"),
            check_name="every_export_read",
            passed=False,
            metadata={"refused": dg.IntMetadataValue(1), "told": dg.TextMetadataValue("told")},
            description="told",
            partition="2026-10-05|greater_london",
        ),
    ),
    _entry(
        DagsterEventType.ASSET_OBSERVATION,
        AssetObservationData(
            dg.AssetObservation(
                "group_scores",
                description="told",
                metadata={
                    "run_groups": 4,
                    "run_told": "told",
                    "g-0123abcd": code_and_remedy("EXPORT_GONE"),
                    "refused": "EXPORT_GONE: told",
                },
                partition="told",
            )
        ),
    ),
    _entry(
        DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
        AssetCheckEvaluationPlanned(
            asset_key=dg.AssetKey("group_scores"),
            check_name="every_export_read",
            partitions_subset=DefaultPartitionsSubset({"2026-10-05|greater_london", "told"}),
        ),
    ),
]


def _leaves(node: Any, at: tuple = ()) -> Iterator[tuple]:
    if isinstance(node, dict):
        for label, value in node.items():
            yield from _leaves(value, (*at, label))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _leaves(value, (*at, index))
    elif isinstance(node, str):
        yield at


PLACES = [
    (number, at)
    for number, entry in enumerate(ENTRIES)
    for at in _leaves(entry)
    if at not in {("__class__",), ("dagster_event", "__class__")}  # it would be no event
]
_LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs"])
TEXTS = (
    st.text(_LETTERS, min_size=5)
    | st.from_regex(r"[A-Z][A-Z_]{5,20}", fullmatch=True)
    | st.from_regex(r"[A-Z][a-z]{4,12}", fullmatch=True)
    | st.from_regex(r"0?7[0-9]{9}", fullmatch=True)
    | st.from_regex(r"[0-9a-f]{8,39}", fullmatch=True)
    | st.from_regex(r"2026-[0-9]{2}-[0-9]{2}[ |][a-z_]{5,9}", fullmatch=True)
    | st.from_regex(r"dagster/[a-z_/]{5,20}", fullmatch=True)
    | st.from_regex(r"[A-Z][a-z]{5}@resources/containment/guard\.py:[0-9]{1,4}", fullmatch=True)
    | st.from_regex(r"(seeds|gaussian|g)-[a-z0-9-]{9,20}", fullmatch=True)
    | st.from_regex(r"[A-Z][a-z]{5,9}: [A-Z_]{5,9} [a-z]{5,9}", fullmatch=True)
)


def _with(entry: dict[str, Any], at: tuple, text: str) -> dict[str, Any]:
    changed = copy.deepcopy(entry)
    node = changed
    for step in at[:-1]:
        node = node[step]
    node[at[-1]] = text
    return changed


def _may_stay(text: str) -> bool:
    return SEAL.knows(text) or class_name(text) == text


@given(place=st.sampled_from(PLACES), text=TEXTS)
def test_no_text_passes_by_any_leaf(place, text):
    number, at = place
    sealed = json.dumps(SEAL.seal_event(_with(ENTRIES[number], at, text)), ensure_ascii=False)
    usual = json.dumps(SEAL.seal_event(ENTRIES[number]), ensure_ascii=False)
    told = json.dumps(text, ensure_ascii=False)[1:-1]
    assert _may_stay(text) or told in usual or told not in sealed


@given(number=st.integers(0, len(ENTRIES) - 1), text=TEXTS, data=st.data())
def test_no_text_passes_as_a_label(number, text, data):
    mappings = [at[:-1] for at in _leaves(ENTRIES[number]) if isinstance(at[-1], str)]
    at = data.draw(st.sampled_from(mappings))
    sealed = json.dumps(SEAL.seal_event(_with(ENTRIES[number], (*at, text), text)))
    usual = json.dumps(SEAL.seal_event(ENTRIES[number]))
    told = json.dumps(text)[1:-1]
    assert _may_stay(text) or told in usual or told not in sealed


@given(
    text=TEXTS,
    data=st.recursive(
        st.text(_LETTERS) | st.integers() | st.floats() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(_LETTERS), inner),
        max_leaves=6,
    ),
)
def test_whatever_a_step_tells_can_be_read_back(text, data):
    entry = copy.deepcopy(ENTRIES[0])
    materialization = entry["dagster_event"]["event_specific_data"]["materialization"]
    materialization["metadata_entries"][2]["entry_data"]["data"] = {text: data, "closed": [data]}
    materialization["tags"] = {text: text}
    sealed = SEAL.seal_event(entry)
    assert deserialize_value(json.dumps(sealed), EventLogEntry).dagster_event is not None


@pytest.mark.parametrize(
    "entry",
    [ENTRIES[0], ENTRIES[2], ENTRIES[3]],
    ids=["materialization", "check", "observation"],
)
def test_sealing_twice_changes_nothing(entry):
    once = SEAL.seal_event(entry)
    assert SEAL.seal_event(once) == once


def test_what_the_web_ui_needs_stays():
    sealed = deserialize_value(json.dumps(SEAL.seal_event(ENTRIES[0])), EventLogEntry)
    assert sealed.step_key == "group_scores"
    made = sealed.dagster_event.event_specific_data.materialization
    assert made.asset_key == dg.AssetKey("group_scores")
    assert made.partition == "2026-10-05|greater_london"
    assert made.tags["dagster/data_version"] == DIGEST
    assert made.metadata["groups"].value == 4
    assert made.metadata["model_version"].value == "seeds-1-0123456789ab"
    assert made.metadata["refused"].value["g-0123abcd"] == "EXPORT_GONE"
    assert made.metadata[SEALED].value == SEALED


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("group_scores", True),
        ("group_scores_every_export_read", True),
        ("EXPORT_GONE", True),
        ("2026-10-05", True),
        ("2026-10-05|greater_london", True),
        (RUN_ID, True),
        (DIGEST, True),
        ("g-0123abcd", True),
        ("seeds-1-0123456789ab", True),
        ("gaussian-1", True),
        # The run of what nobody ran, such as whether an asset is there by its time.
        ("", True),
        (code_and_remedy("EXPORT_GONE"), True),
        (code_and_remedy("EXPORT_GONE") + " Margaret", False),
        ("EXPORT_GONE: Margaret rang", False),
        ("EXPORT_GONE ", False),
        ("2026-10-05\n", False),
        ("2026-13-05", False),
        ("0770-09-00", False),
        ("2026-10-05|margaret", False),
        ("٢٠٢٦-١٠-٠٥", False),
        ("4111111111111111", False),
        ("deadbeefcafe", False),
        (DIGEST[:32], False),
        (DIGEST.upper(), False),
        ("g-margaret", False),
        ("seeds-07700900123", False),
        ("MARGARET", False),
        ("Margaret", False),
    ],
)
def test_strings_that_may_be_stored(value, known):
    assert SEAL.knows(value) is known


@pytest.mark.parametrize("number", [LARGEST_COUNT, -7700900123, 7700900123.0, float("nan")])
def test_a_number_that_could_be_a_telephone_is_sealed(number):
    entry = copy.deepcopy(ENTRIES[0])
    entries = entry["dagster_event"]["event_specific_data"]["materialization"]["metadata_entries"]
    entries[0]["entry_data"]["value"] = number
    entries[2]["entry_data"]["data"]["closed"] = number
    made = SEAL.seal_event(entry)["dagster_event"]["event_specific_data"]["materialization"]
    assert made["metadata_entries"][0]["entry_data"]["text"] == SEALED
    assert made["metadata_entries"][2]["entry_data"]["data"]["closed"] == SEALED


def _sealed(message: str = "", stack: tuple[str, ...] = (), name: str = "ValueError"):
    return seal_error({"message": message, "stack": list(stack), "cls_name": name})


def test_an_error_keeps_class_code_and_places():
    told = "assets.core.errors.StepFailed: STEP_BROKEN KeyError@resources/containment/guard.py:3\n"
    assert _sealed(told, name="StepFailed")["message"] == (
        "StepFailed: STEP_BROKEN KeyError@resources/containment/guard.py:3\n"
    )
    assert known_origin("STEP_BROKEN (sealed)@elsewhere:0") == "STEP_BROKEN (sealed)@elsewhere:0"


@pytest.mark.parametrize(
    "word",
    [
        "Margaret@resources/containment/guard.py:3",
        "KeyError@resources/margaret.py:3",
        "KeyError@resources/containment/guard.py:77009",
        "KeyError@resources/../resources/containment/guard.py:3",
        "KeyError@pyproject.toml:3",
        "KeyError@/etc/hosts:1",
        "margaret",
    ],
)
def test_what_is_no_place_takes_the_message_away(word):
    assert known_origin(f"STEP_BROKEN {word}") == ""
    assert _sealed(f"StepFailed: STEP_BROKEN {word}")["message"] == "ValueError\n"


def test_a_class_made_at_run_time_has_no_name():
    made = type("Margaret", (Exception,), {})
    borrowed = type("Peggy", (Exception,), {"__module__": "builtins", "__qualname__": "ValueError"})
    assert {class_name(one.__name__) for one in (made, borrowed)} == {SEALED}
    assert class_name("ExportError") == "ExportError"
    assert class_name(None) == SEALED


@pytest.mark.parametrize(
    ("frame", "kept"),
    [
        (
            "{guard}, line 40, in guarded",
            '  File "resources/containment/guard.py", line 40, in guarded\n',
        ),
        (
            "{guard}, line 40, in <module>",
            '  File "resources/containment/guard.py", line 40, in <module>\n',
        ),
        (
            "{guard}, line 40, in margaret",
            '  File "resources/containment/guard.py", line 40, in (sealed)\n',
        ),
        ("{guard}, line 77009, in guarded", '  File "(sealed)", line 0, in (sealed)\n'),
        ('"/srv/margaret.py", line 3, in guarded', '  File "(sealed)", line 0, in (sealed)\n'),
        ('"margaret rang", line 3, in guarded', '  File "(sealed)", line 0, in (sealed)\n'),
    ],
)
def test_frames(frame, kept):
    guard = f'"{EventSeal.__init__.__code__.co_filename.replace("seal.py", "guard.py")}"'
    line = f"  File {frame.format(guard=guard)}\n    margaret = 1\n"
    assert _sealed(stack=(line,))["stack"] == [kept]


def test_a_line_that_is_no_frame_goes():
    assert _sealed(stack=("margaret rang",))["stack"] == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (ENTRIES[0], "Materialized group_scores: 2026-10-05 of Greater London"),
        (ENTRIES[1], "Step group_scores failed"),
        (
            ENTRIES[2],
            "Check every_export_read of group_scores did not pass: 2026-10-05 of Greater London",
        ),
        (ENTRIES[3], "Totals of the run for group_scores"),
        (ENTRIES[4], "Check every_export_read of group_scores will be made"),
        (_entry(DagsterEventType.STEP_SUCCESS, StepSuccessData(1.0)), "Step group_scores finished"),
        (
            _entry(
                DagsterEventType.STEP_FAILURE,
                StepFailureData(
                    _error("StepFailed", "StepFailed: GROUPS_REFUSED"),
                    UserFailureData(
                        "intentional-failure",
                        None,
                        failure_of(StepFailed("GROUPS_REFUSED")).metadata,
                    ),
                    error_source=ErrorSource.USER_CODE_ERROR,
                ),
            ),
            "Step group_scores failed with GROUPS_REFUSED",
        ),
        (_entry(DagsterEventType.RUN_SUCCESS, None), "Run of collect finished"),
        (_entry(DagsterEventType.RUN_FAILURE, why()), "Run of collect failed with RUN_DIED"),
    ],
)
def test_an_event_says_what_happened_in_closed_words(entry, said):
    sealed = SEAL.seal_event(entry)
    assert (sealed["user_message"], sealed["dagster_event"]["message"]) == (said, said)


@pytest.mark.parametrize("kind", list(DagsterEventType))
def test_every_type_has_words_and_none_are_the_events_own(kind):
    event = SEAL.seal_event(_entry(DagsterEventType.STEP_SUCCESS, StepSuccessData(1.0)))
    event["dagster_event"]["event_type_value"] = kind.value
    said = message_of(event["dagster_event"])
    assert "told" not in said
    assert "None" not in said


def test_a_region_is_said_in_words():
    assert region_name("east_of_england") == "East of England"


def test_whether_an_asset_is_there_by_its_time_can_be_read_back():
    """Dagster's daemon notes it of no run, and its pages ask for the newest note of an asset."""
    change = FreshnessStateChange(
        key=dg.AssetKey("group_scores"),
        previous_state=FreshnessState.UNKNOWN,
        new_state=FreshnessState.FAIL,
        state_change_timestamp=1_790_000_000.5,
    )
    entry = EventLogEntry(
        error_info=None,
        level=10,
        user_message="",
        run_id=RUNLESS_RUN_ID,
        timestamp=1_790_000_000.5,
        dagster_event=DagsterEvent(
            event_type_value=DagsterEventType.FRESHNESS_STATE_CHANGE.value,
            job_name=RUNLESS_JOB_NAME,
            event_specific_data=change,
        ),
    )
    sealed = json.dumps(SEAL.seal_event(json.loads(serialize_value(entry))))
    read = deserialize_value(sealed, EventLogEntry)
    assert read.run_id == RUNLESS_RUN_ID
    assert read.get_dagster_event().event_specific_data == change
