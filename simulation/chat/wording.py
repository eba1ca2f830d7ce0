"""Builds the text of a message from the phrase banks beside this file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random

from assets.core.constructs import CONSTRUCTS
from simulation.chat.additions import ASIDE_SHARE, ASIDES, FRANK_OPENERS, OPENERS, SIGN_OFFS
from simulation.chat.habits import Habits, draw_habits, roughen, set_case
from simulation.chat.identifiers import NOT_IDENTIFYING, SLOTS, VERBATIM, full_name
from simulation.chat.streams import stream

KINDS = (*CONSTRUCTS, "none")
_ALTERNATIVES = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
# Chances in 0..1, tuned so that 35 to 45 % of messages carry an identifier.
_OPENER, _FRANK, _PAIR, _SHORTER, _SHOUT = 0.2, 0.12, 0.06, 0.35, 0.004
_JOINTS = (". ", ". ", ", ", "\n", " - ", " 😅 ")
_OPENER_JOINTS = (", ", ", ", " ", " ", " - ", "\n", "... ", "! ")


@dataclass(frozen=True)
class Wording:
    """The text of one message.

    Attributes:
        construct: what it expresses: one of `KINDS`.
        identifies: whether it carries an identifier.
    """

    text: str = field(repr=False)
    construct: str
    identifies: bool


@cache
def expressions(construct: str) -> tuple[str, ...]:
    """The phrase bank of a construct or of "none", as written: with {slots} and [a|b].

    Raises:
        KeyError: `construct` is not one of `KINDS`.
    """
    if construct not in KINDS:
        raise KeyError
    name = "neutral" if construct == "none" else construct
    bank = files("simulation.chat.phrases") / f"{name}.txt"
    lines = (line.strip() for line in bank.read_text("utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def word_message(
    rng: Random,
    construct: str,
    *,
    habits: Habits,
    region: str,
    mentions: Sequence[str],
) -> Wording:
    """One message that expresses `construct`, as a person of these habits types it.

    Args:
        rng: source of randomness.
        construct: one of `KINDS`.
        habits: the writer's.
        region: chooses the places named; an unlisted one uses those of all regions.
        mentions: ready-made @mentions, one of which may be used.
    """
    template = _compose(rng, construct, habits)
    template, lower = set_case(rng, habits, roughen(rng, habits, template))
    slots = _SLOT.findall(template)
    shouted = rng.random() < _SHOUT

    def fill(found: re.Match[str]) -> str:
        slot = found[1]
        if slot == "mention":
            return rng.choice(mentions)
        filled = SLOTS[slot](rng, region)
        return filled.lower() if lower and slot not in VERBATIM else filled

    if shouted:
        template = _SLOT.sub(lambda found: found[0].lower(), template.upper())
    text = _SLOT.sub(fill, template)
    if habits.curly:
        text = text.replace("'", "’")
    return Wording(
        text=text,
        construct=construct,
        identifies=any(slot not in NOT_IDENTIFYING for slot in slots),
    )


def plain_messages(seed: int, n: int, construct: str | None = None) -> list[tuple[str, str]]:
    """`n` messages as (text, construct), by a new person each, without any group around them.

    Args:
        seed: the same seed gives the same messages.
        n: how many.
        construct: one of `KINDS`; without it all four take equal turns.

    Raises:
        KeyError: `construct` is not one of `KINDS`.
    """
    rng = stream(seed, "plain", construct or "all")
    messages: list[tuple[str, str]] = []
    for number in range(n):
        kind = construct or KINDS[number % len(KINDS)]
        worded = word_message(
            rng,
            kind,
            habits=draw_habits(rng, curly_keyboard=False),
            region="",
            mentions=[f"@{' '.join(full_name(rng))}"],
        )
        messages.append((worded.text, kind))
    return messages


def _compose(rng: Random, construct: str, habits: Habits) -> str:
    bank = expressions(construct)
    parts = [_choose(rng, _line(rng, bank))]
    if rng.random() < _PAIR:
        parts.append(_choose(rng, _line(rng, bank)))
    template = rng.choice(_JOINTS).join(parts)
    if rng.random() < ASIDE_SHARE[construct]:
        template += rng.choice((", {}", " ({})", ". {}", " {}")).format(rng.choice(ASIDES))
    if rng.random() < habits.stop and template[-1].isalpha():
        template += rng.choice((".", ".", "!", "..."))
    if rng.random() < habits.sign:
        template += " " + rng.choice(SIGN_OFFS[construct])
    if rng.random() < _OPENER:
        template = rng.choice(OPENERS) + rng.choice(_OPENER_JOINTS) + template
    elif construct != "none" and rng.random() < _FRANK:
        template = rng.choice(FRANK_OPENERS) + rng.choice((" ", ", ")) + template
    return template


def _line(rng: Random, bank: Sequence[str]) -> str:
    line = rng.choice(bank)
    if rng.random() < _SHORTER:
        return min(line, rng.choice(bank), key=len)
    return line


def _choose(rng: Random, line: str) -> str:
    return _ALTERNATIVES.sub(lambda found: rng.choice(found[1].split("|")), line)
