"""The invented chat shares no wording with the statements that scoring starts from."""

import csv
import re
from importlib.resources import files
from itertools import product

import pytest

from simulation.chat.wording import KINDS, expressions

RUN = 4
_ALTERNATIVES = re.compile(r"\[([^\]]*)\]")


def _runs(text):
    words = re.findall(r"[^\W_]+(?:'\w+)?", text.casefold().replace("’", "'"))
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def _variants(line):
    pieces = _ALTERNATIVES.split(line)
    choices = [piece.split("|") if place % 2 else [piece] for place, piece in enumerate(pieces)]
    return ["".join(chosen) for chosen in product(*choices)]


@pytest.fixture(scope="module")
def seed_runs():
    table = (files("assets.restricted.scoring") / "seeds.csv").read_text("utf-8")
    runs = set()
    for row in csv.reader(line for line in table.splitlines() if not line.startswith("#")):
        for cell in row:
            runs |= _runs(cell)
    return runs


def test_a_shared_run_would_be_found():
    assert _runs("We’ve SAID it, many times") & _runs("that we've said it many moons ago")
    assert not _runs("one two three") | _runs("")


@pytest.mark.parametrize("construct", KINDS)
def test_no_run_of_four_words_is_shared_with_the_seeds(seed_runs, construct):
    assert len(seed_runs) > 100
    shared = [
        line
        for line in expressions(construct)
        if any(_runs(variant) & seed_runs for variant in _variants(line))
    ]
    assert shared == []
