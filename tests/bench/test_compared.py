from pathlib import Path

from bench.scrubbing.compared import compare
from bench.scrubbing.whole_path import read_messages

WAY = """
import json, sys
print("a library's greeting")
print(json.dumps({{"messages": 12}}), flush=True)
for round_, _ in enumerate(sys.stdin):
    print(json.dumps({{"cpu": {cpu} + round_, "wall": 4}}), flush=True)
"""


def test_ways_are_run_by_turns_and_told_by_the_median_round(tmp_path: Path):
    rates = compare(
        {name: (tmp_path, ["-c", WAY.format(cpu=cpu)]) for name, cpu in (("a", 1), ("b", 5))}
    )
    assert (rates["a"].a_cpu_second, rates["b"].a_cpu_second) == (6, 2)
    assert rates["a"].a_second == 3


def test_the_same_messages_are_drawn_every_time(tmp_path: Path):
    drawn = read_messages("own", tmp_path, 20)
    assert drawn == read_messages("own", tmp_path, 20)
    assert len(set(drawn)) > 10
    assert not any("|" in text for text in read_messages("own", tmp_path, 0))
