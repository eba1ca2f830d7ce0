"""An engineer told "group 7f3a, code SCRUB_…" finds the cause, and no text: five planted faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from assets.core.errors import CATALOGUE
from assets.restricted.scrubbing import Scrubber
from assets.restricted.scrubbing.words import TokenizedMessage
from orchestration.cli import app
from orchestration.cli.scrubbing_status import LAYERS
from resources.models.word_pieces import WordPieces

DAY = date(2026, 10, 12)
SECRET = "xyzzyplover"
NOT_LISTED, ON_ROSTER, TAGGED, FIRING = "knackeredd", "tired", "plumtart", "hungry"
LINE = "we are so {} after the night shift and nobody came to help us with it"


@dataclass(frozen=True)
class Fault:
    """What is planted, and what the engineer must find.

    Attributes:
        words: put into the messages, one for each person.
        author: the first name of all of them.
        code: what the group is refused with.
        found: what the output of `tideline status` holds.
    """

    words: Sequence[str]
    code: str
    found: Sequence[str]
    author: str = "Adaeze"


FAULTS = {
    "a word let through by a broken vocabulary": Fault(
        [NOT_LISTED] * 6, "SCRUB_TOKEN_NOT_ALLOWED", ["layer `vocabulary`", "as installed now"]
    ),
    "the roster layer off": Fault(
        ["tired"] * 6, "SCRUB_ROSTER_TOKEN", ["layer `roster`", "roster 0"], author="Tired"
    ),
    "the tagger raises": Fault(
        [TAGGED] * 3 + ["late"] * 3,
        "SCRUB_TOO_MANY_DROPPED",
        [
            "layer `tagger` raised OverflowError at"
            " assets/restricted/scrubbing/name_tagger/serving.py:"
        ],
    ),
    "digits let through": Fault(
        ["room7digit"] * 6, "SCRUB_DIGIT_FOUND", ["layer `vocabulary`", "as installed now"]
    ),
    "the second detector fires on too many": Fault(
        [FIRING] * 2 + ["late"] * 4,
        "SCRUB_TOO_MANY_DROPPED",
        ["second detector", "`patterns`", "2 messages"],
    ),
}


class Broken:
    """A layer with the faults planted, each for the group that it is planted for."""

    def __init__(self, layer: Any) -> None:
        self.name = layer.name
        self.judges_alone = layer.judges_alone
        self._layer = layer

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        if self.name == "roster" and ON_ROSTER in message.roster:
            return {}
        return {
            i: kind
            for i, kind in self._layer.removes(message).items()
            if message.tokens[i].lower not in {NOT_LISTED, "room7digit"}
        }


class Alarmed(Broken):
    """A second detector that does not see digits, and takes one ordinary word for a number."""

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        return {i: "number" for i, one in enumerate(message.tokens) if one.lower == FIRING}


def raise_as_a_library_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """On messages with one word what cuts words raises, quoting it, in no file of ours."""
    source = (
        "def refuse(real, word):\n"
        "    def tokenise(self, words):\n"
        "        words = list(words)\n"
        "        if word in words:\n"
        "            raise OverflowError(' '.join(words))\n"
        "        return real(self, words)\n"
        "    return tokenise\n"
    )
    library: dict[str, Any] = {}
    exec(compile(source, "/usr/lib/library.py", "exec"), library)
    monkeypatch.setattr(WordPieces, "of_words", library["refuse"](WordPieces.of_words, TAGGED))


def export(fault: Fault) -> bytes:
    eve = DAY - timedelta(days=55)
    names = [f"{fault.author} Okafor{letter}" for letter in "abcdef"]
    lines = [f"{eve:%d/%m/%Y}, 09:{n:02d} - {name}: hello" for n, name in enumerate(names)]
    lines += [
        f"{DAY:%d/%m/%Y}, 10:{n:02d} - {name}: {LINE.format(word)} {SECRET} {n}"
        for n, (name, word) in enumerate(zip(names, fault.words, strict=True))
    ]
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.slow
def test_the_cause_of_each_planted_fault_is_told_without_text(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Scrubber.load()
    broken = Scrubber(
        [Broken(layer) for layer in real._layers],
        reader=real._reader,
        detector=Alarmed(real._detector),
    )
    monkeypatch.setattr(Scrubber, "load", staticmethod(lambda: broken))
    raise_as_a_library_would(monkeypatch)
    refs = {}
    for name, fault in FAULTS.items():
        refs[name] = house.grant()
        house.deliver(refs[name], export(fault))
    good = house.grant()
    house.deliver(good, export(Fault(["late"] * 6, "", [])))

    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    assert house.codes() == {refs[name]: {fault.code} for name, fault in FAULTS.items()}
    assert house.group_days() == {(DAY, good)}

    for name, fault in FAULTS.items():
        start = refs[name].removeprefix("g-")[:6]
        shown = CliRunner().invoke(app, ["status", "--group", start, "--day", str(DAY)])
        assert shown.exit_code == 0, shown.output
        told = " ".join(shown.output.split())
        for words in (fault.code, *fault.found, CATALOGUE[fault.code].next_step):
            assert words in told, (name, words, shown.output)
        for word in (SECRET, "okafor", fault.author, *fault.words, "night"):
            assert word.lower() not in told.lower(), (name, word)


@pytest.mark.slow
def test_the_layers_are_called_as_the_command_calls_them() -> None:
    assert tuple(layer.name for layer in Scrubber.load()._layers) == LAYERS


@pytest.mark.slow
def test_counts_are_told_by_layer_and_language_but_not_small_ones(house) -> None:
    groups = [export(Fault([word] * 6, "", [])) for word in ("late", "busy", "cold")]
    polish = "nie mam już siły po tej nocnej zmianie i nikt nam w ogóle nie pomaga"
    for content in (*groups, groups[0].replace(LINE.format("late").encode(), polish.encode())):
        house.deliver(house.grant(), content)
    assert house.run("collect", DAY) is None
    shown = CliRunner().invoke(app, ["status", "--scrubbing", "--days", "3000"])
    assert shown.exit_code == 0, shown.output
    lines = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert "english 10 to 99 10 to 99 <10 <10 <10 <10%" in lines
    assert not any(line.startswith("polish") for line in lines)
    assert any(line.startswith("vocabulary not_listed") for line in lines)
    assert SECRET not in shown.output


@pytest.mark.slow
def test_a_reference_that_is_not_one_groups(house) -> None:
    house.grant()
    house.grant()
    for group in ("g-00000000", "zzzz", ""):
        error = CliRunner().invoke(app, ["status", "--group", group]).exception
        assert str(error) == "GROUP_UNKNOWN", group
