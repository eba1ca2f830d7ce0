"""Invented exports: sentences of everyday words, with names and odd words that exist nowhere else.

They keep an auditor's exports company, for a region is published only if enough groups and people
write; alone they are the rehearsal of whoever brings none.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from assets.released.thresholds import MIN_GROUPS
from orchestration.cli.rehearsal.given import Given

GROUPS = MIN_GROUPS + 1
PEOPLE = 12
"""In each group, all of whom write every day: so many that noise on their count does not matter."""

_CONSONANTS, _VOWELS, _SYLLABLES = "bdfgklmnprtvz", "aeiou", 4
_SAID = (
    "so tired after the long shift and {odd} rang me twice about it",
    "good morning all, the kettle was cold again by {odd} and nobody minded",
    "we are short again tomorrow but we will manage it together, {odd}",
    "please call me on {phone} about {odd} when you get home tonight",
    "I can not do another night like that, {odd} was no help at all",
    "thank you all for {odd}, it was a good day in the end",
)


def write_invented(
    folder: Path, region: str, days: tuple[date, date], groups: int, rng: Random
) -> Sequence[Given]:
    """Write so many groups' exports.

    Args:
        folder: where to.
        region: of all of them.
        days: first and last day on which everybody writes; they greet each other on the day before.
        groups: how many.
        rng: what invents.
    """
    made = []
    for _ in range(groups):
        path = folder / f"WhatsApp Chat with {_name(rng)}.txt"
        path.write_text(_chat(days, rng), "utf-8")
        made.append(Given(path, region))
    return made


def _chat(days: tuple[date, date], rng: Random) -> str:
    first, last = days
    people = [_name(rng) for _ in range(PEOPLE)]
    eve = first - timedelta(days=1)
    lines = [f'{eve:%d/%m/%Y}, 06:00 - {people[0]} created group "{_name(rng)}"']
    lines += [f"{eve:%d/%m/%Y}, 07:00 - {person}: hello all" for person in people]
    for number in range((last - first).days + 1):
        moment = datetime.combine(first + timedelta(days=number), time(8))
        for person in rng.sample(people, PEOPLE):
            moment += timedelta(minutes=7)
            said = rng.choice(_SAID).format(
                odd=_word(rng), phone=f"07700 {rng.randrange(10**6):06}"
            )
            # The same words from several people would be a copied post.
            lines.append(f"{moment:%d/%m/%Y, %H:%M} - {person}: {said} {len(lines)}")
    return "\n".join(lines) + "\n"


def _name(rng: Random) -> str:
    return f"{_word(rng).title()} {_word(rng).title()}"


def _word(rng: Random) -> str:
    return "".join(rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(_SYLLABLES))
