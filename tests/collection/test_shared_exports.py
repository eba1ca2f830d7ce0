"""The shared WhatsApp exports, where a checkout has them beside it."""

import json
import os
from pathlib import Path

import pytest

from assets.restricted.collection import read_export

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "corpora"
EXPORTS = Path(os.environ.get("TIDELINE_SHARED_CORPORA", _BESIDE)) / "chat_exports"


def _counted() -> list[tuple[Path, dict[str, object]]]:
    manifest = EXPORTS / "MANIFEST.json"
    if not manifest.is_file():
        return []
    return [
        (EXPORTS / entry["file"], entry["expected"]["by_text"][0]["independent_count"])
        for entry in json.loads(manifest.read_text())["entries"]
        if entry["platform"] == "whatsapp" and entry["role"] == "input"
    ]


@pytest.mark.parametrize("region", [None, "greater_london"])
def test_counts_agree_with_the_manifest(region: str | None) -> None:
    for path, counted in _counted():
        export = read_export(path, region)
        report, messages = export.report, list(export.messages)
        times = (report.first, report.last, report.first_with_sender, report.last_with_sender)
        first, last, first_sent, last_sent = (
            when and when.replace(tzinfo=None).isoformat() for when in times
        )
        sent = [message.sent_at for message in messages]
        assert {
            "date_order": report.date_order,
            "entries": report.entries,
            "with_sender": len(messages),
            "without_sender": report.entries - report.with_sender,
            "authors": len({message.author for message in messages}),
            "first": first,
            "last": last,
            "first_with_sender": first_sent,
            "last_with_sender": last_sent,
        }.items() <= counted.items()
        assert report.authors == counted["authors"]
        assert report.earliest_with_sender == min(sent)
        assert report.latest_with_sender == max(sent)
