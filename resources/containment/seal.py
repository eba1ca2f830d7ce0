"""What an event may carry into the event log: names, codes, references, dates and numbers.

`seal_event` rewrites the serialised form of an event so that every string in it is known: a name
of the definitions, a code of the catalogue, a group reference, a date, a digest, or a word of
Dagster's own. All other strings become `(sealed)`. Errors keep their classes, files and lines
(`resources.containment.sealed_errors`).
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

from dagster import DagsterEventType
from dagster._core.definitions.data_version import DEFAULT_DATA_VERSION
from dagster._core.execution.plan.step import StepKind
from dagster_shared.serdes.serdes import _WHITELIST_MAP

from assets.core.coded_failures import CODE, ENTRY
from assets.core.errors import CATALOGUE, CODES_AND_REMEDIES
from assets.core.partition_events import OF_THE_RUN
from assets.core.study_entries import DETAILS, ENTRIES, REGISTER
from resources.base.program import code_version
from resources.containment.sealed_errors import SEALED, seal_error
from resources.containment.sealed_messages import message_of

METADATA_LABELS = frozenset(
    {
        "already_settled",
        "burned",
        "values_not_as_drawn",
        "closed",
        CODE,
        ENTRY,
        "consents_taken",
        "consents_waiting",
        "exports_read",
        "exports_refused",
        "exports_spent",
        "group_days_left",
        "surveys_deleted",
        "senders_deleted",
        "orphans_deleted",
        "backups_deleted",
        "runs_deleted",
        "group_days",
        "group_days_refused",
        "group_days_scored",
        "group_days_settled",
        "groups",
        "groups_without_consent",
        "model_version",
        "facts_recorded",
        "files_deleted",
        "not_published",
        "outcome",
        "published",
        "refused",
        "scores_deleted",
        "shards_outstanding",
        "still_open",
        "vocabulary_sha256",
        "tagger_sha256",
        "weights_sha256",
        "construct_model_sha256",
        "aims_reached",
        "aims_missed",
        "survey_weeks",
        "pulse_fortnights",
        "fortnights_settled",
        "answers_malformed",
        "answers_late",
        "answers_of_other_items",
        "answers_without_consent",
        "groups_too_many_answers",
        "model_sha256",
        "width",
        "encoder_sha256",
        "vocabulary_words",
        "labels",
        "cut",
        "cut_of_word_names",
        "cut_of_frequent_names",
        "keys_destroyed",
        "stored",
        "checked",
        # What the checks of stored vectors, scores and values count.
        "errors_not_public",
        "evidence_missing",
        "figures_that_differ",
        "messages",
        "model_versions",
        "not_finite",
        "not_integers",
        "not_parquet",
        "not_unit",
        "other_bytes",
        "other_columns",
        "other_metadata",
        "people_not_numbered",
        "people_without_message",
        "person_days",
        "published_wrongly",
        "rows_missing",
        "rows_too_many",
        "statuses_that_differ",
        "statuses_unknown",
        "sums_off_scale",
        "too_few",
        "values_missing",
        "values_not_to_be_told",
        "values_off_scale",
        "pid",
    }
)
"""Labels that our own assets and checks put on their results, and Dagster's `pid`."""

LARGEST_COUNT = 10**9
"""Numbers from here on are sealed where a step may put one: a telephone number is one too."""

_FIXED_WORDS = frozenset(
    {one.value for one in DagsterEventType}
    | {one.value for one in StepKind}
    | {"result", "in_process", "io_manager", "resources", "Any", "Nothing", "None"}
    | {"__ASSET_JOB", "console", "intentional-failure"}
    | {REGISTER, *ENTRIES, *DETAILS}
    # What nobody ran has an empty run and job, such as whether an asset is there by its time.
    | {"", code_version(), DEFAULT_DATA_VERSION.value}
)
_DAGSTER_LABELS = frozenset(
    {
        "dagster/code_version",
        "dagster/data_version",
        "dagster/partition",
        "dagster/partition/day",
        "dagster/partition/region",
    }
)
_POINTER_LABEL = "dagster/input_event_pointer/"
_LABELS_OF_AN_INPUT = ("dagster/input_data_version/", _POINTER_LABEL)
_POINTER = re.compile(r"[0-9]{1,9}|NULL")
_SAFE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a run id
    # A digest: SHA-1 or SHA-256, for a card number reads like a shorter one.
    r"|[0-9a-f]{40}|[0-9a-f]{64}"
    r"|[gef]-[0-9a-f]{8}"  # a group or employer reference
    r"|(?:seeds|constructs)-[0-9]-[0-9a-f]{12}|gaussian-[0-9]"  # a model or method version
)
_DAY = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:\|(?P<region>[a-z_]{2,41}))?")
_COLLECTIONS = ("__set__", "__frozenset__", "__mapping_items__")
_DROPPED: Mapping[str, Any] = {
    "description": None,
    "logging_tags": {},
    "user_code_process_error": None,
}
_SEALED_ENTRY = {"__class__": "TextMetadataEntryData", "text": SEALED}


class EventSeal:
    """Seals serialised events.

    Args:
        names: names of assets, checks, jobs, regions; they may stand anywhere.
    """

    def __init__(self, names: Collection[str]) -> None:
        # The output of a check is called by its asset's name and its own.
        outputs = {f"{asset}_{check}" for asset in names for check in names}
        self._names = frozenset(names) | outputs | _FIXED_WORDS

    def seal_event(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Rewrite one serialised `EventLogEntry`, as parsed from its JSON."""
        sealed = self._walk(entry)
        event = sealed.get("dagster_event")
        sealed["user_message"] = message_of(event) if event else SEALED
        if event:
            event["message"] = sealed["user_message"]
        return sealed

    def knows(self, value: str) -> bool:
        """Whether this string may be stored."""
        if value in self._names or value in CATALOGUE or value in CODES_AND_REMEDIES:
            return True
        if _SAFE.fullmatch(value):
            return True
        found = _DAY.fullmatch(value)
        if not found or not _is_a_date(found["day"]):
            return False
        return found["region"] is None or found["region"] in self._names

    def _walk(self, node: Any, *, of_a_step: bool = False) -> Any:
        """Seal one node; `of_a_step` where a step may have put whatever it liked."""
        if isinstance(node, Mapping):
            return self._mapping(node, of_a_step=of_a_step)
        if isinstance(node, list):
            return [self._walk(one, of_a_step=of_a_step) for one in node]
        if isinstance(node, str):
            return node if self.knows(node) else SEALED
        return SEALED if of_a_step and _is_large(node) else node

    def _mapping(self, node: Mapping[str, Any], *, of_a_step: bool) -> Any:
        if "__class__" in node:
            return self._object(node, of_a_step=of_a_step)
        if "__enum__" in node:
            return {"__enum__": node["__enum__"]} if _is_enum(node["__enum__"]) else SEALED
        for kind in _COLLECTIONS:
            if kind in node:
                return {kind: self._walk(node[kind], of_a_step=of_a_step)}
        return dict(self._labelled(label, value) for label, value in node.items())

    def _object(self, node: Mapping[str, Any], *, of_a_step: bool) -> Any:
        kind = node["__class__"]
        if kind == "SerializableErrorInfo":
            return seal_error(node)
        if kind == "EventMetadataEntry":
            label, value = self._labelled(node.get("label"), node.get("entry_data"))
            return {"__class__": kind, "label": label, "entry_data": value, "description": None}
        fields = _fields(kind) if isinstance(kind, str) else frozenset()
        if not fields:
            return SEALED
        return {
            "__class__": kind,
            **{
                label: self._field(label, value, of_a_step=of_a_step)
                for label, value in node.items()
                if label in fields
            },
        }

    def _field(self, label: str, value: Any, *, of_a_step: bool) -> Any:
        if label in _DROPPED:
            return _DROPPED[label]
        if label == "tags" and isinstance(value, Mapping) and "__class__" not in value:
            return self._tags(value)
        return self._walk(value, of_a_step=of_a_step)

    def _tags(self, tags: Mapping[str, Any]) -> dict[str, Any]:
        """Tags that are known; Dagster takes no `(sealed)` for one that isn't its own."""
        sealed = dict(self._labelled(label, value) for label, value in tags.items())
        return {
            label: value
            for label, value in sealed.items()
            if label != SEALED and (value != SEALED or label.startswith("dagster/"))
        }

    def _labelled(self, label: Any, value: Any) -> tuple[str, Any]:
        """An entry of a mapping whose labels a step chooses: metadata, tags, JSON."""
        if not isinstance(label, str) or not self._knows_label(label):
            return SEALED, _SEALED_ENTRY if isinstance(value, Mapping) else SEALED
        if label.startswith(_POINTER_LABEL) and isinstance(value, str):
            return label, value if _POINTER.fullmatch(value) else SEALED
        if isinstance(value, Mapping) and _is_large(value.get("value")):
            return label, _SEALED_ENTRY
        return label, self._walk(value, of_a_step=True)

    def _knows_label(self, label: str) -> bool:
        if label in _DAGSTER_LABELS or self.knows(label):
            return True
        if label in METADATA_LABELS or label.removeprefix(OF_THE_RUN) in METADATA_LABELS:
            return True
        start, _, name = label.rpartition("/")
        return f"{start}/" in _LABELS_OF_AN_INPUT and name in self._names


@cache
def _fields(kind: str) -> frozenset[str]:
    """The fields that Dagster stores of one of its classes; none if it isn't one."""
    serializer = _WHITELIST_MAP.object_deserializers.get(kind)
    if serializer is None:
        return frozenset()
    names = {serializer.storage_field_names.get(n, n) for n in serializer.constructor_param_names}
    return frozenset(names)


def _is_enum(value: Any) -> bool:
    kind, _, member = str(value).partition(".")
    serializer = _WHITELIST_MAP.enum_serializers.get(kind)
    return serializer is not None and member in serializer.klass.__members__


def _is_large(value: Any) -> bool:
    return isinstance(value, int | float) and not abs(value) < LARGEST_COUNT


def _is_a_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
