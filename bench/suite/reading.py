"""Reading an export: ours beside whatstk and chat-miner, and by how many messages there are."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.morning import Cost, process
from bench.reader import AROUND_PEER, OURS, PEERS, measured, write
from bench.suite.figures import OURS as TIDELINE
from bench.suite.figures import Growth, Part, Stage, Way, part_of

LEAST = """
import json, sys, time
start = time.process_time()
with open(sys.argv[1], encoding="utf-8", newline="") as export:
    count = sum(" - " in line or "] " in line for line in export)
print(json.dumps({"messages": count, "cpu_s": time.process_time() - start}))
"""
"""Decode the file and look for a header in each line: what no reader in Python gets round."""

BYTES_A_MESSAGE = 96
"""Of `bench.reader.lines`, about."""


def reading(messages: int, growth: list[int], peers: str | None) -> Part:
    """Both forms of WhatsApp.

    Args:
        messages: of the export that all read, about.
        growth: of the exports that ours reads by itself.
        peers: an interpreter that has the other readers; None to leave them out.
    """
    there = {name: load for name, load in PEERS.items() if peers and _has(peers, load)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.txt"
        stages = []
        for form in ("android", "ios"):
            write(path, form, messages * BYTES_A_MESSAGE)
            ways = [_way(TIDELINE, measured(sys.executable, OURS, path))]
            count = int(measured(sys.executable, OURS, path)["messages"])
            for name, load in there.items():
                found = measured(str(peers), AROUND_PEER.format(load=load), path)
                if "failed" not in found:
                    ways.append(_way(name, found))
            least = measured(sys.executable, LEAST, path)
            ways.append(Way("decode, find headers", least["cpu_s"] / count, is_limit=True))
            stages.append(Stage(f"reading WhatsApp ({form})", "message", count, ways))
        counts, spent = [], []
        for wanted in growth:
            write(path, "android", wanted * BYTES_A_MESSAGE)
            found = measured(sys.executable, OURS, path)
            counts.append(int(found["messages"]))
            spent.append(found["cpu_s"])
        write(path, "android", 1_000 * BYTES_A_MESSAGE)
        codes = {TIDELINE: OURS} | {
            name: AROUND_PEER.format(load=load) for name, load in there.items()
        }
        cold = [
            Way(name, cost.cpu_seconds)
            for name, code in codes.items()
            for cost in [_process(sys.executable if name == TIDELINE else str(peers), code, path)]
        ]
    stages.append(Stage("reading 1,000 messages, from cold", "start", 1, cold))
    growths = [Growth("reading WhatsApp (android)", "messages", counts, spent)]
    return part_of(stages, growths, [name for name in PEERS if name not in there])


def _process(python: str, code: str, path: Path) -> Cost:
    return process([python, "-c", code, str(path)], os.environ)


def _way(name: str, found: dict[str, float]) -> Way:
    return Way(name, found["cpu_s"] / found["messages"], largest_mib=found["rss_mb"])


def _has(python: str, load: str) -> bool:
    imports = load.splitlines()[0]
    return not subprocess.run([python, "-c", imports], capture_output=True, check=False).returncode
