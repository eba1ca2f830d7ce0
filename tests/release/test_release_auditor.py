import math
import random

import pytest

from assets.core.errors import ScrubError
from assets.released.method import MICRO
from bench.release.audited_release import MICRO_RHO, audited, sums_of, with_one_more
from bench.release.auditor import audit

CLAIMED = MICRO_RHO / MICRO
UNSURE = 0.05
SOUND, _, HALF_SCALE, TWO_ROWS, UNCLIPPED = range(5)


def gaussian(mean: float, draw: random.Random):
    return lambda: [draw.gauss(mean, 1), draw.gauss(0, 1)]


@pytest.mark.parametrize("shift", [0.0, 0.3, -0.3, 1.0, 3.0])
def test_the_auditor_bounds_a_known_rho_from_below(shift: float) -> None:
    draw = random.Random(6)
    found = audit(gaussian(shift, draw), gaussian(0, draw), draws=20_000, unsure=UNSURE)
    rho = shift**2 / 2
    assert found.rho <= rho
    assert found.rho <= found.estimate
    assert found.estimate >= 0.5 * rho


def test_the_auditor_finds_a_pure_difference() -> None:
    draw = random.Random(6)
    found = audit(
        lambda: [draw.uniform(1, 2)], lambda: [draw.uniform(0, 1)], draws=200, unsure=UNSURE
    )
    assert found.rho > 1


# With 12,800 answers to each, 5 standard deviations (1e-6) lie between what is expected and this.
def test_the_draw_costs_no_more_than_it_claims_and_a_good_share_of_it_is_seen(noise) -> None:
    sound = audited(noise)[SOUND]
    found = audit(sound.one, sound.other, draws=16_000, unsure=UNSURE)
    assert found.rho <= CLAIMED
    assert found.estimate >= 0.3 * CLAIMED


@pytest.mark.parametrize(
    ("bug", "draws"),
    [(HALF_SCALE, 6_000), (TWO_ROWS, 6_000), (UNCLIPPED, 1_500)],
    ids=["half the scale", "two rows", "unclipped"],
)
def test_the_auditor_catches_a_bug(bug: int, draws: int, noise) -> None:
    unsound = audited(noise)[bug]
    assert not unsound.sound
    found = audit(unsound.one, unsound.other, draws=draws, unsure=UNSURE)
    assert found.rho > CLAIMED


def test_a_bug_is_caught_in_the_programs_own_noise() -> None:
    unsound = audited()[UNCLIPPED]
    assert audit(unsound.one, unsound.other, draws=1_500, unsure=UNSURE).rho > CLAIMED


@pytest.mark.parametrize("score", [3.0, -0.1, 1.001, math.nan])
def test_the_program_refuses_the_value_that_the_bug_lets_through(score: float) -> None:
    with pytest.raises(ScrubError, match=r"^SCORE_OUT_OF_RANGE$"):
        sums_of(with_one_more(score)[0])
