"""Standard errors of published values: a table of public constants, looked up by a coarse band.

The band comes from noisy counts alone, so that neither it nor the standard error costs budget or
tells more than the draws do. Each error is that of the fewest people of its band, so it is at most
too large there. Sampling has two parts, for the group is the cluster: people within groups, whose
part shrinks with people and days, and groups, whose part shrinks only with the number of groups
(Kish 1965, 'Survey Sampling', ch. 5).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assets.released.noise_scales import NoiseScales, NoisyTotals

BANDS = (
    (500, "500+"),
    (250, "250-499"),
    (150, "150-249"),
    (100, "100-149"),
    (60, "60-99"),
    (40, "40-59"),
    (30, "30-39"),
)
"""Fewest people on a day and the band's published name, largest first."""

PERSON_DAY_SD = 0.30
"""Spread of person-day scores: of people made up from messages of writers who were not learnt from,
of whom 3 of 100 show a construct (docs/decisions/0046). What real ones have is not known."""

BETWEEN_GROUPS = 0.05
"""Share of that variance that lies between groups, assumed (intraclass correlation)."""

GROUP_SHIFT_SD = 0.02
"""How much one group's own level moves from one time to another, assumed."""

FAR_FROM_MIDDLE = 0.4
"""Noise in the count moves a mean by at most this much a share; holds for values in 0.1 to 0.9."""

SQUARED_WEIGHTS = 0.375
"""Most that the groups' squared weights add up to under the release rule: one group of a half, two
of a quarter, and next to nothing of the others (0.5^2 + 2 * 0.25^2)."""

NEAR_THRESHOLD = 0.09
"""What values of the lowest band may be drawn towards 0.5 by: where fewer than about `MIN_PEOPLE`
write, those days pass that noise lifts the count of, and the mean is taken over that count. So much
at 25 people a day and level 0.15, where one day in five passes; more, but rarely, with fewer."""

FALSE_ALARM_Z = 1.96
POWER_Z = 0.84
"""Two-sided 5 %, and 80 % power."""

BEYOND_CHANCE = FALSE_ALARM_Z / (FALSE_ALARM_Z + POWER_Z)
"""Share of the detectable change from which on a change that is seen counts as one."""


@dataclass(frozen=True)
class PublicErrors:
    """What is published with a value.

    Attributes:
        people_band: name of the band of people a day.
        standard_error: of the value.
        detectable_change: smallest change between two such values with no day in common that is
            told from chance 4 times of 5, at 5 % false alarms.
    """

    people_band: str
    standard_error: float
    detectable_change: float


def public_errors(drawn: Sequence[NoisyTotals]) -> PublicErrors:
    """Look up what is published with the value of these days.

    Args:
        drawn: the noisy totals of the days pooled, at least one.
    """
    least, band = band_of(sum(one.person_days for one in drawn) / len(drawn))
    noise = _noise_variance(drawn, least)
    within = PERSON_DAY_SD**2 * (1 - BETWEEN_GROUPS) / (least * len(drawn))
    level = PERSON_DAY_SD**2 * BETWEEN_GROUPS * SQUARED_WEIGHTS
    shift = GROUP_SHIFT_SD**2 * SQUARED_WEIGHTS
    drawn_in = NEAR_THRESHOLD**2 if least == BANDS[-1][0] else 0.0
    return PublicErrors(
        band,
        math.sqrt(noise + within + level + drawn_in),
        (FALSE_ALARM_Z + POWER_Z) * math.sqrt(2 * (noise + within) + shift) + math.sqrt(drawn_in),
    )


def band_of(people_a_day: float) -> tuple[int, str]:
    """Fewest people and name of the band; the lowest for anything under it."""
    return next((one for one in BANDS if people_a_day >= one[0]), BANDS[-1])


def noise_error(people_a_day: float, days: int, micro_rho: int) -> float:
    """Standard deviation that release noise alone gives a pooled value.

    Args:
        people_a_day: person-days on each day.
        days: days pooled.
        micro_rho: what each day's draw cost.
    """
    return math.sqrt(_of_one_day(micro_rho) * days) / (people_a_day * days)


def _noise_variance(drawn: Sequence[NoisyTotals], least: int) -> float:
    return sum(_of_one_day(one.micro_rho) for one in drawn) / (least * len(drawn)) ** 2


def _of_one_day(micro_rho: int) -> float:
    """Variance of a day's noisy sum less its mean times its noisy count, in scores squared."""
    scales = NoiseScales.of(micro_rho)
    return (scales.of_sum_milli / 1000) ** 2 + (FAR_FROM_MIDDLE * scales.of_count) ** 2
