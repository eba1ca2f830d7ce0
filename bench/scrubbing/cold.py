"""What a fresh process costs that scrubs its first message, stage by stage."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.scrubbing.compared import environment

_SCRIPT = """
import json, time
def tell(stage):
    # Not rusage's, which remembers the process that started this one.
    with open("/proc/self/status") as file:
        (peak,) = (int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
    print(json.dumps([stage, time.process_time(), peak]), flush=True)
tell("Python")
try:
    from assets.restricted.scrubbing import Scrubber
    from assets.restricted.scrubbing.patterns import Patterns
except ModuleNotFoundError:
    from assets.scrubbing import Scrubber
    from assets.scrubbing.patterns import Patterns
import tokenizers, onnxruntime
tell("libraries of the networks")
Patterns()
tell("patterns, Presidio with them")
scrubber = Scrubber.load()
tell("the rest of the scrubber, the tagger with it")
scrubber.scrub(["we are so tired after the night shift on monday, call 07700 900123"])
tell("first message")
"""


@dataclass(frozen=True)
class Stage:
    """What had been used when a stage ended.

    Attributes:
        name: what was done.
        cpu: CPU-seconds of the process so far.
        peak: most memory resident so far, in megabytes.
    """

    name: str
    cpu: float
    peak: float


def cold_start(tree: Path) -> list[Stage]:
    """Start a process in a tree of this project; the last stage is the whole process."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT],
        cwd=tree,
        env=environment(tree),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    stages = [Stage(*json.loads(line)) for line in process.stdout]
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "cold start")
    return [*stages, Stage("in all, its end too", used.ru_utime + used.ru_stime, stages[-1].peak)]
