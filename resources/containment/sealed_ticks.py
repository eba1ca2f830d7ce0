"""What a sensor or a schedule may hand to Dagster, which stores ticks and run requests as they are.

Cursors and run keys are digests and numbers, tags name partitions and shards, and a reason for
skipping is a sentence that stands in the code.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from assets.core.errors import StorageError
from assets.core.shards import SHARD

_CURSOR = re.compile(r"[0-9a-f:]*")
_RUN_KEY = re.compile(r"[0-9a-f]{64}")
_PARTITION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\|[a-z_]{2,41}")
_SHARD = re.compile(r"[0-9]{1,2}/[0-9]{1,2}")
_TAGS = {
    "dagster/asset_partition_range_start": _PARTITION,
    "dagster/asset_partition_range_end": _PARTITION,
    SHARD: _SHARD,
}


def refuse_told_text(result: Any, given: Iterable[Any], sentences: frozenset[str]) -> None:
    """Refuse a result of a sensor or a schedule that could carry text; let all others pass.

    Args:
        result: what it returned or yielded.
        given: what it was called with; the cursor of a sensor's context is looked at too.
        sentences: what may stand as a reason: the strings of its own code.

    Raises:
        StorageError: `VALUE_REFUSED`.
    """
    for one in given:
        if isinstance(one, dg.SensorEvaluationContext) and not _is_cursor(one.cursor):
            raise StorageError("VALUE_REFUSED")
    if not _is_clean(result, sentences):
        raise StorageError("VALUE_REFUSED")


def _is_clean(result: Any, sentences: frozenset[str]) -> bool:
    if isinstance(result, dg.SkipReason):
        return result.skip_message is None or result.skip_message in sentences
    if isinstance(result, dg.RunRequest):
        return _is_clean_request(result)
    if isinstance(result, dg.SensorResult):
        requests = result.run_requests or []
        return (
            all(_is_clean_request(one) for one in requests)
            and _is_clean(result.skip_reason, sentences)
            and _is_cursor(result.cursor)
            and not result.dynamic_partitions_requests
            and not result.asset_events
        )
    if isinstance(result, list | tuple) and not hasattr(result, "_fields"):
        return all(_is_clean(one, sentences) for one in result)
    return True


def _is_clean_request(request: dg.RunRequest) -> bool:
    return (
        not request.run_config
        and (request.run_key is None or bool(_RUN_KEY.fullmatch(request.run_key)))
        and (request.partition_key is None or bool(_PARTITION.fullmatch(request.partition_key)))
        and _are_partitions(request.tags)
    )


def _are_partitions(tags: Mapping[str, Any]) -> bool:
    return all(label in _TAGS and _TAGS[label].fullmatch(str(tag)) for label, tag in tags.items())


def _is_cursor(cursor: str | None) -> bool:
    return cursor is None or bool(_CURSOR.fullmatch(cursor))
