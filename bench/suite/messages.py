"""Scrubbing, embedding and both with scoring: ours beside the usual tools, by turns."""

from importlib.util import find_spec
from pathlib import Path

from bench.scrubbing.compared import HERE, Rate, compare
from bench.scrubbing.parts import shares_of
from bench.scrubbing.whole_path import read_messages
from bench.suite.figures import OURS, Growth, Part, Stage, Way, part_of

ALTERNATIVES = {
    "scrubbing": {
        "Presidio and Flair, one by one": "one_by_one",
        "Presidio and Flair, in batches": "batched",
    },
    "embedding": {
        "sentence-transformers, one by one": "sentence_transformers_one_by_one",
        "sentence-transformers, in batches": "sentence_transformers",
    },
    "whole": {"Presidio, Flair and sentence-transformers, one by one": "whole_one_by_one"},
}
TITLES = {
    "scrubbing": "scrubbing",
    "embedding": "embedding",
    "whole": "scrubbing, gate, embedding, scoring",
}
NETWORKS = {"scrubbing": ("tagger",), "embedding": ("encoder",), "whole": ("tagger", "encoder")}
"""Of the parts that `shares_of` times, those that a stage can't do without."""

LIBRARIES = {"Presidio": "presidio_analyzer", "Flair": "flair"} | {
    "sentence-transformers": "sentence_transformers"
}


def messages(corpora: Path | None, most: int, alone: int, growth: list[int], rounds: int) -> Part:
    """What a message costs, warm.

    Args:
        corpora: folder with `care_messages/`; None for the project's own held-out messages.
        most: messages that ours takes.
        alone: of these, for what takes them one by one.
        growth: how many the whole path takes, by itself.
        rounds: of each way, by turns.
    """
    given = ["care" if corpora else "own", str((corpora or Path.cwd()).resolve())]
    left_out = [name for name, module in LIBRARIES.items() if find_spec(module) is None]
    each, shares = shares_of(read_messages(given[0], Path(given[1]), most))
    stages = []
    for stage, others in ALTERNATIVES.items():
        ways = {OURS: _way(stage, given, most)}
        if not left_out:
            ways |= {name: _way(way, given, alone) for name, way in others.items()}
        rates = compare(ways, rounds)
        least = sum(shares[part] for part in NETWORKS[stage]) * each / 1e3
        stages.append(
            Stage(
                TITLES[stage],
                "message",
                most,
                [
                    *(Way(name, 1 / rate.a_cpu_second) for name, rate in rates.items()),
                    Way("the networks alone", least, is_limit=True),
                ],
            )
        )
    spent = [_seconds(compare({OURS: _way("whole", given, count)}, 1)[OURS], count)
             for count in growth]  # fmt: skip
    growths = [Growth(TITLES["whole"], "messages", growth, spent)] if growth else []
    return part_of(stages, growths, left_out)


def _way(way: str, given: list[str], most: int) -> tuple[Path, list[str]]:
    return HERE, ["-m", "bench.suite.ways", way, *given, str(most)]


def _seconds(rate: Rate, count: int) -> float:
    return count / rate.a_cpu_second
