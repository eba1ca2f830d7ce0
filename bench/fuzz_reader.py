"""Random mutations of valid exports: `python bench/fuzz_reader.py --seconds 600 --seed 1`.

Anything but an `ExportError` with a code, a report that its messages contradict, or a file that
takes long stops the run with the seed that shows it.
"""

import argparse
import copy
import io
import json
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from assets.core.errors import CATALOGUE, ExportError
from assets.restricted.collection import read_export
from assets.restricted.collection.chronicle import chronicle

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONGEST_SECONDS = 20.0
SHARE_OF_TEXTS, HALF = 0.4, 0.5
FILES = ("result.json", "inbox/n_1/message_1.json", "n/2026-10-01.json", "main.jsonl", "a.json")
HEADERS = (
    "{:%d/%m/%Y, %H:%M} - ",
    "[{:%d/%m/%Y, %H:%M:%S}] ",
    "{:%m/%d/%y, %I:%M %p} - ",
    "{:%Y-%m-%d, %H:%M} - ",
    "{:%d.%m.%y, %H:%M} - ",
    "[{:%H:%M:%S, %d/%m/%y}] ",
    "{:%d/%m/%Y à %H:%M} - ",
    "{:%Y年%m月%d日 %H:%M} - ",
    "{:%d %b %Y %H:%M} - ",
)
BODIES = (
    "Ola: hello",
    "Ben: two\nlines",
    "Ola created group “Days”",
    "Ola: \u200eimage omitted",
    "Cy: <Media omitted>",
    "Cy: POLL:\nq\nOPTION: a (1 vote)",
    "Cy:.",
    "Cy:",
    "~ Zed: @\u2068Ola\u2069",
    "Ola: look\n15/03/2024, 14:05 - Ben: hi",
    "Ola: x <This message was edited>",
    "\u202a+44 7700 900123\u202c: a: b",
)
PIECES = (
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\x8e",
    b"PK\x03\x04",
    b": ",
    b"[",
    b"]",
    b"/",
    b" - ",
    b"31/02/2024, 25:61 - ",
    b"99",
    "٣".encode(),
    "午後".encode(),
    b"{",
    b"<",
    b"(file attached)",
    b"\\x1F",
    b"\\ud83d",
    b'"',
    b"},\n{",
    b"null",
    b"\\",
)


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


AT = 1_760_000_000
ATOMS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    5,
    1e300,
    2**70,
    "",
    "x",
    "999999999999999999",
    "\ud800",
    "user1",
    [],
    {},
    [[]],
    [{}],
    {"text": "x"},
    {"id": "1"},
    "2026-10-01T09:00:00Z",
    "Ola\x1fBerg",
)


def _telegram(n: int) -> dict[str, Any]:
    text: Any = ["a ", {"type": "mention_name", "text": "Ben"}] if n % 3 else "hello"
    return {
        "id": n,
        "type": "service" if n % 7 == 6 else "message",
        "date_unixtime": str(AT + n),
        "date": "2025-10-09T09:00:00",
        "from": "Ola",
        "from_id": f"user{n % 3}",
        "text": text,
        "photo": "x",
        "reactions": [{"count": 1}],
        "action": "phone_call",
        "members": ["Cy"],
    }


def _messenger(n: int) -> dict[str, Any]:
    return {
        "sender_name": "Ola",
        "timestamp_ms": (AT + n) * 1000,
        "content": "Ola left the group.",
        "photos": [{"uri": "x"}],
        "share": {"link": "x"},
        "is_unsent": False,
    }


def _e2ee(n: int) -> dict[str, Any]:
    return {
        "senderName": "Ola",
        "timestamp": (AT + n) * 1000,
        "text": "hello",
        "media": [{}],
        "type": "text",
        "isUnsent": False,
    }


def _discord(n: int) -> dict[str, Any]:
    return {
        "id": str(n // 2),
        "type": "Default",
        "timestamp": "2025-10-09T09:00:00.5+00:00",
        "content": "a @Ben <:x:12345>",
        "author": {"id": "1", "name": "ola", "isBot": n % 5 == 4},
        "mentions": [{"id": "2", "name": "ben", "nickname": "Ben"}],
        "attachments": [{}],
        "reference": {"type": "Reply"},
    }


def _slack(n: int) -> dict[str, Any]:
    return {
        "type": "message",
        "user": f"U{n % 3}",
        "ts": f"{AT + n}.0001",
        "text": "a <@U1> &amp;",
        "files": [{}],
        "edited": {"user": "U1"},
        "subtype": "thread_broadcast",
    }


def _signal(n: int) -> dict[str, Any]:
    said = {
        "text": {"body": "a \ufffc", "bodyRanges": [{"start": 2, "length": 1, "mentionAci": "x"}]}
    }
    return {
        "chatItem": {
            "chatId": "1",
            "authorId": "2",
            "dateSent": str((AT + n) * 1000),
            "standardMessage": said,
            "revisions": [{}],
        }
    }


def _canonical(n: int) -> dict[str, Any]:
    return {
        "id": f"m{n // 2}",
        "at": "2026-10-01T09:00:00Z",
        "sender": "u1",
        "name": "Ola",
        "kind": "deleted" if n % 5 == 4 else "speech",
        "text": "<p>a</p>",
        "html": n % 2 == 0,
    }


def _document(chance: random.Random, many: int) -> tuple[Any, bool]:
    """One of the structured forms, and whether it is of lines."""
    each = range(many)
    chat = {"name": "N", "type": "private_group", "id": 5, "messages": [_telegram(n) for n in each]}
    person = {"recipient": {"id": "2", "contact": {"aci": "x", "e164": "447700900123"}}}
    group = {"recipient": {"id": "3", "group": {"masterKey": "k", "snapshot": {}}}}
    header: dict[str, Any] = {
        "canonical_export": 1,
        "platform": "teams",
        "from": "2026-10-01T00:00:00Z",
        "to": "2026-10-02T00:00:00Z",
    }
    return chance.choice(
        (
            (chat, False),
            ({"about": "x", "chats": {"list": [chat]}}, False),
            ({"participants": [{"name": "Ola"}], "messages": [_messenger(n) for n in each]}, False),
            ({"participants": ["Ola"], "messages": [_e2ee(n) for n in each]}, False),
            (
                {
                    "guild": {"id": "1"},
                    "channel": {"id": "5", "name": "n"},
                    "messages": [_discord(n) for n in each],
                },
                False,
            ),
            ([_slack(n) for n in each], False),
            (
                [person, group, {"chat": {"id": "1", "recipientId": "3"}}]
                + [_signal(n) for n in each],
                True,
            ),
            ([header, *(_canonical(n) for n in each)], True),
        )
    )


def _change(value: Any, chance: random.Random) -> Any:
    """The value with something in it replaced, dropped or doubled."""
    if isinstance(value, list | dict) and value and chance.random() < 0.9:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        if chance.random() < 0.15:
            del value[key]
        else:
            value[key] = _change(value[key], chance)
        return value
    return copy.deepcopy(chance.choice(ATOMS))


def structured(chance: random.Random) -> bytes:
    """An export of fields, at times with other fields than it should have."""
    document, of_lines = _document(chance, chance.choice((1, 5, 40, 900)))
    for _ in range(chance.choice((0, 0, 1, 3, 9))):
        document = _change(document, chance)
    indent = chance.choice((None, 1, 4))
    if of_lines and isinstance(document, list):
        return b"".join(json.dumps(one).encode() + b"\n" for one in document)
    written = json.dumps(document, indent=indent, ensure_ascii=chance.random() < 0.5)
    return written.encode("utf-8", "surrogatepass")


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
    _cut,
    _patch,
    _patch,
    _flip,
    _repeat,
    _swap,
)


def mutated(chance: random.Random) -> bytes:
    """A conversation with some damage, at times inside a zip, at times a damaged zip."""
    is_text = chance.random() < SHARE_OF_TEXTS
    data = bytearray(conversation(chance) if is_text else structured(chance))
    for _ in range(chance.choice((0, 1, 3, 12))):
        chance.choice(MUTATIONS)(data, chance)
    if chance.random() < 0.2:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(chance.choice(FILES) if not is_text else "_chat.txt", bytes(data))
            if not is_text and chance.random() < HALF:
                archive.writestr("users.json", json.dumps([{"id": "U1", "name": "Ben"}]))
            archive.writestr("photo.jpg", b"\1" * 50)
        data = bytearray(held.getvalue())
        for _ in range(chance.choice((0, 1, 3))):
            chance.choice((_cut, _patch, _flip))(data, chance)
    return bytes(data)


def outcome(data: bytes) -> str:
    """The code of the error, or the empty string after all was read and agrees.

    A chronicle is refused where the file is, and else says the same.
    """
    code, said = _read(data)
    held = chronicle(io.BytesIO(data)).read()
    if held != data:
        code_again, said_again = _read(held)
        if (code == "") != (code_again == "") or said != said_again:
            raise AssertionError("chronicle")
    return code


def _read(data: bytes) -> tuple[str, list[str]]:
    """The code, or an empty one and all that is said, in whatever order."""
    try:
        export = read_export(io.BytesIO(data), None, now=NOW)
        messages = list(export.messages)
    except ExportError as error:
        if error.code not in CATALOGUE:
            raise
        return error.code, []
    report = export.report
    if len(messages) != report.with_sender or report.with_sender > report.entries:
        raise AssertionError("count")
    if sum(message.doubtful for message in messages) != getattr(report, "doubtful", 0):
        raise AssertionError("doubtful")
    if len({message.person or message.author for message in messages}) != report.authors:
        raise AssertionError("authors")
    counts = f"{report.counts} {sorted(export.roster)} {report.earliest} {report.latest}"
    return "", [*sorted(map(repr, messages)), counts]


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
