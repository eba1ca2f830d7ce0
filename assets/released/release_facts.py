"""The public constants of the release, which the page's words and the data files state."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from assets.core.constructs import CONSTRUCTS
from assets.released.budget import MONTH_CAP, YEAR_CAP
from assets.released.method import GAUSSIAN_1, MICRO, SUM_SENSITIVITY_MILLI
from assets.released.noise_scales import NoiseScales
from assets.released.not_protected import NOT_PROTECTED_BY_NOISE
from assets.released.standard_errors import noise_error
from assets.released.thresholds import (
    LONGEST_WAIT,
    MIN_BATCH,
    MIN_GROUPS,
    MIN_PEOPLE,
    MOST_OF_LARGEST_PERCENT,
    MOST_OF_TOP_TWO_PERCENT,
)

MONTH_DAYS = 30
EPSILON_ONE_DAY = 1.5
EPSILON_MONTH = 9.9
DELTA = 1e-6
"""By OpenDP's privacy profile of 50,000 micro-rho a day, rounded up; written down here because
OpenDP takes seconds to load. A test keeps them true."""


@dataclass(frozen=True, kw_only=True)
class ReleaseFacts:
    """Numbers that the words about the release are made from; none comes from data.

    Attributes:
        min_groups: groups that a region and day needs.
        min_people: what the noisy count of people must reach.
        largest_share: most of the people that may come from one group, in percent.
        top_two_share: most that may come from two, in percent.
        micro_rho_per_day: what a region-day costs, in millionths of rho.
        month_cap: most that a region may spend on the days of a calendar month, in the same.
        year_cap: most on the days of a calendar year.
        epsilon_one_day: for one person-day, at `delta`.
        epsilon_month: for `MONTH_DAYS` person-days on as many days.
        delta: of the two above.
        sensitivity: what one person-day moves at most, in words.
        noise_on_sum: standard deviation of the noise on a sum of scores.
        noise_on_count: standard deviation of the noise on the count of people.
        join_batch: groups that join together.
        join_wait_weeks: weeks after which a group joins in any case.
        not_protected: (what, why) of all that is public and not protected by noise.
    """

    min_groups: int
    min_people: int
    largest_share: int
    top_two_share: int
    micro_rho_per_day: int
    month_cap: int
    year_cap: int
    epsilon_one_day: float
    epsilon_month: float
    delta: float
    sensitivity: str
    noise_on_sum: float
    noise_on_count: float
    join_batch: int
    join_wait_weeks: int
    not_protected: tuple[tuple[str, str], ...]

    def right_guesses(self, days: int) -> int:
        """How often of 100 an outsider guesses right at best whether someone wrote, by the values.

        The outsider knows all else, and without the values would be right 50 times. Noise of
        zero-concentrated budget rho is Gaussian, so the best test is right with probability
        Phi(sqrt(rho / 2)) (Dong, Roth & Su 2022, 'Gaussian Differential Privacy'); rounded up.

        Args:
            days: days on which the person wrote, or on none of which they did.
        """
        rho = days * self.micro_rho_per_day / MICRO
        return math.ceil(100 * NormalDist().cdf(math.sqrt(rho / 2)))

    def right_guesses_of_mood(self) -> int:
        """The same where they wrote on one day, for certain, and all scores were 0 or all 1."""
        apart = math.sqrt(len(CONSTRUCTS)) / self.noise_on_sum
        return math.ceil(100 * NormalDist().cdf(apart / 2))

    def noise_on_mean(self, people: int, days: int = 1) -> float:
        """Standard deviation that the noise gives the mean of this many people a day.

        Args:
            people: on each day.
            days: days pooled.
        """
        return noise_error(people, days, self.micro_rho_per_day)


def release_facts() -> ReleaseFacts:
    """The constants of the release method in use."""
    noise = NoiseScales.of(GAUSSIAN_1.micro_rho)
    return ReleaseFacts(
        min_groups=MIN_GROUPS,
        min_people=MIN_PEOPLE,
        largest_share=MOST_OF_LARGEST_PERCENT,
        top_two_share=MOST_OF_TOP_TWO_PERCENT,
        micro_rho_per_day=GAUSSIAN_1.micro_rho,
        month_cap=MONTH_CAP,
        year_cap=YEAR_CAP,
        epsilon_one_day=EPSILON_ONE_DAY,
        epsilon_month=EPSILON_MONTH,
        delta=DELTA,
        sensitivity=(
            f"each sum of scores by at most {SUM_SENSITIVITY_MILLI / 1000:g} (scores are counted"
            " from the middle of the scale) and the count of people by one"
        ),
        noise_on_sum=noise.of_sum_milli / 1000,
        noise_on_count=noise.of_count,
        join_batch=MIN_BATCH,
        join_wait_weeks=LONGEST_WAIT.days // 7,
        not_protected=tuple((one.what, one.why) for one in NOT_PROTECTED_BY_NOISE),
    )
