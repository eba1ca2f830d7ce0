import html
import math
import re

import numpy as np
import pytest

from assets.public.page.page import render_page
from assets.released.noise_scales import NoiseScales
from assets.released.release_facts import MONTH_DAYS, release_facts

SCALES = NoiseScales.of(50_000)


@pytest.fixture(scope="module")
def section(made):
    page = render_page(*made.tables(), made.page_facts())
    start = page.index('<section class="prose" aria-labelledby="protection">')
    text = re.sub(r"<[^>]*>", " ", page[start : page.index("</section>", start)])
    return re.sub(r"\s+", " ", html.unescape(text))


@pytest.mark.slow
def test_the_epsilons_written_down_are_opendp_s(epsilon):
    facts = release_facts()
    for days, written in ((1, facts.epsilon_one_day), (MONTH_DAYS, facts.epsilon_month)):
        exact = epsilon(days * facts.micro_rho_per_day, facts.delta)
        assert exact <= written < exact + 0.1


def test_right_guesses_are_those_of_the_best_test_of_simulated_noise():
    """A likelihood ratio of all four totals, simulated: at most what the page says, and near it."""
    rng = np.random.default_rng(3)
    facts = release_facts()
    noise = np.array([SCALES.of_sum_milli / 1000] * 3 + [SCALES.of_count])
    for days, shift, told in (
        (1, [0.5, 0.5, 0.5, 1], facts.right_guesses(1)),
        (MONTH_DAYS, [0.5, 0.5, 0.5, 1], facts.right_guesses(MONTH_DAYS)),
        (1, [1, 1, 1, 0], facts.right_guesses_of_mood()),
    ):
        apart = np.tile(shift, (days, 1)) / noise
        wrote = rng.integers(0, 2, 40_000)
        seen = (rng.normal(size=(40_000, days, 4)) + wrote[:, None, None] * apart).reshape(
            40_000, -1
        )
        guess = seen @ apart.ravel() > (apart**2).sum() / 2
        right = 100 * np.mean(guess == wrote)
        assert right <= told + 0.8
        assert right >= told - 1.8


def test_noise_on_a_mean_falls_with_people_and_days():
    facts = release_facts()
    of_one = facts.noise_on_mean(100)
    assert facts.noise_on_sum / 100 < of_one < (facts.noise_on_sum + facts.noise_on_count) / 100
    assert facts.noise_on_mean(100, 7) == pytest.approx(of_one / math.sqrt(7))
    assert facts.noise_on_mean(200) == pytest.approx(of_one / 2)


@pytest.mark.parametrize(
    "words",
    [
        "one person’s messages in one group on one day",
        "If you are in two groups it counts twice",
        f"about {SCALES.of_sum_milli / 1000:.1f} to each sum of scores and"
        f" {SCALES.of_count:.0f} to the count of people",
        "on one day, in one group 57 1.5",
        "every day for a month (30 days) 81 9.9",
        "Nothing for a lifetime.",
        "Nothing for a whole group.",
        "at least 5 groups wrote, about 30 people or more",
        "over 50% of the people and no two have over 75%",
        "at least 3 at a time",
        "after 8 weeks at most",
        "at most 1,550,000 on the days of a calendar month and 18,300,000",
        "1 in 1,000,000",
    ],
)
def test_the_guarantee_is_said(section, words):
    assert words in section


def test_the_short_version_has_three_sentences(section):
    short = section.split("What protects the people behind the lines")[1].split("In detail")[0]
    assert len(re.findall(r"\.(?: |$)", short.strip() + " ")) == 3


def test_everything_that_noise_does_not_protect_is_listed(section):
    for what, why in release_facts().not_protected:
        assert what in section
        assert why in section
