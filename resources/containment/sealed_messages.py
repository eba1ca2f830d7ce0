"""What a sealed event says in words: a sentence for its type, filled with names and days it holds.

The words are ours and the rest comes from the event after it was sealed, so no message that came
in gets any further.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from assets.core.coded_failures import CODE
from assets.core.errors import CATALOGUE

_SMALL = frozenset({"of", "and", "the"})
_SENTENCES: Mapping[str, str] = {
    "STEP_START": "Step {step} started",
    "STEP_SUCCESS": "Step {step} finished",
    "STEP_FAILURE": "Step {step} failed{code}",
    "STEP_SKIPPED": "Step {step} was left out",
    "STEP_INPUT": "Step {step} took what the step before it made",
    "STEP_OUTPUT": "Step {step} handed over its result",
    "STEP_UP_FOR_RETRY": "Step {step} will be tried again{code}",
    "STEP_RESTARTED": "Step {step} is tried again",
    "STEP_WORKER_STARTING": "A process for step {step} is starting",
    "STEP_WORKER_STARTED": "A process for step {step} has started",
    "RESOURCE_INIT_STARTED": "Resources are being made ready",
    "RESOURCE_INIT_SUCCESS": "Resources are ready",
    "RESOURCE_INIT_FAILURE": "Resources could not be made ready{code}",
    "LOADED_INPUT": "Step {step} loaded its input",
    "HANDLED_OUTPUT": "Step {step} stored its output",
    "ASSET_MATERIALIZATION": "Materialized {asset}{partition}",
    "ASSET_MATERIALIZATION_PLANNED": "{asset} will be materialized{partition}",
    "ASSET_FAILED_TO_MATERIALIZE": "{asset} was not materialized{partition}",
    "ASSET_OBSERVATION": "Totals of the run for {asset}{partition}",
    "ASSET_CHECK_EVALUATION_PLANNED": "Check {check} of {asset} will be made",
    "ASSET_CHECK_EVALUATION": "Check {check} of {asset} {verdict}{partition}",
    "PIPELINE_ENQUEUED": "Run of {job} is waiting for its turn",
    "PIPELINE_DEQUEUED": "Run of {job} has its turn",
    "PIPELINE_STARTING": "Run of {job} is starting",
    "PIPELINE_START": "Run of {job} started",
    "PIPELINE_SUCCESS": "Run of {job} finished",
    "PIPELINE_FAILURE": "Run of {job} failed{code}",
    "PIPELINE_CANCELING": "Run of {job} is being stopped",
    "PIPELINE_CANCELED": "Run of {job} was stopped",
    "ENGINE_EVENT": "Dagster's own work on the run{code}",
    "LOGS_CAPTURED": "What step {step} prints is not kept",
}
_OTHER = "Event of type {kind}"


def message_of(event: Mapping[str, Any]) -> str:
    """The sentence for a serialised and sealed `DagsterEvent`."""
    kind = str(event.get("event_type_value"))
    data = event.get("event_specific_data")
    data = data if isinstance(data, Mapping) else {}
    # An asset's own event lies one level deeper than a check's.
    inner = data.get("materialization") or data.get("asset_observation") or data
    inner = inner if isinstance(inner, Mapping) else {}
    return _SENTENCES.get(kind, _OTHER).format(
        kind=kind,
        step=event.get("step_key") or "(none)",
        job=_job(event.get("pipeline_name")),
        asset=_asset(inner.get("asset_key")),
        check=inner.get("check_name") or "(none)",
        verdict=_verdict(inner),
        partition=_partition(inner.get("partition")),
        code=_code(data.get("user_failure_data")) or _death(data.get("failure_reason")),
    )


def region_name(key: str) -> str:
    """A region's key in words: `east_of_england` is East of England."""
    words = key.split("_")
    return " ".join(word if word in _SMALL else word.capitalize() for word in words)


def _job(name: object) -> str:
    return "chosen assets" if name == "__ASSET_JOB" else str(name)


def _asset(key: object) -> str:
    path = key.get("path") if isinstance(key, Mapping) else None
    return "/".join(map(str, path)) if isinstance(path, list) else "an asset"


def _verdict(evaluation: Mapping[str, Any]) -> str:
    if evaluation.get("success"):
        return "passed"
    severity = evaluation.get("severity")
    warning = isinstance(severity, Mapping) and severity.get("__enum__", "").endswith(".WARN")
    return "did not pass (a warning)" if warning else "did not pass"


def _partition(key: object) -> str:
    """A region-day, or nothing where it isn't one."""
    day, _, region = key.partition("|") if isinstance(key, str) else ("", "", "")
    try:
        date.fromisoformat(day)
    except ValueError:
        return ""
    return f": {day} of {region_name(region)}" if region else f": {day}"


def _death(reason: object) -> str:
    died = isinstance(reason, Mapping) and str(reason.get("__enum__")).endswith(
        ".UNEXPECTED_TERMINATION"
    )
    return " with RUN_DIED" if died else ""


def _code(failed: object) -> str:
    """The code that a step failed with, from its metadata."""
    entries = failed.get("metadata_entries") if isinstance(failed, Mapping) else None
    for entry in entries if isinstance(entries, list) else ():
        told = entry.get("entry_data") if isinstance(entry, Mapping) else None
        if (
            entry.get("label") == CODE
            and isinstance(told, Mapping)
            and told.get("text") in CATALOGUE
        ):
            return f" with {told['text']}"
    return ""
