"""Messages are the same whether a text's entries are held in memory or read again."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assets.restricted.collection import Export, read_export
from assets.restricted.collection.whatsapp import passes
from bench.reader import lines

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))
# A copied header, of which the file's own twin tells, and an hour that comes twice.
QUOTED = (
    "15/03/2024, 12:05 - Ben: what round is it\n"
    "27/10/2024, 01:50 - Ola: before\n27/10/2024, 01:10 - Ben: after\n"
    "28/10/2024, 10:00 - Zoe: look\n15/03/2024, 12:05 - Ben: what round is it\n"
    "28/10/2024, 10:05 - You: ok <This message was edited>\n"
)


def told(export: Export) -> list[tuple[object, ...]]:
    """All that messages hold, and the fold that equality of times leaves out."""
    return [
        (one.sent_at, one.sent_at.fold, one.author, one.kind, one.text, one.doubtful, one.unnamed)
        for one in export.messages
    ]


@pytest.mark.parametrize(
    "text",
    ["".join(lines("android", 200_000)), "".join(lines("ios", 200_000)), QUOTED],
    ids=["android", "ios", "quoted"],
)
def test_messages(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = io.BytesIO(text.encode())
    held = read_export(source, "greater_london", now=NOW)
    monkeypatch.setattr(passes, "MOST_HELD", 0)
    read_again = read_export(source, "greater_london", now=NOW)
    assert held.report == read_again.report
    assert told(held) == told(read_again)
    # Any number of times, and nothing of the first is left in the second.
    assert told(held) == told(held)


def test_a_long_export_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MOST_HELD", 100_000)
    source = io.BytesIO("".join(lines("android", 200_000)).encode())
    export = read_export(source, "greater_london", now=NOW)
    assert len(list(export.messages)) == export.report.with_sender
    source.truncate(0)
    assert list(export.messages) == []
