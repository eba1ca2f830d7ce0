"""How long days have to stay open for exports that come by a rhythm, some of them missed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from assets.core.delivery_rhythm import Rhythm
from simulation.region import Assumed, days_with_enough_groups

ENOUGH_DAYS = 0.9
"""Share of days on which 5 groups of different employers have to be there."""


class ClosingAdvice(NamedTuple):
    """What `close_after_days` should be.

    Attributes:
        close_after_days: the fewest that are enough; where none are, those that lose fewest days.
        share: of days with enough groups then.
        enough: whether that is `ENOUGH_DAYS`.
    """

    close_after_days: int
    share: float
    enough: bool


def closing_advice(
    employers: Sequence[str], assumed: Assumed, rhythm: Rhythm, longest: int
) -> ClosingAdvice:
    """The fewest days after which region-days may close. Deterministic; reads nothing.

    Args:
        employers: the employer of each group that counts.
        assumed: what is assumed of groups and their deliveries.
        rhythm: of the slowest delivery; never fewer days than it needs.
        longest: most days that a home allows, for scores go at the end of their lifetime.
    """
    found: list[ClosingAdvice] = []
    for days in range(rhythm.least_close_after, longest + 1):
        share = days_with_enough_groups(employers, replace(assumed, close_after_days=days))
        found.append(ClosingAdvice(days, share, share >= ENOUGH_DAYS))
        if found[-1].enough or days >= 3 * rhythm.least_close_after:
            break
    if not found:
        return ClosingAdvice(rhythm.least_close_after, 0.0, enough=False)
    return found[-1] if found[-1].enough else max(found, key=lambda one: one.share)
