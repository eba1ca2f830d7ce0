"""Speed and memory of the structured readers: `python bench/json_reader.py --memory-mb 1000`.

Each form is read in a process of its own: counted over whole, then every message taken. The time of
ijson over the same file, which makes no message of anything, is beside it.
"""

import argparse
import json
import random
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.reader import NAMES, OURS, WORDS, measured, show

START = datetime(2014, 1, 1, 6, tzinfo=UTC)
IJSON = """
import json, resource, sys, time
import ijson
start = time.process_time()
count = 0
with open(sys.argv[1], "rb") as held:
    for _ in ijson.items(held, "messages.item", use_float=True):
        count += 1
took = time.process_time() - start
print(json.dumps({"messages": count, "cpu_s": took, "rss_mb": 0, "above_imports_mb": 0}))
"""


def said(chance: random.Random) -> Iterator[tuple[int, datetime, int, str]]:
    """Number, time, person and text of messages without end."""
    when, number = START, 0
    while True:
        when += timedelta(seconds=chance.randrange(1, 60))
        number += 1
        yield (
            number,
            when,
            chance.randrange(len(NAMES)),
            " ".join(chance.choices(WORDS, k=chance.randrange(3, 22))),
        )


def telegram(number: int, when: datetime, who: int, text: str) -> Any:
    return {
        "id": number,
        "type": "message",
        "date": when.strftime("%Y-%m-%dT%H:%M:%S"),
        "date_unixtime": str(int(when.timestamp())),
        "from": NAMES[who],
        "from_id": f"user{1000 + who}",
        "text": text,
        "text_entities": [{"type": "plain", "text": text}],
    }


def messenger(number: int, when: datetime, who: int, text: str) -> Any:
    del number
    return {
        "sender_name": NAMES[who],
        "timestamp_ms": int(when.timestamp() * 1000),
        "content": text,
        "is_geoblocked_for_viewer": False,
        "is_unsent_image_by_messenger_kid_parent": False,
    }


def discord(number: int, when: datetime, who: int, text: str) -> Any:
    return {
        "id": str(10**17 + number),
        "type": "Default",
        "timestamp": when.isoformat(),
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": text,
        "author": {
            "id": str(10**17 + who),
            "name": NAMES[who],
            "discriminator": "0000",
            "nickname": NAMES[who],
            "color": None,
            "isBot": False,
            "roles": [],
            "avatarUrl": "https://cdn.example.org/a.png",
        },
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        "inlineEmojis": [],
    }


def slack(number: int, when: datetime, who: int, text: str) -> Any:
    return {
        "client_msg_id": f"c{number}",
        "type": "message",
        "text": text,
        "user": f"U{who}",
        "ts": f"{int(when.timestamp())}.{number % 1000000:06d}",
        "team": "T1",
        "blocks": [{"type": "rich_text", "elements": [{"type": "text", "text": text}]}],
    }


def signal(number: int, when: datetime, who: int, text: str) -> Any:
    return {
        "chatItem": {
            "chatId": "1",
            "authorId": str(10 + who),
            "dateSent": str(int(when.timestamp() * 1000) + number % 1000),
            "incoming": {"dateReceived": "1", "read": True, "sealedSender": True},
            "standardMessage": {"text": {"body": text}},
        }
    }


def canonical(number: int, when: datetime, who: int, text: str) -> Any:
    return {
        # As Teams numbers them.
        "id": f"{int(when.timestamp()) * 1000 + number % 1000}",
        "at": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sender": f"u{who}",
        "name": NAMES[who],
        "text": text,
    }


PEOPLE = [
    {"version": "1", "backupTimeMs": "1"},
    {"recipient": {"id": "9", "group": {"masterKey": "x"}}},
    {"chat": {"id": "1", "recipientId": "9"}},
    *(
        {
            "recipient": {
                "id": str(10 + who),
                "contact": {"aci": f"a{who}", "profileGivenName": name},
            }
        }
        for who, name in enumerate(NAMES)
    ),
]
HEADER = {
    "canonical_export": 1,
    "platform": "teams",
    "from": "2014-01-01T00:00:00Z",
    "to": "2026-01-01T00:00:00Z",
}
OPENINGS: dict[str, dict[str, Any]] = {
    "telegram": {"name": "Night team", "type": "private_supergroup", "id": 12345},
    "messenger": {"participants": [{"name": name} for name in NAMES]},
    "discord": {"guild": {"id": "1", "name": "h"}, "channel": {"id": "5", "name": "n"}},
}
ONE: dict[str, Any] = {
    "telegram": telegram,
    "messenger": messenger,
    "discord": discord,
    "slack": slack,
    "signal": signal,
    "teams": canonical,
}


def write(path: Path, form: str, size: int) -> None:
    """Write an export of about `size` bytes."""
    messages = (ONE[form](*one) for one in said(random.Random(7)))
    if form == "slack":
        users = [{"id": f"U{who}", "profile": {"real_name": one}} for who, one in enumerate(NAMES)]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("users.json", json.dumps(users))
            written, day = 0, datetime(2014, 1, 1, tzinfo=UTC)
            while written < size:
                held = json.dumps([next(messages) for _ in range(2_000)], indent=4)
                archive.writestr(f"night-team/{day:%Y-%m-%d}.json", held)
                written, day = written + len(held), day + timedelta(days=1)
        return
    written = 0
    with path.open("w", encoding="utf-8") as held:
        if form in OPENINGS:
            # As the platform indents them.
            held.write(json.dumps(OPENINGS[form], indent=1)[:-2] + ',\n "messages": [\n')
        else:
            lines = PEOPLE if form == "signal" else [HEADER]
            held.write("".join(json.dumps(one) + "\n" for one in lines))
        while written < size:
            one = json.dumps(next(messages), indent=1 if form in OPENINGS else None)
            last = ",\n" if form in OPENINGS and written + len(one) < size else "\n"
            written += held.write(one + last)
        if form in OPENINGS:
            held.write(" ]\n}\n")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size-mb", type=int, default=45)
    options.add_argument("--memory-mb", type=int, default=0, help="also read files this large")
    options.add_argument("--form", choices=ONE, help="this one alone")
    chosen = options.parse_args()
    code = OURS.replace(
        "from datetime import datetime\n",
        "from assets.restricted.collection.platforms import canonical, discord, messenger, signal\n"
        "from assets.restricted.collection.platforms import slack, telegram\n",
    )
    with tempfile.TemporaryDirectory() as folder:
        for form in [chosen.form] if chosen.form else ONE:
            path = Path(folder) / form
            write(path, form, chosen.size_mb << 20)
            ours = show("tideline", form, measured(sys.executable, code, path), None)
            if form in OPENINGS:
                show("ijson", form, measured(sys.executable, IJSON, path), ours)
            if chosen.memory_mb:
                write(path, form, chosen.memory_mb << 20)
                show(
                    "tideline", f"{chosen.memory_mb} MB", measured(sys.executable, code, path), None
                )
            path.unlink()


if __name__ == "__main__":
    main()
