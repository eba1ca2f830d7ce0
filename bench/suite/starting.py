"""What a fresh process costs that has done nothing yet: commands, and a first message."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from bench.morning import Cost, process
from bench.scrubbing.cold import cold_start
from bench.scrubbing.compared import HERE, environment
from bench.suite.figures import OURS, Part, Stage, Way, part_of

FIRST_MESSAGE = """
import logging; logging.disable(logging.CRITICAL)
from bench.scrubbing.one_by_one import EncodedOneByOne
EncodedOneByOne().run(["we are so tired after the night shift on monday, call 07700 900123"])
"""


def starting(rounds: int) -> Part:
    """Help of the command beside Dagster's, and the first message beside the usual tools'."""
    bare = Way("Python alone", _median(rounds, [sys.executable, "-c", "pass"]), is_limit=True)
    beside = Path(sys.executable).parent
    helps = [
        Way(name, _median(rounds, [str(beside / program), "--help"]))
        for name, program in ((OURS, "tideline"), ("dagster", "dagster"))
    ]
    cold = sorted((cold_start(HERE)[-1] for _ in range(rounds)), key=lambda one: one.cpu)
    middle = cold[len(cold) // 2]
    first = [Way(OURS, middle.cpu, largest_mib=middle.peak)]
    left_out = [one for one in ("flair", "sentence_transformers") if find_spec(one) is None]
    if not left_out:
        costs = [_cost([sys.executable, "-c", FIRST_MESSAGE]) for _ in range(rounds)]
        usual = sorted(costs, key=lambda one: one.cpu_seconds)[len(costs) // 2]
        name = "Presidio, Flair and sentence-transformers"
        first.append(Way(name, usual.cpu_seconds, largest_mib=usual.largest_mib))
    return part_of(
        [
            Stage("starting the command (--help)", "start", rounds, [*helps, bare]),
            Stage("a first message scrubbed, from cold", "start", rounds, [*first, bare]),
        ],
        left_out=left_out,
    )


def _cost(arguments: Sequence[str]) -> Cost:
    return process(arguments, environment(HERE) | {"HF_HUB_OFFLINE": "1"} | {"COLUMNS": "80"})


def _median(rounds: int, arguments: Sequence[str]) -> float:
    return median(_cost(arguments).cpu_seconds for _ in range(rounds))
