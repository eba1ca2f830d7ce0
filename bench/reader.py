"""Speed and memory of the WhatsApp reader, beside public ones in the same run.

`python bench/reader.py --peers OTHER_VENV/bin/python --memory-mb 1000`; the peers' interpreter has
whatstk and chat-miner installed, and is never Tideline's own.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

_TEXT = """shift cover rota late tired handover bus tea visit weekend nights off swap please thanks
can anyone do tomorrow morning early lift client call office again sorry done yes no maybe the a to
and for with after before still waiting on my way there ten minutes double hours break"""
WORDS = _TEXT.split()
NAMES = [
    f"{first} {last}" for first in ("Ola", "Ben", "Cy", "Efe", "Gil", "Jan") for last in "ABCD"
]
LRM = "\u200e"
FORMS = {
    "android": ("{:%d/%m/%Y, %H:%M} - ", "\n"),
    "ios": ("[{:%d/%m/%Y, %H:%M:%S}] ", "\r\n"),
}

OURS = """
import json, resource, sys, time
from assets.restricted.collection import read_export
# Loaded where it is needed; what others import is loaded before they are timed, too.
import assets.restricted.collection.platforms.whatsapp
from datetime import datetime
# Not rusage's, which remembers the process that started this one.
peak = lambda: next(one for one in open("/proc/self/status") if one.startswith("VmHWM"))
rss = lambda: int(peak().split()[1]) / 1024
before, start = rss(), time.process_time()
export = read_export(sys.argv[1], "greater_london")
surveyed = time.process_time() - start
count = sum(1 for _ in export.messages)
took = time.process_time() - start
print(json.dumps({"messages": count, "cpu_s": took, "survey_s": surveyed, "rss_mb": rss(),
    "above_imports_mb": rss() - before}))
"""
PEERS = {
    "whatstk": (
        "from whatstk import WhatsAppChat\n"
        "read = lambda path: len(WhatsAppChat.from_source(path).df)"
    ),
    "chat-miner": (
        "from chatminer.chatparsers import WhatsAppParser\n"
        "def read(path):\n"
        "    parser = WhatsAppParser(path)\n"
        "    parser.parse_file()\n"
        "    return len(parser.parsed_messages.get_df())"
    ),
}
AROUND_PEER = """
import json, resource, sys, time, warnings, logging
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
{load}
# Not rusage's, which remembers the process that started this one.
peak = lambda: next(one for one in open("/proc/self/status") if one.startswith("VmHWM"))
rss = lambda: int(peak().split()[1]) / 1024
before, start = rss(), time.process_time()
count = read(sys.argv[1])
print(json.dumps({{"messages": count, "cpu_s": time.process_time() - start, "rss_mb": rss(),
    "above_imports_mb": rss() - before}}))
"""


def lines(form: str, size: int) -> Iterator[str]:
    """A conversation of about `size` bytes with media, edits, notices and line breaks in it."""
    header, line_end = FORMS[form]
    chance = random.Random(7)
    when, written = datetime(2014, 1, 1, 6), 0
    # Eleven years at most, whatever the size.
    longest = min(700, 66_000_000_000 // size)
    while written < size:
        when += timedelta(seconds=chance.randrange(1, longest))
        body = " ".join(chance.choices(WORDS, k=chance.randrange(3, 22)))
        kind = chance.random()
        lead = ""
        if kind < 0.06:
            body = "<Media omitted>" if form == "android" else f"{LRM}image omitted"
            lead = "" if form == "android" else LRM
        elif kind < 0.08:
            body += f" {LRM if form == 'ios' else ''}<This message was edited>"
        elif kind < 0.16:
            body += "\n" + " ".join(chance.choices(WORDS, k=8))
        sender = f"{chance.choice(NAMES)}: "
        if kind > 0.995:
            sender, body = "", f"{chance.choice(NAMES)} added {chance.choice(NAMES)}"
        line = f"{lead}{header.format(when)}{sender}{body}{line_end}"
        written += len(line.encode())
        yield line


def write(path: Path, form: str, size: int) -> None:
    """Write an export of about `size` bytes."""
    with path.open("w", encoding="utf-8", newline="") as export:
        export.writelines(lines(form, size))


def measured(python: str, code: str, path: Path) -> dict[str, float]:
    """Run one reader over one file in its own process."""
    done = subprocess.run(
        [python, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"failed": done.returncode}
    return json.loads(done.stdout.splitlines()[-1])


def show(name: str, form: str, found: dict[str, float], ours: float | None) -> float:
    """Print one line; give messages per CPU-second."""
    if "failed" in found:
        print(f"{name:12} {form:8} failed with status {found['failed']}")
        return 0
    speed = found["messages"] / found["cpu_s"]
    ratio = f"  ours is {ours / speed:5.1f} times as fast" if ours else ""
    print(
        f"{name:12} {form:8} {found['messages']:9,.0f} messages  {speed:9,.0f}/CPU-s"
        f"  peak {found['rss_mb']:6.0f} MB ({found['above_imports_mb']:.0f} above imports){ratio}",
        flush=True,
    )
    return speed


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--peers", help="interpreter that has the other readers")
    options.add_argument("--size-mb", type=int, default=45)
    options.add_argument("--memory-mb", type=int, default=0, help="also read one file this large")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.txt"
        for form in FORMS:
            write(path, form, chosen.size_mb << 20)
            ours = show("tideline", form, measured(sys.executable, OURS, path), None)
            for name, load in PEERS.items() if chosen.peers else ():
                code = AROUND_PEER.format(load=load)
                show(name, form, measured(chosen.peers, code, path), ours)
        if chosen.memory_mb:
            write(path, "android", chosen.memory_mb << 20)
            found = measured(sys.executable, OURS, path)
            show("tideline", f"{chosen.memory_mb} MB", found, None)


if __name__ == "__main__":
    main()
