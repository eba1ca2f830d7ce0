"""How far people who come, go and fall silent bend the line, and whether matching groups helps.

The line is the weekly mean of seven daily draws; the noise is a Gaussian of its scale, for OpenDP's
own makes no difference here. *Matched* chains the week-to-week changes of the groups that count in
both weeks. Where those are all groups it uses the values that are published anyway; where groups
came or went it needs the matched groups' totals besides, which are drawn anew.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoiseScales
from bench.release.simulated_cohort import WEEKS, Array, Cohort, Scenario, cohort
from simulation.region import Assumed

SEED = 6
DAYS_OF_WEEK = 7
ENDS = 4
"""Weeks that are averaged at either end of the year for its change."""

SCENARIOS = (
    Scenario("nobody quiet, same groups"),
    Scenario("tired people a little quiet", quiet=0.15),
    Scenario("tired people quiet", quiet=0.3),
    Scenario("... and half get more tired", quiet=0.3, rise=0.15),
    Scenario("half get more tired, nobody quiet", rise=0.15),
    Scenario("groups join and leave, all alike", quiet=0.3, joining=9, leaving=3),
    Scenario("... and joiners are worse off", quiet=0.3, joining=9, leaving=3, joiners_level=0.08),
)
LINES = ("exact", "line", "matched exact", "matched", "matched, same budget")


@dataclass
class Found:
    """How far a line was off, an entry for each year.

    Attributes:
        members: mean over the year, less that of all members of the groups that count.
        posting: the same, less that of who wrote.
        change: how far it moved over the year, less how far all members did.
        change_of_first: the same, less how far members of the first groups did.
    """

    members: list[float] = field(default_factory=list)
    posting: list[float] = field(default_factory=list)
    change: list[float] = field(default_factory=list)
    change_of_first: list[float] = field(default_factory=list)


def cohort_bias(years: int = 60) -> None:
    """Bias of the line as members, groups and tired people come, go and fall silent."""
    started = time.perf_counter()
    print(
        f"{years} made-up years of 12 groups, seed {SEED}; bias (root mean square) in score units\n"
        "  level: mean over the year, against all members of the groups that count | who wrote\n"
        "  change: last 4 weeks less first 4, against all members | members of the first groups"
    )
    for number, scenario in enumerate(SCENARIOS):
        found = {name: Found() for name in LINES}
        changes = []
        for one in range(years):
            chance = np.random.default_rng((SEED, number, one))
            simulated = cohort(scenario, chance, Assumed())
            changes.append(int(_changed(simulated).sum()))
            _measure(simulated, chance, found)
        print(f"\n{scenario.name} ({np.mean(changes):.1f} weeks with other groups than before)")
        for name, one in found.items():
            print(
                f"  {name:21} level {_off(one.members)} | {_off(one.posting)}   change"
                f" {_off(one.change)} | {_off(one.change_of_first)}"
            )
        extra = np.mean(changes) * DAYS_OF_WEEK * GAUSSIAN_1.micro_rho / 1_000_000
        if extra:
            yearly = WEEKS * DAYS_OF_WEEK * GAUSSIAN_1.micro_rho / 1_000_000
            print(f"  matching draws rho {extra:.2f} more a year, {extra / yearly:.0%} of the cap")
    print(f"\n{time.perf_counter() - started:.0f} s")


def _off(values: list[float]) -> str:
    return f"{np.mean(values):+.3f} ({np.sqrt(np.mean(np.square(values))):.3f})"


def _measure(simulated: Cohort, chance: np.random.Generator, found: dict[str, Found]) -> None:
    members, first_groups = simulated.all_members, simulated.first_groups
    posting = _mean(simulated, simulated.counted, None, chance)
    extra = 1 + _changed(simulated).sum() / WEEKS
    # Drawn once for the line and for the matched one, which takes most of its values from it.
    line = _mean(simulated, simulated.counted, 1.0, chance)
    poorer = _mean(simulated, simulated.counted, extra, chance)
    lines = {
        "exact": posting,
        "line": line,
        "matched exact": _matched(simulated, posting, None, chance),
        "matched": _matched(simulated, line, 1.0, chance),
        "matched, same budget": _matched(simulated, poorer, extra, chance),
    }
    for name, values in lines.items():
        one = found[name]
        one.members.append(float((values - members).mean()))
        one.posting.append(float((values - posting).mean()))
        one.change.append(_change(values) - _change(members))
        one.change_of_first.append(_change(values) - _change(first_groups))


def _change(weekly: Array) -> float:
    return float(weekly[-ENDS:].mean() - weekly[:ENDS].mean())


def _changed(simulated: Cohort) -> Array:
    """Whether other groups count in a week than in the one before; False for the first."""
    differ = (simulated.counted[:, 1:] != simulated.counted[:, :-1]).any(axis=0)
    return np.concatenate([[False], differ])


def _mean(
    simulated: Cohort, groups: Array, budget_split: float | None, chance: np.random.Generator
) -> Array:
    """Weekly means of these groups, shape (weeks,).

    Args:
        simulated: the year.
        groups: which, shape (groups, weeks).
        budget_split: among how many draws the usual budget is divided; None for no noise.
        chance: of the noise.
    """
    people = (simulated.person_days * groups).sum(axis=0).astype(float)
    total = ((simulated.scores - 0.5 * simulated.person_days) * groups).sum(axis=0)
    if budget_split is not None:
        scales = NoiseScales.of(GAUSSIAN_1.micro_rho)
        spread = np.sqrt(DAYS_OF_WEEK * budget_split)
        total = total + spread * scales.of_sum_milli / 1000 * chance.standard_normal(WEEKS)
        people = people + spread * scales.of_count * chance.standard_normal(WEEKS)
    return np.clip(total / np.maximum(1, people) + 0.5, 0, 1)


def _matched(
    simulated: Cohort, line: Array, budget_split: float | None, chance: np.random.Generator
) -> Array:
    """Chain the changes among groups that count in both of two weeks, from the line's first."""
    both = simulated.counted[:, 1:] & simulated.counted[:, :-1]
    before = np.concatenate([both, simulated.counted[:, -1:]], axis=1)
    after = np.concatenate([simulated.counted[:, :1], both], axis=1)
    # Drawn anew only where the matched groups are not those of the week's own value.
    of_before = np.where(
        (before == simulated.counted).all(axis=0),
        line,
        _mean(simulated, before, budget_split, chance),
    )
    of_after = np.where(
        (after == simulated.counted).all(axis=0),
        line,
        _mean(simulated, after, budget_split, chance),
    )
    steps = of_after[1:] - of_before[:-1]
    return np.concatenate([line[:1], line[0] + np.cumsum(steps)])
