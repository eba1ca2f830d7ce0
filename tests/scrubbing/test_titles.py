"""Titles and kinship go with the name behind them, and stay as the words that they also are."""

import dataclasses

import numpy as np
import pytest

from assets.restricted.scrubbing.titles import Titles
from assets.restricted.scrubbing.words import TokenizedMessage

LAYER = Titles(
    frozenset("he ate the porridge i miss home my sister will come mr will grace and".split()),  # noqa: SIM905
    frozenset({"will", "grace"}),
)


@pytest.mark.parametrize(
    ("text", "likely", "gone"),
    [
        ("ask mama joy", {"joy": 0.9}, "mama joy"),
        ("ask ate tess", {"tess": 0.9}, "ate tess"),
        ("ask auntie Bola", {}, "auntie Bola"),
        ("ask auntie grace", {"grace": 0.001}, "auntie grace"),
        ("he ate the porridge", {"porridge": 0.02}, ""),
        ("he ate porridge", {"porridge": 0.02}, ""),
        ("i miss home", {}, ""),
        ("my sister will come", {"will": 0.0001}, ""),
        ("ask mr will and", {}, "mr will"),
        ("ask Mr. Will and", {}, "Mr Will"),
        ("ask mrs obi", {}, "mrs obi"),
        ("ask mr and", {}, ""),
        ("ask sister", {}, ""),
        ("ask sister, Grace", {"Grace": 0.9}, ""),
        ("ASK AUNTIE BOLA", {}, ""),
        ("ask maria do ceu", {"maria": 0.9, "ceu": 0.9}, "do"),
        ("what can maria do now", {"maria": 0.9}, ""),
        ("do you", {"you": 0.9}, ""),
    ],
)
def test_a_title_goes_with_its_name(text, likely, gone):
    message = TokenizedMessage.read(text)
    odds = np.zeros((len(message.tokens), 3), np.float32)
    for i, token in enumerate(message.tokens):
        odds[i, 0] = likely.get(token.written, 0)
    message = dataclasses.replace(message, odds=odds)
    removed = LAYER.removes(message)
    assert " ".join(message.tokens[i].written for i in sorted(removed)) == gone
    assert set(removed.values()) <= {"title", "particle"}


def test_a_name_of_the_roster_takes_its_title_along():
    message = TokenizedMessage.read("ask nurse grace now", frozenset({"grace"}))
    assert set(LAYER.removes(message)) == {1, 2}
