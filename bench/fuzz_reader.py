"""Random mutations of valid exports: `python bench/fuzz_reader.py --seconds 600 --seed 1`.

Anything but an `ExportError` with a code, a report that its messages contradict, or a file that
takes long stops the run with the seed that shows it.
"""

import argparse
import io
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from assets.core.errors import CATALOGUE, ExportError
from assets.restricted.collection import read_export

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONGEST_SECONDS = 20.0
HEADERS = (
    "{:%d/%m/%Y, %H:%M} - ", "[{:%d/%m/%Y, %H:%M:%S}] ", "{:%m/%d/%y, %I:%M %p} - ",
    "{:%Y-%m-%d, %H:%M} - ", "{:%d.%m.%y, %H:%M} - ", "[{:%H:%M:%S, %d/%m/%y}] ",
    "{:%d/%m/%Y à %H:%M} - ", "{:%Y年%m月%d日 %H:%M} - ", "{:%d %b %Y %H:%M} - ",
)  # fmt: skip
BODIES = (
    "Ola: hello", "Ben: two\nlines", "Ola created group “Days”", "Ola: \u200eimage omitted",
    "Cy: <Media omitted>", "Cy: POLL:\nq\nOPTION: a (1 vote)",
    "Cy:.", "Cy:", "~ Zed: @\u2068Ola\u2069",
    "Ola: look\n15/03/2024, 14:05 - Ben: hi", "Ola: x <This message was edited>",
    "\u202a+44 7700 900123\u202c: a: b",
)  # fmt: skip
PIECES = (
    b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\x8e",
    b"PK\x03\x04", b": ", b"[", b"]",

    b"/", b" - ", b"31/02/2024, 25:61 - ", b"99", "٣".encode(), "午後".encode(),
    b"{", b"<", b"(file attached)",
)  # fmt: skip


def conversation(chance: random.Random) -> bytes:
    """A valid export, now and then of two forms."""
    when = datetime(2024, chance.randrange(1, 13), chance.randrange(1, 28))
    header = chance.choice(HEADERS)
    line_end = chance.choice(("\n", "\r\n"))
    lines = []
    for _ in range(chance.choice((1, 5, 40, 900))):
        when += timedelta(minutes=chance.choice((0, 1, 30, 900, -1, -700)))
        other = chance.choice(HEADERS) if chance.random() < 0.02 else header
        lines.append(other.format(when) + chance.choice(BODIES) + line_end)
    return "".join(lines).encode()


def _cut(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    del data[start : start + chance.randrange(40)]


def _patch(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    data[start : start + chance.choice((0, 1, 4))] = chance.choice(PIECES)


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _repeat(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.randrange(1, 30)]
    data[start:start] = piece * chance.choice((2, 50, 20_000))


def _swap(data: bytearray, chance: random.Random) -> None:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    data[:] = b"\n".join(lines)


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _cut, _patch, _patch, _flip, _repeat, _swap,
)  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    """A conversation with some damage, at times inside a zip, at times a damaged zip."""
    data = bytearray(conversation(chance))
    for _ in range(chance.choice((0, 1, 3, 12))):
        chance.choice(MUTATIONS)(data, chance)
    if chance.random() < 0.2:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("_chat.txt", bytes(data))
            archive.writestr("photo.jpg", b"\1" * 50)
        data = bytearray(held.getvalue())
        for _ in range(chance.choice((0, 1, 3))):
            chance.choice((_cut, _patch, _flip))(data, chance)
    return bytes(data)


def outcome(data: bytes) -> str:
    """The code of the error, or the empty string after all was read and agrees."""
    try:
        export = read_export(io.BytesIO(data), None, now=NOW)
        messages = list(export.messages)
    except ExportError as error:
        if error.code not in CATALOGUE:
            raise
        return error.code
    report = export.report
    if len(messages) != report.with_sender or report.with_sender > report.entries:
        raise AssertionError("count")
    if sum(message.doubtful for message in messages) != report.doubtful:
        raise AssertionError("doubtful")
    if len({message.author for message in messages}) != report.authors:
        raise AssertionError("authors")
    return ""


def fuzz(seconds: float, seed: int) -> Counter[str]:
    """Read mutated exports for so long.

    Raises:
        AssertionError: a seed whose file breaks the reader or takes long.
    """
    found: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seed += 1
        # Not for secrets: a seed must show the same file again.
        data = mutated(random.Random(seed))
        start = time.process_time()
        try:
            found[outcome(data)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}") from error
        if time.process_time() - start > LONGEST_SECONDS:
            raise AssertionError(f"seed {seed}: took long")
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    found = fuzz(chosen.seconds, chosen.seed)
    print(f"{sum(found.values())} files read")
    for code, count in found.most_common():
        print(f"{count:8} {code or 'read whole'}")


if __name__ == "__main__":
    sys.exit(main())
