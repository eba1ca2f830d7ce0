import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.validity.reliability import (
    ENOUGH,
    messages_needed,
    reliability_table,
    separation,
    spearman_brown,
)


def messages(gap: float, count: int = 600) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(5)
    shows = np.arange(count) % 3 == 0
    return 0.5 + 0.1 * (gap * shows + draw.normal(size=count)), shows


@pytest.mark.parametrize(
    ("distance", "spread", "expected"),
    [(1.69, 0.10, 191), (1.69, 0.20, 48), (1.19, 0.10, 333), (0.45, 0.10, 2026)],
)
def test_the_rule_as_it_was_worked_out(distance: float, spread: float, expected: int) -> None:
    assert messages_needed(distance, 0.15, spread) == pytest.approx(expected, abs=1)


@given(
    st.floats(0.2, 3),
    st.floats(0.02, 0.5),
    st.floats(0.02, 0.3),
    st.floats(0.1, 0.9),
)
def test_the_rule_is_the_share_of_real_variance(
    distance: float, prevalence: float, spread: float, wanted: float
) -> None:
    needed = messages_needed(distance, prevalence, spread, wanted)
    real = (distance * spread) ** 2
    chance = (1 + distance**2 * prevalence * (1 - prevalence)) / needed
    assert real / (real + chance) == pytest.approx(wanted)


def test_separation_is_in_deviations_within_a_class() -> None:
    scores, shows = messages(1.5)
    assert separation(scores, shows) == pytest.approx(1.5, abs=0.15)
    assert separation(scores * 3 + 1, shows) == pytest.approx(separation(scores, shows))


@pytest.mark.parametrize(("halves", "whole"), [(0.0, 0), (-0.4, 0), (1.0, 1), (0.5, 2 / 3)])
def test_spearman_brown(halves: float, whole: float) -> None:
    assert spearman_brown(halves) == pytest.approx(whole)


def mean(means: np.ndarray, messages: np.ndarray) -> np.ndarray:
    """A person-day as blurred as its messages, so that what is needed can be worked out."""
    return means


@pytest.fixture(scope="module")
def table():
    scores, shows = messages(1.69)
    return reliability_table(
        {"resilience": scores},
        {"resilience": shows},
        {"resilience": mean},
        spreads=(0.10, 0.20),
        people=(5, 40, 160, 320),
        person_spread=0.0,
        cells=1500,
    )


def test_reliability_grows_with_people_and_spread(table) -> None:
    found = {(one.spread, one.messages // one.people, one.people): one for one in table.rows}
    for spread in (0.10, 0.20):
        for each in (1, 3):
            values = [found[spread, each, people].split_half for people in (5, 40, 160, 320)]
            truths = [found[spread, each, people].with_truth for people in (5, 40, 160, 320)]
            assert truths == sorted(truths)
            assert values[0] < values[2] < values[3]
    for people in (40, 160, 320):
        assert found[0.20, 1, people].split_half > found[0.10, 1, people].split_half


def test_the_simulation_needs_about_what_the_rule_says(table) -> None:
    for one in table.needed:
        # People who are alike: then each message counts as another person's.
        assert one.messages == pytest.approx(one.by_rule, rel=0.35)
        assert one.messages == one.people * one.messages_each


def test_messages_of_one_person_count_for_less(table) -> None:
    scores, shows = messages(1.69)
    alike, differing = (
        reliability_table(
            {"x": scores},
            {"x": shows},
            {"x": mean},
            spreads=(0.20,),
            people=(5, 20, 80, 160),
            messages_each=(10,),
            person_spread=spread,
        ).needed[0]
        for spread in (0.0, 1.5)
    )
    assert differing.people > 1.5 * alike.people


def test_out_of_reach_is_told_as_such() -> None:
    scores, shows = messages(0.2)
    made = reliability_table(
        {"x": scores}, {"x": shows}, {"x": mean}, spreads=(0.05,), people=(3, 10)
    )
    assert all(one.people is None and one.messages is None for one in made.needed)
    assert all(0 <= row.split_half < ENOUGH and row.error > 0 for row in made.rows)
