"""A brief run of the fuzzer in `bench/`, always over the same seeds."""

import importlib.util
import random
from pathlib import Path

import pytest

from assets.core.errors import CATALOGUE

_FUZZER = Path(__file__).resolve().parents[2] / "bench" / "fuzz_reader.py"


@pytest.fixture(scope="module")
def fuzzer():
    spec = importlib.util.spec_from_file_location("fuzz_reader", _FUZZER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_only_typed_codes_come_out(fuzzer, seed: int, full: bool) -> None:
    outcomes = [
        fuzzer.outcome(fuzzer.mutated(random.Random(one)))
        for one in range(seed, seed + (20 if full else 8))
    ]
    assert set(outcomes) <= CATALOGUE.keys() | {""}
    assert "" in outcomes
