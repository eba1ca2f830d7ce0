"""Exports made up for tests of the structured readers, and what reading them gives."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

from assets.restricted.collection import Export, read_export

NOW = datetime(2026, 11, 22, tzinfo=UTC)
AT = 1_700_000_000
"""2023-11-14, 22:13:20 in UTC."""


def as_json(value: Any, *, indent: int | None = 1) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def read(data: bytes, **asked: Any) -> Export:
    return read_export(io.BytesIO(data), "greater_london", now=NOW, **asked)


def kinds(export: Export) -> list[tuple[str, str, str]]:
    """Author, kind and text of each message, as yielded; the report must agree with them."""
    messages = list(export.messages)
    report = export.report
    assert len(messages) == report.with_sender <= report.entries == sum(report.counts.values())
    assert report.authors == len({one.person or one.author for one in messages})
    for kind in ("speech", "media", "deleted", "edited"):
        assert report.counts[kind] == sum(one.kind == kind for one in messages)
    if messages:
        sent = [one.sent_at for one in messages]
        assert (report.earliest_with_sender, report.latest_with_sender) == (min(sent), max(sent))
    return [(one.author, one.kind, one.text) for one in messages]
