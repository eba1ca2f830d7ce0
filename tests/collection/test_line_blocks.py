"""Blocks of lines: whole, complete, and the same however the bytes arrive."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.restricted.collection import read_export
from assets.restricted.collection.lines import line_blocks

NOW = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/London"))


class Dribble(io.BytesIO):
    """Gives at most a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        asked = self.most if size is None or size < 0 else min(size, self.most)
        return super().read(asked)


LINES = st.lists(st.text(alphabet="ab é\u202f\u2028\x85\U0001f44b", max_size=9), max_size=9)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r\r\n", "\r"]), st.integers(1, 9))
def test_blocks_hold_whole_lines_and_everything(lines: list[str], line_end: str, size: int) -> None:
    blocks = list(line_blocks(io.BytesIO(line_end.join(lines).encode()), size))
    as_given = {"\r\r\n": "\r\n", "\r": "\n"}.get(line_end, line_end)
    assert "".join(blocks) == "\r\n" + as_given.join(lines)
    assert all(block.startswith(("\n", "\r")) for block in blocks)


@pytest.mark.parametrize("most", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_same_however_the_bytes_arrive(most: int, line_end: str) -> None:
    bodies = [
        "Ola created group “Night team”",
        "Ola: one\ntwo 👋",
        "Ünal: three",
        "Ola: look\n14/03/2024, 9:00 - Ben: x\n[1.1.24, 10:00] Ben: y",
        "Ola: <Media omitted>",
        "Ola: last",
    ]
    heads = [f"{LEAD}{number:02} - " for number in range(len(bodies))]
    lines = [head + body for head, body in zip(heads, bodies, strict=True)]
    data = ("heading" + line_end + line_end.join(lines) + line_end).encode()
    whole, slow = read_export(io.BytesIO(data), now=NOW), read_export(Dribble(data, most), now=NOW)
    assert slow.report == whole.report
    assert slow.roster == whole.roster
    assert list(slow.messages) == list(whole.messages)
    # Under LF the middle quote is a header like any other; under CRLF its line end tells.
    quoted = (8,) if line_end == "\n" else (7, 8)
    assert whole.report.refused_lines == quoted
    assert whole.report.lines_before_first_entry == 1


LEAD = "15/03/2024, 14:"
