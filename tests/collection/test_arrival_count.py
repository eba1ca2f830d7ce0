"""A discovery home's count on arrival: never too few, and nothing past it is looked at."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from assets.core.errors import ExportError, SetupError
from assets.core.modes import DISCOVERY_MESSAGE_LIMIT
from assets.restricted.collection import read_export
from assets.restricted.collection.arrival_count import messages_at_most
from assets.restricted.collection.platforms import readers

NOW = datetime(2026, 10, 15, tzinfo=UTC)


class Watched(io.BytesIO):
    """A file that knows how far it was read."""

    furthest = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.furthest = max(self.furthest, self.tell())
        return data


def android(messages: int, *, lines: int = 1) -> bytes:
    text = "and on\n".join([""] * lines)
    return "".join(
        f"{1 + n % 28:02d}/09/2026, {n % 24:02d}:15 - Carer {n % 9}: long shift {n}\n{text}"
        for n in range(messages)
    ).encode()


def packed(content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", content)
    return held.getvalue()


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize("pack", [bytes, packed], ids=["plain", "zip"])
def test_each_message_counts_once_however_many_lines_it_has(pack, lines: int) -> None:
    content = pack(android(500, lines=lines))
    assert messages_at_most(io.BytesIO(content), 500) == 500
    assert read_export(io.BytesIO(content), "greater_london", now=NOW).report.entries == 500
    with pytest.raises(SetupError, match=r"^DISCOVERY_LIMIT$"):
        messages_at_most(io.BytesIO(content), 499)


def test_message_10_001_is_never_opened() -> None:
    allowed = android(DISCOVERY_MESSAGE_LIMIT)
    # Whoever reads on finds that it is no text, and would say so.
    beyond = (
        b"01/10/2026, 09:15 - Carer 1: message 10,001\n"
        + b"more\n" * 1000
        + b"\xff\xfe\xfd\n" * 500_000
    )
    file = Watched(allowed + beyond)
    with pytest.raises(SetupError, match=r"^DISCOVERY_LIMIT$"):
        messages_at_most(file, DISCOVERY_MESSAGE_LIMIT)
    # One small block past the last message that may be opened, and the file has megabytes more.
    assert len(allowed) <= file.furthest <= len(allowed) + 4096 + 44
    with pytest.raises(ExportError, match=r"^EXPORT_NOT_UTF8$"):
        read_export(io.BytesIO(allowed + beyond), "greater_london", now=NOW)


@pytest.mark.parametrize(
    "line",
    [
        "[{d:02d}/09/2026, 08:15:09] Carer {n}: a quoted line\n[01/01/2026, 08:15:09] x: y\n",
        "{d:02d}/09/26, 8:15 pm - Carer {n}: hello\n",
        "2026-09-{d:02d}, 08:15 - Carer {n}: hello\n",
        "\u200e[{d:02d}.09.26, 08:15:09] Carer {n}: \u200eimage omitted\n",
    ],
)
def test_no_form_holds_more_than_is_counted(line: str) -> None:
    content = "".join(line.format(d=1 + n % 28, n=n % 7) for n in range(60)).encode()
    found = read_export(io.BytesIO(content), "greater_london", now=NOW).report.entries
    assert 0 < found <= messages_at_most(io.BytesIO(content), 10_000)


def test_what_can_not_be_counted_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    class Uncountable:
        def recognises(self, head: bytes) -> bool:
            return head.startswith(b"{")

        read = next(readers()).read

    monkeypatch.setattr(
        "assets.restricted.collection.arrival_count.reader_for", lambda _: Uncountable()
    )
    with pytest.raises(ExportError, match=r"^EXPORT_NOT_COUNTABLE$"):
        messages_at_most(io.BytesIO(b"{}"), 10)
